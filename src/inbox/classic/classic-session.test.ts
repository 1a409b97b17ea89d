import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import {
  ORGANIZATION_ID,
  openFakeOrg,
  PROFILE_ID,
  SESSION_ID,
  USER_ID,
} from '../../../test/support/fake-org.ts'
import { outboundMessage } from '../../../test/support/outbound-message.ts'
import { quickHash } from '../../../test/support/quick-password.ts'
import {
  jobConfig,
  openReceivingStoreAt,
  openTestListener,
} from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { openGuard } from '../../egress/guard.ts'
import { openHttp } from '../../egress/post.ts'
import { readEnvelope } from '../../wire/read-envelope.ts'
import { openClassicSession } from './classic-session.ts'

const [sqlite] = storesUnderTest()
const passwordHash = quickHash('opensesame')

const SETTING = 'DataCloud_User_Credential__c'

const integration = {
  userId: 'u1',
  username: 'integration',
  passwordHash,
  isActive: true,
  role: 'General User',
  permissions: [{ allowed: ['execute'], resourceIds: ['accounts'] }],
} as const

/** Actian's recipe: an org with the setting, a DataCloud user, a route that asks the org back. */
async function open(
  t: TestContext,
  ask: { allowedHosts?: readonly string[]; allow?: readonly string[] } = {},
) {
  assert.ok(sqlite)
  const org = await openFakeOrg(t)
  const stores = await openReceivingStoreAt(t, await sqlite.url(t))
  const { authentication, ...config } = jobConfig()
  const classicSession = { allowedHosts: ask.allowedHosts ?? [org.host], settingName: SETTING }
  await stores.jobs.writeConfig({
    ...config,
    authentication: { ...authentication, classicSession },
  })
  await stores.jobs.writeUser(integration)
  const listener = await openTestListener(t, stores, ask.allow ? { allow: ask.allow } : {})

  let serial = 0
  const send = async (
    change: { sessionId?: string | null; organizationId?: string; partnerUrl?: string } = {},
  ) => {
    serial += 1
    const facts = { sessionId: SESSION_ID, partnerUrl: org.partnerUrl, ...change }
    const { status, code } = await listener.post(
      outboundMessage({ ...facts, notifications: [serial] }),
    )
    return [status, code]
  }
  return { org, stores, listener, send, runCount: () => stores.jobs.countRuns({}) }
}

const ACCEPTED = [200, null]

test('Actian’s recipe works: the org is asked back, and its DataCloud user logged in', async (t) => {
  const { org, send, runCount } = await open(t)
  assert.deepEqual(await send(), ACCEPTED)
  assert.deepEqual(
    org.calls.map(({ operation }) => operation),
    ['getUserInfo', 'queryString'],
  )
  assert.equal(await runCount(), 1)
})

test('bug 2, a session id is required for ever: without one the answer says what to set instead', async (t) => {
  const { org, send, listener, runCount } = await open(t)
  assert.deepEqual(await send({ sessionId: null }), [401, 'SESSION_ID_MISSING'])
  const alert = listener.log.lines.find(({ level }) => level === 'warn')
  assert.match(
    String(alert?.fields.reason),
    /removed session ids .* February 2026\. Choose another/,
  )
  assert.equal(org.calls.length, 0)
  assert.equal(await runCount(), 0)
})

test('bug 17, the callback URL is not checked: a host that is not on the list is never dialled', async (t) => {
  const { org, send } = await open(t, { allowedHosts: ['login.salesforce.com'] })
  assert.deepEqual(await send(), [400, 'CALLBACK_HOST_NOT_ALLOWED'])
  assert.equal(org.calls.length, 0)
})

test('what the operator lets nothing out to is not called, whatever the route says', async (t) => {
  const { org, send } = await open(t, { allow: [] })
  assert.deepEqual(await send(), [400, 'CALLBACK_HOST_NOT_ALLOWED'])
  assert.equal(org.calls.length, 0)
})

test('a session of one organisation opens nothing for another', async (t) => {
  const { org, send } = await open(t)
  const other = '00D5e000000Abc2EAC'
  const partnerUrl = org.partnerUrl.replace(ORGANIZATION_ID.slice(0, 15), other.slice(0, 15))
  assert.deepEqual(await send(), ACCEPTED)
  assert.deepEqual(await send({ organizationId: other }), [400, 'CALLBACK_HOST_NOT_ALLOWED'])
  assert.deepEqual(await send({ organizationId: other, partnerUrl }), [401, 'SESSION_ID_INVALID'])
})

