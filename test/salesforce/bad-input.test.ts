import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { openTestWeb, type TestWeb } from '../support/open-test-web.ts'

const REST = '/services/data/v64.0'
const GONE = makeRecordId('001', 999_999)

type RestError = {
  readonly errorCode: string
  readonly message: string
  readonly fields?: string[]
}

/** The first error a user sees, with its status. */
function errorsOf({ call }: TestWeb) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const { status, json } = await call(method, REST + path, body, headers)
    assert.ok(Array.isArray(json), `${status} ${JSON.stringify(json)}`)
    const [{ errorCode, message, fields }] = json as [RestError]
    return { status, errorCode, message, fields }
  }
}

async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  return { web, error: errorsOf(web) }
}

test('a malformed query is refused with its row and column', async (t) => {
  const { error } = await setup(t)
  const refused = (soql: string) => error('GET', `/query?q=${encodeURIComponent(soql)}`)

  const malformed = await refused('SELEC Id FROM Account')
  assert.equal(malformed.status, 400)
  assert.equal(malformed.errorCode, 'MALFORMED_QUERY')
  assert.match(malformed.message, /ERROR at Row:1:Column:\d+\n/)
  const unknown = await refused('SELECT Id,\nNme FROM Account')
  assert.equal(unknown.errorCode, 'INVALID_FIELD')
  assert.match(unknown.message, /Row:2:Column:1\n/)
  const type = await refused('SELECT Id FROM ScratchOrgInfo limit 1')
  assert.equal(type.status, 400)
  assert.equal(type.errorCode, 'INVALID_TYPE')
  assert.match(type.message, /sObject type 'ScratchOrgInfo' is not supported/)
  assert.equal((await error('GET', '/query')).errorCode, 'MALFORMED_QUERY')
  assert.equal(
    (await error('GET', '/query/01g000000000001AAA-2000')).errorCode,
    'INVALID_QUERY_LOCATOR',
  )
})

test('JSON that is none is refused with its line and column', async (t) => {
  const { error } = await setup(t)

  const { status, errorCode, message } = await error('POST', '/sobjects/Account', '{"Name": }')
  assert.equal(status, 400)
  assert.equal(errorCode, 'JSON_PARSER_ERROR')
  assert.match(message, /\[line:1, column:10\]/)
  for (const body of ['', '[]', '"x"', 'null', '{"a":1}{}']) {
    assert.equal(
      (await error('POST', '/sobjects/Account', body)).errorCode,
      'JSON_PARSER_ERROR',
      body,
    )
  }
  for (const body of ['{}', '{"records":{}}', '{"records":[1]}']) {
    const path = '/composite/sobjects'
    assert.equal((await error('POST', path, body)).errorCode, 'JSON_PARSER_ERROR', body)
  }
})

test('a value that its field cannot hold is refused under the field’s name', async (t) => {
  const { error } = await setup(t)
  const cases: [Record<string, unknown>, string, string][] = [
    [{ Nme: 'x' }, 'INVALID_FIELD', 'Nme'],
    [{ Amount__c: 'much' }, 'JSON_PARSER_ERROR', 'Amount__c'],
    [{ Paid__c: 'perhaps' }, 'JSON_PARSER_ERROR', 'Paid__c'],
    [{ Due__c: '2026-02-30' }, 'JSON_PARSER_ERROR', 'Due__c'],
    [{ Name: { first: 'x' } }, 'JSON_PARSER_ERROR', 'Name'],
    [{ Ext__c: 'x'.repeat(41) }, 'STRING_TOO_LONG', 'Ext__c'],
    [{ Account__c: 'nonsense' }, 'MALFORMED_ID', 'Account__c'],
    [{ Account__c: GONE }, 'INVALID_CROSS_REFERENCE_KEY', 'Account__c'],
  ]
  for (const [body, code, field] of cases) {
    const refused = await error('POST', '/sobjects/Invoice__c', body)
    assert.equal(refused.status, 400)
    assert.equal(refused.errorCode, code, `${JSON.stringify(body)}: ${refused.message}`)
    assert.deepEqual(refused.fields, [field], refused.message)
  }
  const required = await error('POST', '/sobjects/Contact', { FirstName: 'x' })
  assert.equal(required.errorCode, 'REQUIRED_FIELD_MISSING')
  assert.deepEqual(required.fields, ['LastName'])
})

test('text that a number field, a date or a checkbox can hold is taken, as sf sends it', async (t) => {
  const { web } = await setup(t)

  const { status } = await web.call('POST', `${REST}/sobjects/Invoice__c`, {
    Amount__c: '1000',
    Paid__c: 'true',
    Due__c: '2026-02-28',
    Lines__c: '',
  })
  assert.equal(status, 201)
})

