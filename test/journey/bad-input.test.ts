import assert from 'node:assert/strict'
import { request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { ADMIN, accountsProject, configuredJob } from '../support/accounts-project.ts'
import { eventually } from '../support/eventually.ts'
import { DATACLOUD_PASSWORD, exampleFolder, openTestHouse } from '../support/open-test-house.ts'
import { outboundMessage } from '../support/outbound-message.ts'
import { openRestClient, REST } from '../support/rest-client.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'

const RECEIVER = '/v2/api/jobconfigs/accounts/sfdc/obm'
const SOAP = '/services/Soap/u/60.0'

/** A house that receives for a job config which lets everybody in. */
async function open(t: TestContext, store: StoreUnderTest, { active = true } = {}) {
  const folder = await accountsProject(t, {
    messages: [{ endpointUrl: 'http://127.0.0.1:9/' }],
    config: {
      jobConfigs: [{ ...configuredJob(['true']), active }],
      dataCloud: { username: 'datacloud@obm.example' },
    },
  })
  const opened = await openTestHouse(t, { store, folder })
  return { ...opened, post: (path: string, body: string) => post(opened.url + path, body) }
}

async function post(url: string, body: string) {
  const headers = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' }
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  const code = /<code>(.*)<\/code>|<faultcode>sf:(.*)<\/faultcode>/.exec(text)
  return { status: response.status, text, code: code?.[1] ?? code?.[2] ?? null }
}

const [sqlite] = storesUnderTest()
const openSqlite = (t: TestContext) => open(t, sqlite ?? assert.fail())

/** Ten levels of ten: ten thousand million letters, were it read. */
function entityBomb(document: string): string {
  const levels = Array.from(
    { length: 10 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  )
  const doctype = `<!DOCTYPE bomb [<!ENTITY e0 "l">${levels.join('')}]>`
  return document.replace('?>', `?>${doctype}`).replace(/Account 1/, '&e10;')
}

for (const store of storesUnderTest()) {
  test(`${store.name}: an inactive job config holds: what comes is acknowledged, waits, and runs when it is activated`, async (t) => {
    const { post, stores, url } = await open(t, store, { active: false })
    const { status, text } = await post(RECEIVER, outboundMessage({ notifications: [1, 2] }))
    assert.equal(status, 200)
    assert.match(text, /<Ack>true<\/Ack>/)
    assert.equal(await stores.jobs.countRuns({ statuses: ['WAITING'] }), 2)

    const login = await fetch(`${url}/v2/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'datacloud@obm.example', password: DATACLOUD_PASSWORD }),
    })
    const { access_token: token } = (await login.json()) as { access_token: string }
    const client = openRestClient(url, token)
    assert.equal((await client.call('PATCH', '/v2/api/jobconfigs/accounts/activate')).status, 200)

    await eventually('both have run', async () => {
      return (await stores.jobs.countRuns({ statuses: ['FINISHED'] })) === 2
    })
  })

  test(`${store.name}: a store that cannot write is an error to clients, and no Ack to senders`, async (t) => {
    const { client, post, stores } = await open(t, store)
    await client.createAccount({ Name: 'While it can' })
    await stores.close()

    const { status, json } = await client.call('POST', `${REST}/sobjects/Account`, { Name: 'x' })
    const [error] = json as { errorCode: string; message: string }[]
    assert.deepEqual([status, error?.errorCode], [500, 'UNKNOWN_EXCEPTION'])
    assert.match(error?.message ?? '', /ErrorId: [-\w]+$/) // the log has the rest
    const message = await post(RECEIVER, outboundMessage())
    assert.deepEqual([message.status, message.code], [503, 'STORE_UNAVAILABLE'])
    assert.doesNotMatch(message.text, /Ack/)
  })
}

test('an entity bomb is refused unread, by the receiver and by the org', async (t) => {
  const { post, stores } = await openSqlite(t)
  const message = await post(RECEIVER, entityBomb(outboundMessage()))
  assert.deepEqual([message.status, message.code], [400, 'DOCTYPE_REFUSED'])
  assert.equal(await stores.jobs.countRuns({}), 0)

  const login = await post(SOAP, entityBomb(loginXml(ADMIN.username, ADMIN.password)))
  assert.equal(login.status, 500)
  assert.match(login.text, /DOCTYPE/)
  assert.doesNotMatch(login.text, /sessionId/)
})

test('malformed SOAP is a fault, to senders and to clients', async (t) => {
  const { post, stores } = await openSqlite(t)
  const message = await post(RECEIVER, outboundMessage().slice(0, -40))
  assert.deepEqual([message.status, message.code], [400, 'MALFORMED_XML'])
  assert.equal(await stores.jobs.countRuns({}), 0)

  const login = await post(SOAP, loginXml(ADMIN.username, ADMIN.password).slice(0, -20))
  assert.equal(login.status, 500)
  assert.match(login.text, /<soapenv:Fault>/)
})

test('a hundred and one notifications are refused whole', async (t) => {
  const { post, stores } = await openSqlite(t)
  const notifications = Array.from({ length: 101 }, (_, index) => index + 1)
  const { status, code } = await post(RECEIVER, outboundMessage({ notifications }))
  assert.deepEqual([status, code], [400, 'TOO_MANY_NOTIFICATIONS'])
  assert.equal(await stores.jobs.countRuns({}), 0)
})

test('a wrong password opens nothing, whichever way it is given', async (t) => {
  const { post, url } = await openSqlite(t)
  const soap = await post(SOAP, loginXml(ADMIN.username, 'wrong'))
  assert.deepEqual([soap.status, soap.code], [500, 'INVALID_LOGIN'])

  const body = new URLSearchParams({
    grant_type: 'password',
    username: ADMIN.username,
    password: 'wrong',
  })
  const oauth = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body })
  assert.equal(oauth.status, 400)
  assert.equal(((await oauth.json()) as { error: string }).error, 'invalid_grant')

  const { status, json } = await openRestClient(url, '').call('POST', '/v2/api/login', {
    username: 'datacloud@obm.example',
    password: 'wrong',
  })
  assert.deepEqual([status, (json as { code: string }).code], [401, 'LOGIN_FAILED'])
})

test('a session that has expired is over: for clients, and for messages that carry it', async (t) => {
  const folder = exampleFolder('accounts-to-datacloud')
  const opened = await openTestHouse(t, { store: sqlite ?? assert.fail(), folder })
  const { client, clock, house, token, url } = opened
  assert.equal((await client.call('GET', `${REST}/limits`)).status, 200)

  clock.advance(13 * 60 * 60 * 1000)

  const { status, json } = await client.call('GET', `${REST}/limits`)
  assert.equal(status, 401)
  assert.equal((json as { errorCode: string }[])[0]?.errorCode, 'INVALID_SESSION_ID')
  const { organizationId } = house.org
  const message = outboundMessage({
    organizationId,
    sessionId: token,
    partnerUrl: `${url}/services/Soap/u/60.0/${organizationId.slice(0, 15)}`,
  })
  const answer = await post(url + RECEIVER, message)
  assert.deepEqual([answer.status, answer.code], [401, 'SESSION_ID_INVALID'])
})

test('a page of the web that had its name resolved to this machine is refused everywhere', async (t) => {
  const { url } = await openSqlite(t)
  for (const path of ['/', '/services/data', '/setup/api/outbox', '/v2/api/jobs', RECEIVER]) {
    assert.equal(await statusWithHost(url + path, 'evil.example'), 403, path)
    assert.notEqual(await statusWithHost(url + path, 'localhost:8080'), 403, path)
  }
})

/** `fetch` does not let a Host be set. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const get = request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    get.once('error', reject)
    get.end()
  })
}

function loginXml(username: string, password: string): string {
  return `<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:partner.soap.sforce.com"><e:Body><u:login><u:username>${username}</u:username><u:password>${password}</u:password></u:login></e:Body></e:Envelope>`
}
