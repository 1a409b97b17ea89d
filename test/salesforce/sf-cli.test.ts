import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { openTestWeb } from '../support/open-test-web.ts'

type Json = Record<string, unknown>

/** Requests as the Salesforce CLI sends them after a login with an access token: with two slashes. */
async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  const get = async (path: string) => {
    const { status, json } = await web.call('GET', `/${path}`)
    return { status, json: json as Json }
  }
  const query = (soql: string, more = '') =>
    get(`/services/data/v64.0/query?q=${encodeURIComponent(soql)}${more}`)
  return { web, get, query }
}

test('sf org login access-token finds its user, no Dev Hub, and the kind of organization', async (t) => {
  const { web, get, query } = await setup(t)

  const { json: info } = await get('/services/oauth2/userinfo')
  assert.equal(info.preferred_username, 'admin@example.com')
  assert.equal(info.organization_id, web.org.organizationId)
  const { json: user } = await get(`/services/data/v51.0/sobjects/User/${info.user_id}`)
  assert.equal(user.Username, 'admin@example.com')
  assert.equal((await query('SELECT Id FROM ScratchOrgInfo limit 1')).status, 400)
  const { json } = await query(
    'SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization',
  )
  const [organization] = json.records as Json[]
  assert.equal(typeof organization?.OrganizationType, 'string')
  assert.equal(organization?.IsSandbox, false)
})

test('sf org display asks for the resources of a version, whatever its number', async (t) => {
  const { web, get } = await setup(t)

  for (const version of ['v20.0', 'v31.0', 'v64.0', 'v99.0']) {
    const { json } = await get(`/services/data/${version}`)
    const user = String(json.identity).split('/').at(-1)
    assert.equal(json.identity, `${web.url}/id/${web.org.organizationId}/${user}`)
    assert.equal(json.query, `/services/data/${version}/query`)
  }
  assert.equal((await get('/services/data/newest')).status, 404)
  const versions = (await get('/services/data')).json as unknown as Json[]
  assert.deepEqual(versions.at(-1), {
    label: 'Winter ’27',
    url: '/services/data/v68.0',
    version: '68.0',
  })
})

test('sf data query draws its table from what the columns are', async (t) => {
  const { query } = await setup(t)

  const { json } = await query(
    'SELECT Id, Name, Account__r.Name, Amount__c FROM Invoice__c',
    '&columns=true',
  )

  const columns = json.columnMetadata as Json[]
  assert.deepEqual(
    columns.map(({ columnName }) => columnName),
    ['Id', 'Name', 'Account__r', 'Amount__c'],
  )
  const [, , parent, amount] = columns
  assert.deepEqual(
    ((parent?.joinColumns ?? []) as Json[]).map(({ columnName }) => columnName),
    ['Name'],
  )
  assert.equal(amount?.numberType, true)
  assert.equal(amount?.custom, true)
  assert.equal(json.entityName, 'Invoice__c')
  assert.equal(json.idSelected, true)
})

test('sf data create record, with its values as texts, and a query that shows them', async (t) => {
  const { web, query } = await setup(t)

  const body = {
    amount__c: '12345678901234.50',
    Lines__c: '7',
    Paid__c: true,
    Due__c: '',
    Sent__c: '2026-02-03T04:05:06.789+02:00',
  }
  const created = await web.call('POST', '//services/data/v64.0/sobjects/invoice__c', body)
  const { id } = created.json as { id: string }
  assert.equal(created.status, 201)
  assert.equal(created.headers.get('location'), `/services/data/v64.0/sobjects/Invoice__c/${id}`)
  assert.match(created.headers.get('sforce-limit-info') ?? '', /^api-usage=\d+\/\d+$/)

  const { json } = await query(
    'SELECT amount__c, LINES__C, Paid__c, Due__c, Sent__c FROM Invoice__c',
  )
  const [record] = json.records as Json[]
  assert.deepEqual(record, {
    attributes: { type: 'Invoice__c', url: `/services/data/v64.0/sobjects/Invoice__c/${id}` },
    Amount__c: 12345678901234.5,
    Lines__c: 7,
    Paid__c: true,
    Due__c: null,
    Sent__c: '2026-02-03T02:05:06.000+0000',
  })
})

test('who one is, is told to oneself only', async (t) => {
  const { web, get } = await setup(t)
  const { json: info } = await get('/services/oauth2/userinfo')
  const path = `/id/${web.org.organizationId}/${info.user_id}`
  const identity = async (at: string, authorization: string) => {
    const { status, json } = await web.call('GET', at, undefined, { authorization })
    return { status, json }
  }

  assert.equal((await identity(`${path}?format=json&oauth_token=${web.token}`, '')).status, 200)
  assert.deepEqual(await identity(path, 'Bearer nobody'), { status: 403, json: 'Bad_OAuth_Token' })
  const other = path.replace(String(info.user_id), makeRecordId('005', 99))
  assert.equal((await identity(other, `Bearer ${web.token}`)).status, 403)
  assert.equal(
    (await web.call('GET', '/services/oauth2/userinfo', undefined, { authorization: '' })).status,
    401,
  )
})

test('a token answer is signed, and a revoked token is over', async (t) => {
  const { web } = await setup(t)
  const form = (path: string, values: Record<string, string>) =>
    fetch(`${web.url}/services/oauth2/${path}`, {
      method: 'POST',
      body: new URLSearchParams(values),
    })

  const { username, password } = { username: 'admin@example.com', password: 'correct horse' }
  const answer = (await (
    await form('token', { grant_type: 'password', username, password })
  ).json()) as Json
  assert.equal(answer.instance_url, web.url)
  assert.equal(answer.token_type, 'Bearer')
  assert.equal(Buffer.from(String(answer.signature), 'base64').length, 32)
  assert.match(String(answer.access_token), /^00D\w{12}![.\w]+$/)
  for (const values of [{}, { grant_type: 'password' }, { grant_type: 'password', username }]) {
    const refused = await form('token', values as Record<string, string>)
    assert.equal(refused.status, 400)
    assert.equal(((await refused.json()) as Json).error, 'invalid_request')
  }
  const token = String(answer.access_token)
  assert.equal((await form('revoke', { token })).status, 200)
  assert.equal((await form('revoke', { token })).status, 200)
  const authorization = `Bearer ${token}`
  assert.equal(
    (await web.call('GET', '/services/data/v64.0', undefined, { authorization })).status,
    401,
  )
})
