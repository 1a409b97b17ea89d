import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Registry } from 'prom-client'
import { afterTest } from '../../../test/support/after-test.ts'
import { openFakeOrg, SESSION_ID } from '../../../test/support/fake-org.ts'
import { notificationId, outboundMessage } from '../../../test/support/outbound-message.ts'
import { quickHash } from '../../../test/support/quick-password.ts'
import {
  jobConfig,
  openReceivingStoreAt,
  openTestListener,
  type TestListener,
} from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { silentLog } from '../../base/log.ts'
import { sha256Hex } from '../../base/secrets/sha256-hex.ts'
import { countEvents } from '../../house/metrics/count-events.ts'
import type { JobConfig } from '../../jobs/job-config.ts'
import { OPEN_ROUTE, type RouteAuthentication } from '../../jobs/route-authentication.ts'

// What the receiver answers to whom: each case once, with all that belongs to a refusal.

type Ask = {
  readonly config?: Partial<JobConfig>
  readonly authentication?: Partial<RouteAuthentication>
  readonly listener?: Parameters<typeof openTestListener>[2]
}

async function open(t: TestContext, { config, authentication, listener: ask }: Ask = {}) {
  const [sqlite] = storesUnderTest()
  assert.ok(sqlite)
  const stores = await openReceivingStoreAt(t, await sqlite.url(t))
  await stores.jobs.writeConfig(
    jobConfig({ authentication: { ...OPEN_ROUTE, ...authentication }, ...config }),
  )
  const listener = await openTestListener(t, stores, ask)
  return { stores, listener }
}

/** Sends the same twice, and holds the refusal to all that it must have. */
async function refuses(
  listener: TestListener,
  [status, code]: readonly [number, string],
  { body = outboundMessage(), path = 'accounts', method = 'POST', headers = {} } = {},
): Promise<void> {
  const from = listener.log.lines.length
  for (let times = 1; times <= 2; times += 1) {
    const reply = await listener.post(body, { path, method, headers })
    assert.deepEqual([reply.status, reply.code], [status, code])
    assert.equal(reply.headers.get('content-type'), 'text/xml; charset=utf-8')
    assert.doesNotMatch(reply.body, /Ack/)
    const whose = status >= 500 ? 'Server' : 'Client'
    assert.match(
      reply.body,
      new RegExp(`<faultcode>soapenv:${whose}</faultcode>\\s*<faultstring>.{10,}`),
    )
    assert.equal(reply.headers.get('retry-after'), status === 503 ? '30' : null)
  }
  const lines = listener.log.lines.slice(from)
  const refused = lines.filter(({ event }) => event === 'inbox.refused')
  assert.deepEqual(
    refused.map(({ level, fields }) => [level, fields.code, fields.status, fields.remoteAddress]),
    Array(2).fill(['info', code, status, '127.0.0.1']),
  )
  const alerts = lines.filter(({ event }) => event === 'inbox.route_fails')
  assert.deepEqual(
    alerts.map(({ level, fields }) => [level, fields.code]),
    [['warn', code]],
  )
  assert.equal(await counted(lines, code), 2)
}

/** What Prometheus would be shown of these lines. */
async function counted(lines: TestListener['log']['lines'], code: string): Promise<number> {
  const registry = new Registry()
  const log = countEvents(silentLog, registry)
  for (const { event, fields } of lines) log.info(event, fields)
  const text = await registry.metrics()
  return Number(new RegExp(`obm_refused_messages_total\\{code="${code}"\\} (\\d+)`).exec(text)?.[1])
}

test('stored, job queued: Ack', async (t) => {
  const { stores, listener } = await open(t)
  assert.equal((await listener.post(outboundMessage())).status, 200)
  assert.equal(await stores.jobs.countRuns({ statuses: ['QUEUED'] }), 1)
})

test('a duplicate: Ack, no new job; of a mixed batch only what is new is stored', async (t) => {
  const { stores, listener } = await open(t)
  for (const notifications of [[1], [1], [1, 2]]) {
    const reply = await listener.post(outboundMessage({ notifications }))
    assert.match(reply.body, /<Ack>true<\/Ack>/)
  }
  assert.equal(await stores.jobs.countRuns({}), 2)
})