test('each thing that can be wrong has its own code, and takes nothing in', async (t) => {
  const { org, stores, send, listener, runCount } = await open(t)
  const later = () => listener.clock.advance(5_000) // refusals are remembered that long

  assert.deepEqual(await send({ sessionId: 'expired' }), [401, 'SESSION_ID_INVALID'])
  for (const [fault, expected] of [
    ['API_DISABLED_FOR_ORG', [403, 'SETTING_NOT_READABLE']],
    ['REQUEST_LIMIT_EXCEEDED', [503, 'ORG_UNAVAILABLE']],
  ] as const) {
    org.fault = fault
    assert.deepEqual(await send(), expected)
    later()
  }
  org.fault = null
  org.brokenStatus = 502
  assert.deepEqual(await send(), [503, 'ORG_UNAVAILABLE'])
  org.brokenStatus = null

  org.rows = []
  assert.deepEqual(await send(), [401, 'SETTING_MISSING'])
  later()
  org.rows = [{ owner: ORGANIZATION_ID, username: 'integration', password: 'wrong' }]
  assert.deepEqual(await send(), [401, 'LOGIN_FAILED'])
  later()
  org.rows = [{ owner: ORGANIZATION_ID, username: 'integration', password: 'opensesame' }]
  await stores.jobs.writeUser({ ...integration, isActive: false })
  assert.deepEqual(await send(), [403, 'USER_INACTIVE'])
  later()
  await stores.jobs.writeUser({
    ...integration,
    permissions: [{ allowed: ['execute'], resourceIds: ['another'] }],
  })
  assert.deepEqual(await send(), [403, 'EXECUTE_NOT_ALLOWED'])
  assert.equal(await runCount(), 0)

  later()
  await stores.jobs.writeUser(integration)
  assert.deepEqual(await send(), ACCEPTED)
})

test('the setting is the user’s, else the profile’s, else the organisation’s, field by field', async (t) => {
  const { org, send } = await open(t)
  org.rows = [
    { owner: ORGANIZATION_ID, username: 'nobody', password: 'opensesame' },
    { owner: PROFILE_ID, username: 'integration' },
    { owner: USER_ID },
  ]
  assert.deepEqual(await send(), ACCEPTED)
})

test('many messages at once ask the org once, and for a minute no more', async (t) => {
  const { org, send, listener } = await open(t)
  let release = () => {}
  org.hold = new Promise((resolve) => {
    release = resolve
  })
  const replies = Array.from({ length: 10 }, () => send())
  release()
  assert.deepEqual(
    await Promise.all(replies),
    Array.from({ length: 10 }, () => ACCEPTED),
  )
  assert.equal(org.calls.length, 2)

  listener.clock.advance(59_000)
  await send()
  assert.equal(org.calls.length, 2)
  listener.clock.advance(1_000)
  await send()
  assert.equal(org.calls.length, 4)
})

test('an org that does not answer is given up within the budget, and asked again next time', async (t) => {
  const { org, stores, listener } = await open(t)
  org.hold = new Promise(() => {})
  const http = openHttp({ guard: openGuard({ allow: ['loopback'] }) })
  afterTest(t, () => http.close())
  const ports = { http, store: stores.jobs, clock: listener.clock, budgetMs: 50 }
  const classicSession = openClassicSession(ports)
  const config = await stores.jobs.readConfig('accounts')
  assert.ok(config)
  const facts = { sessionId: SESSION_ID, partnerUrl: org.partnerUrl }
  const envelope = readEnvelope(outboundMessage(facts))

  for (let tryCount = 1; tryCount <= 2; tryCount += 1) {
    const verdict = await classicSession(config, envelope)
    assert.equal(verdict.kind === 'rejected' && verdict.errorCode, 'ORG_UNAVAILABLE')
    assert.equal(org.calls.length, tryCount)
  }
})

test('neither session id nor password is found in any log', async (t) => {
  const { org, send, listener } = await open(t)
  await send()
  org.rows = [{ owner: ORGANIZATION_ID, username: 'integration', password: 'not-the-password' }]
  await send({ sessionId: 'another!session' })
  org.fault = 'API_DISABLED_FOR_ORG'
  await send({ sessionId: 'third!session' })
  assert.doesNotMatch(
    JSON.stringify(listener.log.lines),
    /AQ\.right|!session|opensesame|not-the-password/,
  )
})
