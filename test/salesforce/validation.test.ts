import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestWeb, type TestWeb } from '../support/open-test-web.ts'
import { asDefinitions, validationRule } from '../support/org-definitions.ts'

const CODE = 'FIELD_CUSTOM_VALIDATION_EXCEPTION'

/** An org whose accounts need a phone, and a site if they are hot. */
async function openStrictWeb(t: TestContext): Promise<TestWeb> {
  const web = await openTestWeb(t)
  const validationRules = [
    validationRule({
      fullName: 'Phone_needed',
      errorConditionFormula: 'ISBLANK(Phone)',
      errorDisplayField: 'Phone',
    }),
    validationRule({
      fullName: 'Site_needed',
      errorConditionFormula: 'AND(ISPICKVAL(Rating, "Hot"), ISBLANK(Site))',
    }),
  ]
  await web.stores.org.replaceDefinitions('setup', asDefinitions({ validationRules }))
  return web
}

test('REST answers one error for each rule that refuses the record', async (t) => {
  const { call } = await openStrictWeb(t)

  const made = await call('POST', '/services/data/v60.0/sobjects/Account', {
    Name: 'A',
    Rating: 'Hot',
  })

  assert.equal(made.status, 400)
  assert.deepEqual(made.json, [
    { message: 'Phone needed', errorCode: CODE, fields: ['Phone'] },
    { message: 'Site needed', errorCode: CODE, fields: [] },
  ])
})

test('a collection saves what passes, or with all or none nothing', async (t) => {
  const { call } = await openStrictWeb(t)
  const records = [{ Name: 'A' }, { Name: 'B', Phone: '1' }].map((fields) => {
    return { attributes: { type: 'Account' }, ...fields }
  })
  const save = async (allOrNone: boolean) => {
    const body = { allOrNone, records }
    const { json } = await call('POST', '/services/data/v60.0/composite/sobjects', body)
    return json as { success: boolean; errors: { statusCode: string }[] }[]
  }

  assert.deepEqual(
    (await save(false)).map(({ success, errors }) => [success, errors[0]?.statusCode]),
    [
      [false, CODE],
      [true, undefined],
    ],
  )
  assert.deepEqual(
    (await save(true)).map(({ success, errors }) => [success, errors[0]?.statusCode]),
    [
      [false, CODE],
      [false, 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
    ],
  )
})

test('SOAP answers them in the save result', async (t) => {
  const web = await openStrictWeb(t)
  const body = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">
    <soapenv:Header><urn:SessionHeader><urn:sessionId>${web.token}</urn:sessionId></urn:SessionHeader></soapenv:Header>
    <soapenv:Body><urn:create><urn:sObjects><type>Account</type><Name>A</Name></urn:sObjects></urn:create></soapenv:Body></soapenv:Envelope>`
  const response = await fetch(`${web.url}/services/Soap/u/60.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body,
  })

  assert.match(
    await response.text(),
    new RegExp(
      `<errors><fields>Phone</fields><message>Phone needed</message><statusCode>${CODE}</statusCode></errors>`,
    ),
  )
})
