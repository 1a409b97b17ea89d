import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { flowDefinition, flowXml } from '../../../test/support/flows.ts'
import { messageId, notifications, routeOf } from '../../../test/support/notifications.ts'
import { openTestWeb, type TestWeb } from '../../../test/support/open-test-web.ts'
import { asDefinitions, workflowRule } from '../../../test/support/org-definitions.ts'
import { jobConfig, NO_PLACE } from '../../../test/support/receiving.ts'
import { parseRecordId } from '../../schema/record-id.ts'

async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  return { web, get: getterOf(web), post: posterOf(web) }
}

type Json = Record<string, unknown>

function getterOf({ call }: TestWeb) {
  return async (path: string) =>
    (await call('GET', `/setup/api${path}`)) as { status: number; json: Json }
}

function posterOf({ call }: TestWeb) {
  return async (path: string, body: unknown = {}) =>
    (await call('POST', `/setup/api${path}`, body)) as { status: number; json: Json }
}

/** Three notifications owed to one endpoint. */
async function owe({ stores }: TestWeb) {
  const owed = notifications(3, { createdAt: Date.now() })
  await stores.org.commit({ records: [], notifications: owed, expectations: [] })
  await stores.outbox.route([routeOf(1, 'http://127.0.0.1:9/in')], Date.now())
  return owed.map((each) => each.notificationId)
}

