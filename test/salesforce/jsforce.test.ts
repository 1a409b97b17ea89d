import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import jsforce from 'jsforce'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { ADMIN, openTestWeb } from '../support/open-test-web.ts'

const GONE = makeRecordId('001', 999_999)

/** jsforce as people have it, signed in over SOAP. */
async function signedIn(t: TestContext) {
  const web = await openTestWeb(t)
  const connection = new jsforce.Connection({ loginUrl: web.url, version: '64.0' })
  await connection.login(ADMIN.username, ADMIN.password)
  return { web, connection }
}

/** What jsforce throws, for a look at what a user sees. */
async function failure(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof Error)
    const { name, message } = error
    return { name, message, fields: (Reflect.get(error, 'data') as { fields?: string[] })?.fields }
  }
  throw new Error('nothing was refused')
}

/** The code of a collection's first error: jsforce's type calls it otherwise than the API does. */
function codeOf(result: { errors: readonly object[] } | undefined): unknown {
  return Reflect.get(result?.errors[0] ?? {}, 'statusCode')
}

const accounts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    Name: `Account ${String(index).padStart(4, '0')}`,
  }))

test('signing in over SOAP, being somebody, and signing out', async (t) => {
  const { web, connection } = await signedIn(t)

  const identity = await connection.identity()
  assert.equal(identity.username, ADMIN.username)
  assert.equal(identity.organization_id, web.org.organizationId)
  assert.equal((await connection.soap.getUserInfo()).userName, ADMIN.username)

  const { accessToken } = connection
  await connection.logout()
  const again = new jsforce.Connection({ instanceUrl: web.url, accessToken: accessToken ?? '' })
  assert.equal((await failure(again.identity())).name, 'INVALID_SESSION_ID')
  assert.equal(
    (await failure(again.sobject('Account').create({ Name: 'x' }))).name,
    'INVALID_SESSION_ID',
  )
  assert.match((await failure(again.soap.getUserInfo())).name, /^sf:INVALID_SESSION_ID$/)
})

test('signing in with OAuth, through a login URL with a slash at its end', async (t) => {
  const web = await openTestWeb(t)
  const oauth2 = { loginUrl: `${web.url}/`, clientId: 'any', clientSecret: 'secret' }
  const connection = new jsforce.Connection({ oauth2 })

  const user = await connection.login(ADMIN.username, ADMIN.password)

  assert.equal(user.organizationId, web.org.organizationId)
  assert.equal((await connection.identity()).user_id, user.id)
  assert.equal(connection.instanceUrl, web.url)
  await connection.logout()
})

test('who cannot sign in is told why', async (t) => {
  const web = await openTestWeb(t)
  const soap = new jsforce.Connection({ loginUrl: web.url })
  const oauth2 = { loginUrl: web.url, clientId: 'any', clientSecret: 'secret' }
  const oauth = new jsforce.Connection({ oauth2 })
  const newest = new jsforce.Connection({ loginUrl: web.url, version: '65.0' })

  assert.match((await failure(soap.login(ADMIN.username, 'wrong'))).message, /^INVALID_LOGIN: /)
  assert.match((await failure(soap.login('nobody', 'wrong'))).message, /^INVALID_LOGIN: /)
  assert.equal((await failure(oauth.login(ADMIN.username, 'wrong'))).name, 'invalid_grant')
  const grant = { grant_type: 'client_credentials' }
  assert.equal((await failure(oauth.authorize(grant))).name, 'unsupported_grant_type')
  const { message } = await failure(newest.login(ADMIN.username, ADMIN.password))
  assert.match(message, /login\(\) is not available in API version 65.0/)
})

test('one record is created, changed, read, upserted and deleted', async (t) => {
  const { connection } = await signedIn(t)
  const account = connection.sobject('Account')

  const created = await account.create({ Name: 'Acme', AnnualRevenue: 1234 })
  assert.ok(created.success)
  assert.ok((await account.update({ Id: created.id, Phone: '1' })).success)
  const read = await account.retrieve(created.id)
  assert.equal(read.Name, 'Acme')
  assert.equal(read.Phone, '1')
  assert.equal(read.AnnualRevenue, 1234)
  assert.equal(read.attributes?.type, 'Account')
  assert.match(String(read.CreatedDate), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)
  const some = await account.retrieve(created.id, { fields: ['name'] })
  assert.deepEqual(Object.keys(some).sort(), ['Name', 'attributes'])

  const invoice = connection.sobject('invoice__C')
  const first = await invoice.upsert({ ext__C: 'A/1 ü', amount__C: '10.50' }, 'ext__C')
  const second = await invoice.upsert({ Ext__c: 'A/1 ü', Paid__c: true }, 'Ext__c')
  assert.equal(Reflect.get(first, 'created'), true)
  assert.equal(Reflect.get(second, 'created'), false)
  assert.equal(first.id, second.id)

  assert.ok((await account.destroy(created.id)).success)
  assert.equal((await failure(account.retrieve(created.id))).name, 'NOT_FOUND')
})