test('unknown job config: 404, nothing stored, and the log names organisation and outbound message', async (t) => {
  const { stores, listener } = await open(t)
  await refuses(listener, [404, 'UNKNOWN_JOB_CONFIG'], { path: 'acounts' })
  assert.equal(await stores.jobs.countRuns({}), 0)
  const { fields } = listener.log.lines.find(({ level }) => level === 'warn') ?? {}
  assert.deepEqual(
    [fields?.jobConfigId, fields?.organizationId, fields?.actionId, fields?.notificationCount],
    ['acounts', '00D5e000000Abc1EAC', '04k5e000000Xy2zAAC', 1],
  )
})

test('unknown job config with a body that is large, slow or no message: 404 all the same, within a second', async (t) => {
  const { listener } = await open(t)
  const refused = [404, 'UNKNOWN_JOB_CONFIG'] as const
  await refuses(listener, refused, { path: 'a', body: 'x'.repeat(300_000) })
  await refuses(listener, refused, { path: 'b', body: '<!DOCTYPE a><a/>' })
  const { port } = new URL(listener.url)
  const slow = connect(Number(port), '127.0.0.1')
  afterTest(t, () => slow.destroy())
  slow.write(
    'POST /v2/api/jobconfigs/c/sfdc/obm HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n<',
  )
  const answer = await new Promise((resolve) => slow.once('data', (data) => resolve(String(data))))
  assert.match(String(answer), /^HTTP\/1\.1 404 /)
})

test('wrong path secret: 403', async (t) => {
  const pathSecretHashes = [sha256Hex('x'.repeat(22))]
  const { listener } = await open(t, { authentication: { pathSecretHashes } })
  await refuses(listener, [403, 'PATH_SECRET_WRONG'], { path: `accounts/${'y'.repeat(22)}` })
})

test('wrong address: 403', async (t) => {
  const { listener } = await open(t, { authentication: { allowedIps: ['203.0.113.0/24'] } })
  await refuses(listener, [403, 'ADDRESS_NOT_ALLOWED'], {
    headers: { 'x-forwarded-for': '203.0.113.7' },
  })
})

test('no client certificate where one is asked for: 403', async (t) => {
  const clientCertificate = { fingerprints: ['a'.repeat(64)] }
  const { listener } = await open(t, { authentication: { clientCertificate } })
  const headers = { 'x-client-cert': 'a'.repeat(64) }
  await refuses(listener, [403, 'CLIENT_CERTIFICATE_MISSING'], { headers })
})

test('organisation not on the list: 403', async (t) => {
  const { listener } = await open(t, {
    authentication: { organizationIds: ['00D5e000000Abc2EAC'] },
  })
  await refuses(listener, [403, 'ORGANIZATION_NOT_ALLOWED'])
})

test('outbound message not on the list: 403', async (t) => {
  const { listener } = await open(t, { authentication: { actionIds: ['04k5e000000Xy3zAAC'] } })
  await refuses(listener, [403, 'ACTION_NOT_ALLOWED'])
})

test('inactive, told to hold: Ack, and the runs wait until it is active', async (t) => {
  const { stores, listener } = await open(t, { config: { isActive: false } })
  assert.equal((await listener.post(outboundMessage())).status, 200)
  assert.equal(await stores.jobs.countRuns({ statuses: ['WAITING'] }), 1)
  await stores.jobs.activateConfig('accounts', true)
  assert.equal(await stores.jobs.countRuns({ statuses: ['QUEUED'] }), 1)
})

test('inactive, told to reject: 503, nothing stored; strangers are not told', async (t) => {
  const { stores, listener } = await open(t, {
    config: { isActive: false, whenInactive: 'reject' },
  })
  await refuses(listener, [503, 'ROUTE_CLOSED'])
  assert.equal(await stores.jobs.countRuns({}), 0)
  await stores.jobs.activateConfig('accounts', true)
  assert.equal((await listener.post(outboundMessage())).status, 200)

  const pathSecretHashes = [sha256Hex('x'.repeat(22))]
  await stores.jobs.writeConfig(
    jobConfig({
      isActive: false,
      whenInactive: 'reject',
      authentication: { ...OPEN_ROUTE, pathSecretHashes },
    }),
  )
  await refuses(listener, [403, 'PATH_SECRET_WRONG'])
})