test('what is owed is listed, retried, held and deleted', async (t) => {
  const { web, get, post } = await setup(t)
  const [first, second] = await owe(web)

  const listed = await get('/outbox?state=waiting&limit=2')
  assert.equal(listed.status, 200)
  assert.equal((listed.json.notifications as Json[]).length, 2)
  const [lane] = listed.json.lanes as Json[]
  assert.equal(lane?.endpointUrl, 'http://127.0.0.1:9/in')
  assert.equal(lane?.waitingCount, 3)

  assert.deepEqual((await post('/outbox/retry', { notificationIds: [first] })).json, {
    count: 1,
    heldCount: 0,
    sendingCount: 0,
    unroutedCount: 0,
  })
  const outboundMessageId = messageId(1)
  assert.deepEqual((await post('/outbox/hold', { outboundMessageId, reason: 'for repair' })).json, {
    changed: true,
    reason: 'for repair',
  })
  assert.deepEqual((await post('/outbox/hold', { outboundMessageId })).json, {
    changed: false,
    reason: 'it is on hold already: for repair',
  })
  const shown = (await get(`/outbox/${first}`)).json.notification as Json
  assert.equal(shown.heldReason, 'for repair')
  assert.match(String(shown.expiresAt), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual((await post('/outbox/resume', { outboundMessageId })).json, {
    changed: true,
    reason: null,
  })
  assert.deepEqual((await post('/outbox/del', { notificationIds: [first, second] })).json, {
    count: 2,
    sendingCount: 0,
  })
  assert.equal((await get(`/outbox/${first}`)).status, 404)
})

test('a change that says nothing of what it means changes nothing', async (t) => {
  const { web, post } = await setup(t)
  await owe(web)

  for (const path of ['/outbox/retry', '/outbox/del', '/outbox/hold']) {
    const { status, json } = await post(path)
    assert.equal(status, 400, path)
    assert.equal(json.errorCode, 'INVALID_INPUT')
  }
  assert.equal((await post('/outbox/del', { state: 'gone' })).status, 400)
  assert.equal((await post('/outbox/del', { notificationIds: ['x'] })).status, 400)
  assert.deepEqual((await post('/outbox/del', { all: true })).json, {
    count: 3,
    sendingCount: 0,
  })
})

test('a run is listed, shown, replayed as a new run and stopped', async (t) => {
  const { web, get, post } = await setup(t)
  await web.stores.jobs.writeConfig(jobConfig({ jobConfigId: '1' }))
  const message = { name: 'DJMessage', body: '<a/>', properties: { a: 'b' } }
  const run = { runId: 'run1', jobConfigId: '1', message, submittedBy: 'obm', replayOf: null }
  await web.stores.jobs.createRuns([{ ...run, queuedAt: Date.now(), place: NO_PLACE }])

  const { json: shown } = await get('/runs/run1')
  assert.deepEqual(shown.message, message)
  const { json: replay } = await post('/runs/run1/replay')
  assert.equal(replay.replayOf, 'run1')
  assert.deepEqual((await post('/runs/run1/stop')).json, { status: 'CANCELLED' })
  const { json: listed } = await get('/runs?jobConfigId=1&status=queued')
  assert.deepEqual(
    (listed.runs as Json[]).map(({ runId }) => runId),
    [replay.runId],
  )
  assert.equal(listed.total, 1)
  for (const path of ['/runs/none/stop', '/runs/none/replay']) {
    assert.equal((await post(path)).status, 404)
  }
  assert.equal((await get('/runs/none')).status, 404)
  assert.equal((await get('/runs?status=lost')).status, 400)
})

test('definitions are listed with what a person looks for', async (t) => {
  const { get } = await setup(t)

  const { json } = await get('/definitions')

  const invoice = (json.objects as Json[]).find(({ name }) => name === 'Invoice__c')
  assert.equal(invoice?.custom, true)
  assert.deepEqual(json.rules, [])
  const [message] = json.outboundMessages as Json[]
  assert.equal(message?.name, 'Notify_ERP')
  assert.match(String(message?.outboundMessageId), /^04k\w{15}$/)
})

test('a rule or flow that does not work is shown as such, with what compiling found', async (t) => {
  const { web, get } = await setup(t)
  const flows = [
    flowDefinition(flowXml({ object: 'Account', body: '<loops><name>Step</name></loops>' })),
  ]
  const rules = [
    workflowRule({ fullName: 'Broken', formula: '1 +', actions: [] }),
    workflowRule({ actions: [] }),
  ]
  await web.stores.org.replaceDefinitions('project', asDefinitions({ rules, flows }))
  await web.org.refresh()

  const { json } = await get('/definitions')

  assert.deepEqual(
    (json.rules as Json[]).map(({ isBroken }) => isBroken),
    [true, false],
  )
  assert.deepEqual(
    (json.flows as Json[]).map(({ name, isExecuted }) => [name, isExecuted]),
    [['A_Flow', false]],
  )
  assert.deepEqual(
    (json.problems as Json[]).map(({ severity, code }) => [severity, code]),
    [
      ['error', 'FORMULA_SYNTAX'],
      ['warning', 'FLOW_NOT_EXECUTED'],
    ],
  )
})

test('Setup is for users with the setup privilege only', async (t) => {
  const { web, get } = await setup(t)
  assert.equal((await get('/outbox')).status, 200)

  const nobody = await web.call('GET', '/setup/api/outbox', undefined, {
    authorization: 'Bearer x',
  })
  assert.equal(nobody.status, 401)

  const soql = encodeURIComponent("SELECT Id FROM Profile WHERE Name = 'Standard User'")
  const found = await web.call('GET', `/services/data/v64.0/query?q=${soql}`)
  const [profile] = (found.json as { records: Json[] }).records
  const { json } = await web.call('POST', '/services/data/v64.0/sobjects/User', {
    Username: 'joe@example.com',
    LastName: 'Joe',
    Email: 'joe@example.com',
    Alias: 'joe',
    ProfileId: profile?.Id,
    TimeZoneSidKey: 'UTC',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  })
  const { token } = await web.org.sessions.start(parseRecordId(String((json as Json).id)))
  const authorization = `Bearer ${token}`
  const joe = await web.call('GET', '/setup/api/outbox', undefined, { authorization })
  assert.equal(joe.status, 403)
  assert.equal((joe.json as Json).errorCode, 'INSUFFICIENT_ACCESS')
  const aid = messageId(1)
  const wsdl = await web.call('GET', `/soap/wfoutbound.jsp?aid=${aid}`, undefined, {
    authorization,
  })
  assert.equal(wsdl.status, 403)
})

test('an outbound message’s WSDL is there for whoever may see Setup', async (t) => {
  const { web } = await setup(t)

  const headers = { authorization: '' }
  const [message] = web.org.definitions().outboundMessages
  assert.ok(message)
  const path = `/soap/wfoutbound.jsp?aid=${message.outboundMessageId.slice(0, 15)}`
  const wsdl = await web.call('GET', `${path}&oauth_token=${web.token}`, undefined, headers)
  assert.equal(wsdl.status, 200)
  assert.equal(wsdl.json, '<wsdl of="Account.Notify_ERP"/>')
  assert.match(wsdl.headers.get('content-type') ?? '', /^text\/xml/)
  assert.equal((await web.call('GET', path, undefined, headers)).status, 401)
  for (const aid of ['', '001', messageId(999)]) {
    assert.equal((await web.call('GET', `/soap/wfoutbound.jsp?aid=${aid}`)).status, 404)
  }
})

test('how much an endpoint is sent at once, and how fast, can be changed while it runs, and set back', async (t) => {
  const web = await openTestWeb(t)
  const post = posterOf(web)
  await owe(web)
  const [lane] = await web.stores.outbox.lanes()
  assert.ok(lane)
  const path = `/outbox/lanes/${lane.laneId}`
  const now = async () => (await web.stores.outbox.lanes())[0]

  const changed = await post(path, { slots: 2, messagesPerSecond: 0.5 })
  assert.deepEqual(changed.json, { changed: true })
  assert.deepEqual((await now())?.pace, { slots: 2, messagesPerSecond: 0.5 })
  assert.equal(typeof (await now())?.pacedBy, 'string')
  await post(path, { messagesPerSecond: null })
  assert.deepEqual((await now())?.pace, { slots: 2, messagesPerSecond: null })
  await post(path, { asConfigured: true })
  assert.deepEqual((await now())?.pace, { slots: 16, messagesPerSecond: null })
  assert.equal((await now())?.pacedBy, null)

  const counted = await web.call('GET', `/setup/api${path}`)
  assert.deepEqual(counted.json, { laneId: lane.laneId, waitingCount: 3 })
  const wrong = [{}, { slots: 0 }, { slots: 65 }, { slots: 'x' }, { messagesPerSecond: 0 }]
  for (const body of wrong) {
    assert.equal((await web.call('POST', `/setup/api${path}`, body)).status, 400)
  }
  const unknown = await web.call('POST', '/setup/api/outbox/lanes/none', { slots: 1 })
  assert.equal(unknown.status, 404)
})