test('200 records at once are created, changed, read, upserted and deleted', async (t) => {
  const { connection } = await signedIn(t)
  const account = connection.sobject('Account')

  const created = await account.create(accounts(200))
  const ids = created.map(({ id }) => id ?? '')
  assert.ok(created.every(({ success }) => success))
  assert.equal(new Set(ids).size, 200)
  const changed = await account.update(ids.map((Id) => ({ Id, Phone: '1' })))
  assert.ok(changed.every(({ success }) => success))
  const read = await account.retrieve([...ids.slice(0, 2), GONE])
  assert.deepEqual(
    read.map((record) => record?.Name),
    ['Account 0000', 'Account 0001', undefined],
  )
  const invoices = ids.map((Account__c, index) => ({ Ext__c: `E${index}`, Account__c }))
  const upserted = await connection.sobject('Invoice__c').upsert(invoices, 'Ext__c')
  assert.ok(upserted.every((each) => each.success && Reflect.get(each, 'created') === true))
  const deleted = await account.destroy(ids)
  assert.ok(deleted.every(({ success }) => success))
})

test('of several records the good ones are saved, or none with allOrNone', async (t) => {
  const { connection } = await signedIn(t)
  const account = connection.sobject('Account')
  const mixed = [{ Name: 'good' }, { Name: 'bad', Nme: 'x' }]

  const some = await account.create(mixed)
  const [good, bad] = some
  assert.ok(good?.success)
  assert.deepEqual(bad?.errors[0], {
    statusCode: 'INVALID_FIELD',
    message: "No such column 'Nme' on sobject of type Account",
    fields: ['Nme'],
  })
  const none = await account.create(mixed, { allOrNone: true })
  assert.equal(codeOf(none[0]), 'ALL_OR_NONE_OPERATION_ROLLED_BACK')
  const missing = await account.destroy([good?.id ?? '', GONE])
  assert.equal(missing[1]?.success, false)
  assert.equal((await connection.query('SELECT Id FROM Account')).totalSize, 0)
})

test('a query answers parents, counts, and pages that follow each other', async (t) => {
  const { connection } = await signedIn(t)
  const [parent] = await connection.sobject('Account').create(accounts(1))
  const invoice = connection.sobject('Invoice__c')
  const rows = Array.from({ length: 600 }, (_, index) => ({
    Ext__c: `E${index}`,
    Account__c: parent?.id,
  }))
  for (let start = 0; start < rows.length; start += 200)
    await invoice.create(rows.slice(start, start + 200))

  const { records } = await connection.query(
    "select id, account__r.name, Account__r.Owner.Username, Paid__c, Amount__c from invoice__c where ext__C = 'E7'",
  )
  const [record] = records
  assert.equal(record?.Account__r?.Name, 'Account 0000')
  assert.equal(record?.Account__r?.Owner?.Username, ADMIN.username)
  assert.equal(record?.Paid__c, false)
  assert.equal(record?.Amount__c, null)

  const headers = { 'Sforce-Query-Options': 'batchSize=200' }
  const soql = 'SELECT Id FROM Invoice__c ORDER BY Ext__c'
  const first = await connection.query(soql, { headers })
  assert.equal(first.totalSize, 600)
  assert.equal(first.records.length, 200)
  const second = await connection.queryMore(first.nextRecordsUrl ?? '')
  assert.equal(second.records.length, 200)
  assert.equal(second.done, false)
  const all = await connection.query(soql, { headers, autoFetch: true, maxFetch: 1000 })
  assert.equal(new Set(all.records.map(({ Id }) => Id)).size, 600)
  assert.equal((await connection.query('SELECT COUNT() FROM Invoice__c')).totalSize, 600)
})

test('objects are described, alone and all together', async (t) => {
  const { connection } = await signedIn(t)

  const { sobjects } = await connection.describeGlobal()
  assert.ok(sobjects.some(({ name }) => name === 'Invoice__c'))
  const described = await connection.describe('invoice__c')
  const reference = described.fields.find(({ name }) => name === 'Account__c')
  assert.equal(described.name, 'Invoice__c')
  assert.equal(reference?.relationshipName, 'Account__r')
  assert.equal((await failure(connection.describe('Nope__c'))).name, 'NOT_FOUND')
  await connection.limits()
  assert.ok((connection.limitInfo.apiUsage?.used ?? 0) > 0)
})

test('records are saved over SOAP, too', async (t) => {
  const { connection } = await signedIn(t)

  const [created] = await connection.soap.create([{ type: 'Account', Name: 'S', Phone: '1' }])
  assert.ok(created?.success)
  const Id = created.id ?? ''
  const [changed] = await connection.soap.update([{ type: 'Account', Id, fieldsToNull: ['Phone'] }])
  assert.ok(changed?.success)
  const { records } = await connection.query(`SELECT Name, Phone FROM Account WHERE Id = '${Id}'`)
  assert.equal(records[0]?.Phone, null)
  const [deleted] = await connection.soap.delete([Id])
  assert.ok(deleted?.success)
})

test('an old listener calls back with the session id and partner URL of a message', async (t) => {
  const { web, connection } = await signedIn(t)
  const { id } = await connection.sobject('Account').create({ Name: 'Acme' })
  const organization = web.org.organizationId.slice(0, 15)
  const serverUrl = `${web.url}/services/Soap/u/60.0/${organization}`

  const callback = new jsforce.Connection({ sessionId: web.token, serverUrl })

  assert.equal(callback.version, '50.0') // jsforce's own, whatever the URL says
  assert.equal((await callback.sobject('Account').retrieve(id ?? '')).Name, 'Acme')
  assert.equal((await callback.soap.getUserInfo()).organizationId, web.org.organizationId)
})