/** A route with Actian's recipe, and the org that it asks back. */
async function openClassic(t: TestContext) {
  const org = await openFakeOrg(t)
  const classicSession = {
    allowedHosts: [org.host],
    settingName: 'DataCloud_User_Credential__c',
  }
  const opened = await open(t, { authentication: { classicSession } })
  const user = {
    userId: 'u1',
    username: 'integration',
    passwordHash: quickHash('opensesame'),
    isActive: true,
    role: 'General User',
    permissions: [{ allowed: ['execute'], resourceIds: ['accounts'] }],
  } as const
  await opened.stores.jobs.writeUser(user)
  const facts = { sessionId: SESSION_ID, partnerUrl: org.partnerUrl }
  return { ...opened, org, user, facts, body: outboundMessage(facts) }
}

test('classic, no session id: 401, and the text says what to set instead', async (t) => {
  const { listener, org } = await openClassic(t)
  await refuses(listener, [401, 'SESSION_ID_MISSING'])
  const { body } = await listener.post(outboundMessage())
  assert.match(body, /removed session ids .* in February 2026\. Choose another authentication/)
  assert.equal(org.calls.length, 0)
})

test('classic, session expired: 401', async (t) => {
  const { listener, facts } = await openClassic(t)
  const body = outboundMessage({ ...facts, sessionId: '00D5e000000Abc1!old' })
  await refuses(listener, [401, 'SESSION_ID_INVALID'], { body })
})

test('classic, setting not readable: 403', async (t) => {
  const { listener, org, body } = await openClassic(t)
  org.fault = 'INSUFFICIENT_ACCESS'
  await refuses(listener, [403, 'SETTING_NOT_READABLE'], { body })
})

test('classic, setting missing: 401', async (t) => {
  const { listener, org, body } = await openClassic(t)
  org.rows = []
  await refuses(listener, [401, 'SETTING_MISSING'], { body })
})

test('classic, bad password: 401', async (t) => {
  const { stores, listener, user, body } = await openClassic(t)
  await stores.jobs.writeUser({ ...user, passwordHash: quickHash('another') })
  await refuses(listener, [401, 'LOGIN_FAILED'], { body })
})

test('classic, user inactive: 403', async (t) => {
  const { stores, listener, user, body } = await openClassic(t)
  await stores.jobs.writeUser({ ...user, isActive: false })
  await refuses(listener, [403, 'USER_INACTIVE'], { body })
})

test('classic, user without the right to execute: 403', async (t) => {
  const { stores, listener, user, body } = await openClassic(t)
  await stores.jobs.writeUser({
    ...user,
    permissions: [{ allowed: ['execute'], resourceIds: ['contacts'] }],
  })
  await refuses(listener, [403, 'EXECUTE_NOT_ALLOWED'], { body })
})

test('classic, PartnerUrl of a host that is not allowed: 400, never dialled', async (t) => {
  const { listener, org, facts } = await openClassic(t)
  const elsewhere = outboundMessage({
    ...facts,
    partnerUrl: facts.partnerUrl.replace('127.0.0.1', 'localhost'),
  })
  await refuses(listener, [400, 'CALLBACK_HOST_NOT_ALLOWED'], { body: elsewhere })
  assert.equal(org.calls.length, 0)
})

test('classic, the org is down: 503', async (t) => {
  const { listener, org, body } = await openClassic(t)
  org.brokenStatus = 502
  await refuses(listener, [503, 'ORG_UNAVAILABLE'], { body })
})

test('no call back is needed to know the sender: none is made, the Ack comes first', async (t) => {
  const org = await openFakeOrg(t)
  const { listener } = await open(t)
  const body = outboundMessage({ sessionId: SESSION_ID, partnerUrl: org.partnerUrl })
  assert.equal((await listener.post(body)).status, 200)
  assert.equal(org.calls.length, 0)
})

test('the store cannot be written: 503', async (t) => {
  const { stores, listener } = await open(t)
  await listener.post(outboundMessage()) // the route is known by now
  await stores.close()
  await refuses(listener, [503, 'STORE_UNAVAILABLE'])
})

test('too many requests in hand: 503 with Retry-After', async (t) => {
  const { listener } = await open(t, { listener: { limits: { requestsMax: 0 } } })
  await refuses(listener, [503, 'OVERLOADED'])
})