test('a path that leads to nothing is 404', async (t) => {
  const { error } = await setup(t)
  for (const path of [
    '/sobjects/Nope__c',
    '/sobjects/Nope__c/describe',
    `/sobjects/Account/${GONE}`,
    '/sobjects/Account/nonsense',
    '/sobjects/Account/Name/x',
    '/sobjects/Invoice__c/Ext__c/none',
    '/nothing',
    '/../nothing',
  ]) {
    const { status, errorCode } = await error('GET', path)
    assert.deepEqual({ status, errorCode }, { status: 404, errorCode: 'NOT_FOUND' }, path)
  }
  for (const method of ['PATCH', 'DELETE']) {
    const { status, errorCode } = await error(method, `/sobjects/Account/${GONE}`, {})
    assert.deepEqual({ status, errorCode }, { status: 404, errorCode: 'NOT_FOUND' }, method)
  }
})

test('a method that a resource does not have is 405, with those it has', async (t) => {
  const { web, error } = await setup(t)

  const { status, errorCode } = await error('PUT', '/sobjects/Account', {})
  assert.deepEqual({ status, errorCode }, { status: 405, errorCode: 'METHOD_NOT_ALLOWED' })
  const { headers } = await web.call('DELETE', `${REST}/query`)
  assert.equal(headers.get('allow'), 'GET')
})

test('without a session nothing is done and nothing is read', async (t) => {
  const { web, error } = await setup(t)
  const { token } = await web.org.sessions.start(
    (await web.org.users.userNamed('admin@example.com'))!.userId,
  )
  await web.org.sessions.end(token)

  for (const authorization of [
    '',
    'Bearer',
    `Bearer ${token}`,
    `Basic ${token}`,
    `Bearer ${'x'.repeat(9999)}`,
  ]) {
    const { status, errorCode } = await error('POST', '/sobjects/Account', 'nonsense', {
      authorization,
    })
    assert.deepEqual({ status, errorCode }, { status: 401, errorCode: 'INVALID_SESSION_ID' })
  }
  const good = { authorization: `OAuth ${web.token}` }
  assert.equal((await web.call('GET', `${REST}/limits`, undefined, good)).status, 200)
  assert.equal(
    (await web.call('GET', '/services/data', undefined, { authorization: '' })).status,
    200,
  )
})

test('more than 200 records are too many for one request', async (t) => {
  const { error } = await setup(t)
  const records = Array.from({ length: 201 }, () => ({
    attributes: { type: 'Account' },
    Name: 'x',
  }))

  for (const path of ['/composite/sobjects', '/composite/tree/Account']) {
    assert.equal((await error('POST', path, { records })).errorCode, 'EXCEEDED_ID_LIMIT', path)
  }
  const ids = Array.from({ length: 201 }, () => GONE).join(',')
  assert.equal(
    (await error('DELETE', `/composite/sobjects?ids=${ids}`)).errorCode,
    'EXCEEDED_ID_LIMIT',
  )
  assert.equal((await error('DELETE', '/composite/sobjects')).errorCode, 'MISSING_ARGUMENT')
  assert.equal(
    (await error('POST', '/composite/sobjects', { records: [{}] })).errorCode,
    'MISSING_ARGUMENT',
  )
})

test('a tree of records is planted whole or not at all', async (t) => {
  const { web } = await setup(t)
  const plant = (...records: object[]) =>
    web.call('POST', `${REST}/composite/tree/Account`, { records })
  const record = (referenceId: string, fields: object) => ({
    attributes: { type: 'Account', referenceId },
    ...fields,
  })

  const good = await plant(record('A', { Name: 'a' }), record('B', { Name: 'b' }))
  assert.equal(good.status, 201)
  const { hasErrors, results } = good.json as {
    hasErrors: boolean
    results: { referenceId: string }[]
  }
  assert.equal(hasErrors, false)
  assert.deepEqual(
    results.map(({ referenceId }) => referenceId),
    ['A', 'B'],
  )
  const bad = await plant(record('A', { Name: 'a' }), record('B', { Nme: 'b' }))
  assert.equal(bad.status, 400)
  assert.equal((bad.json as { hasErrors: boolean }).hasErrors, true)
})

test('names that every object inherits are no fields, objects or locators', async (t) => {
  const { web, error } = await setup(t)

  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.equal((await error('GET', `/sobjects/${name}/describe`)).status, 404)
    const { errorCode } = await error('POST', '/sobjects/Account', `{"Name":"x","${name}":"y"}`)
    assert.equal(errorCode, 'INVALID_FIELD', name)
  }
  assert.equal((await web.call('GET', `${REST}/query/__proto__`)).status, 400)
})
