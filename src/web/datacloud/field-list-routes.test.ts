import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDataCloudApi } from '../../../test/support/datacloud-api.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { writeWsdl } from '../../wire/wsdl.ts'

const wsdl = (...names: readonly string[]) =>
  writeWsdl({
    messageName: 'To_ERP',
    objectName: 'Account',
    fields: names.map((name) => ({ name, label: name, type: 'string' as const })),
    endpointUrl: 'https://example.com/',
    generatedAt: 0,
  })

const workflow = `<Workflow xmlns="http://soap.sforce.com/2006/04/metadata"><outboundMessages>
  <fullName>To_ERP</fullName><fields>Phone</fields></outboundMessages></Workflow>`

test('a WSDL or workflow file becomes a field list of the job config, in place of the one there was', async (t) => {
  const [store] = storesUnderTest()
  const { jobs, call, codeOf } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  const target = 'POST /jobconfigs/accounts/sfdc/field-lists'
  const headers = { 'content-type': 'text/xml' }

  const first = await call(target, { body: wsdl('Fax', 'Name'), headers })
  assert.equal(first.status, 200)
  await call(target, { body: wsdl('Name'), headers })
  await call(`${target}?actionId=04k5e000000Xy2z&object=Account`, { body: workflow, headers })

  const lists = [
    { object: 'Account', actionId: null, fields: [{ name: 'Name', type: 'string' }] },
    {
      object: 'Account',
      actionId: '04k5e000000Xy2zAAC',
      fields: [{ name: 'Phone', type: null }],
    },
  ]
  const { json } = await call('GET /jobconfigs/accounts')
  assert.deepEqual(json['fieldLists'], lists)
  assert.equal((await jobs.readConfig('accounts'))?.fieldLists.length, 2)

  // As they are shown they can be written.
  const one = await call('PATCH /jobconfigs/accounts', { body: { fieldLists: lists.slice(1) } })
  assert.deepEqual(one.json['fieldLists'], lists.slice(1))
  assert.deepEqual(
    await codeOf('PATCH /jobconfigs/accounts', { body: { fieldLists: [lists[0], lists[0]] } }),
    [400, 'INVALID_FIELD'],
  )

  for (const [query, body, code] of [
    ['', workflow, 'FIELD_LIST_AMBIGUOUS'],
    ['', '<a/>', 'FIELD_LIST_UNREADABLE'],
    ['?object=Contact', wsdl('Name'), 'FIELD_LIST_UNREADABLE'],
    ['?actionId=04k', wsdl('Name'), 'INVALID_FIELD'],
  ] as const) {
    assert.deepEqual(await codeOf(target + query, { body, headers }), [400, code])
  }
})