test('too many runs wait: 503 with Retry-After, until they are fewer; another job config goes on', async (t) => {
  const { stores, listener } = await open(t, { listener: { queueMax: 3 } })
  await stores.jobs.writeConfig(jobConfig({ jobConfigId: 'others' }))
  const notifications = [1, 2, 3]
  assert.equal((await listener.post(outboundMessage({ notifications }))).status, 200)
  listener.clock.advance(10_000)
  assert.equal((await listener.post(outboundMessage({ notifications: [4] }))).status, 200) // counted beside it
  await refuses(listener, [503, 'QUEUE_FULL'])
  assert.equal((await listener.post(outboundMessage(), { path: 'others' })).status, 200)

  const runs = await stores.jobs.listRuns({ jobConfigIds: ['accounts'], limit: 10, offset: 0 })
  for (const { runId } of runs) await stores.jobs.stopRun(runId, 'a person', listener.clock.now())
  listener.clock.advance(10_000)
  assert.equal((await listener.post(outboundMessage({ notifications: [5] }))).status, 200)
})

for (const [what, body, code] of [
  ['malformed XML', '<no', 'MALFORMED_XML'],
  ['a DOCTYPE', '<!DOCTYPE a><a/>', 'DOCTYPE_REFUSED'],
  ['something that is no outbound message', '<html/>', 'NOT_AN_OUTBOUND_MESSAGE'],
] as const) {
  test(`${what}: 400`, async (t) => {
    const { listener } = await open(t)
    await refuses(listener, [400, code], { body })
  })
}

test('101 notifications: 400', async (t) => {
  const { stores, listener } = await open(t)
  const body = outboundMessage({ notifications: Array.from({ length: 101 }, (_, at) => at + 1) })
  await refuses(listener, [400, 'TOO_MANY_NOTIFICATIONS'], { body })
  assert.equal(await stores.jobs.countRuns({}), 0)
})

test('a body that is too large: 413', async (t) => {
  const { listener } = await open(t, { listener: { limits: { bodyBytesMax: 500 } } })
  await refuses(listener, [413, 'BODY_TOO_LARGE'])
})

test('a record deleted before it was sent: Ack, and a run of its own', async (t) => {
  const { stores, listener } = await open(t)
  const body = outboundMessage().replace(/<sObject[\s\S]*<\/sObject>/, '')
  assert.equal((await listener.post(body)).status, 200)
  const [run] = await stores.jobs.listRuns({ limit: 1, offset: 0 })
  const { message } = (await stores.jobs.readRun(run?.runId ?? '')) ?? {}
  assert.equal(message?.properties['NotificationId'], notificationId(1))
})

test('a job that cannot succeed: acknowledged all the same, its trouble is ours', async (t) => {
  const job = { ...jobConfig().job, command: ['/nowhere/at-all'] } as JobConfig['job']
  const { stores, listener } = await open(t, { config: { job } })
  assert.equal((await listener.post(outboundMessage())).status, 200)
  assert.equal(await stores.jobs.countRuns({ statuses: ['QUEUED'] }), 1)
})

test('stopping: what is in hand is finished and acknowledged, all else is 503', async (t) => {
  const { stores, listener } = await open(t)
  const { port } = new URL(listener.url)
  const inHand = connect(Number(port), '127.0.0.1')
  afterTest(t, () => inHand.destroy())
  const said = () =>
    new Promise<string>((resolve) => inHand.once('data', (data) => resolve(`${data}`)))
  const body = outboundMessage({ notifications: [7] })
  const length = `content-length: ${body.length}\r\nexpect: 100-continue`
  inHand.write(`POST /v2/api/jobconfigs/accounts/sfdc/obm HTTP/1.1\r\nhost: a\r\n${length}\r\n\r\n`)
  assert.match(await said(), /^HTTP\/1\.1 100 /) // it is in hand

  listener.stop()
  await refuses(listener, [503, 'SHUTTING_DOWN'])
  const refused = await listener.post(outboundMessage())
  assert.equal(refused.headers.get('connection'), 'close')
  assert.equal(await stores.jobs.countRuns({}), 0)

  inHand.write(body)
  assert.match(await said(), /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*<Ack>true/i)
  assert.equal(await stores.jobs.countRuns({}), 1)
})

test('one alert for each cause, and again after it worked in between', async (t) => {
  const pathSecretHashes = [sha256Hex('x'.repeat(22))]
  const { listener } = await open(t, { authentication: { pathSecretHashes } })
  await refuses(listener, [403, 'PATH_SECRET_WRONG'])
  const path = `accounts/${'x'.repeat(22)}`
  await refuses(listener, [400, 'MALFORMED_XML'], { path, body: '<no' })
  assert.equal((await listener.post(outboundMessage(), { path })).status, 200)
  await refuses(listener, [403, 'PATH_SECRET_WRONG'])
  await refuses(listener, [400, 'MALFORMED_XML'], { path, body: '<no' })
})
