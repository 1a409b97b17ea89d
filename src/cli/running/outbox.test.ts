import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { messageId, notifications, routeOf } from '../../../test/support/notifications.ts'
import { openTestWeb } from '../../../test/support/open-test-web.ts'
import { ConfigError } from '../../config/config.ts'
import { outboxAct, outboxHold, outboxLanes, outboxList, outboxShow } from './outbox.ts'
import { SetupRefusal } from './setup-client.ts'

/** A running program with three notifications owed to the first message's endpoint and one to the second's. */
async function openOwing(t: TestContext) {
  const web = await openTestWeb(t)
  const now = Date.now()
  const endpoints = ['http://127.0.0.1:9/in', 'http://127.0.0.1:9/other']
  const routes = endpoints.map((endpointUrl, index) => routeOf(index + 1, endpointUrl))
  await web.stores.outbox.route(routes, now)
  const queued = [
    ...notifications(3, { createdAt: now }),
    ...notifications(1, { outboundMessageId: messageId(2), createdAt: now }),
  ]
  await web.stores.org.commit({ records: [], notifications: queued, expectations: [] })
  const found = { url: web.url, token: web.token, project: '.', dataDir: '.obm', json: false }
  const printed: string[] = []
  t.mock.method(console, 'log', (line: string) => void printed.push(line))
  /** Runs a command, and answers its exit code and what it printed. */
  const run = async (command: Promise<number>) => {
    printed.length = 0
    const code = await command
    return { code, lines: [...printed] }
  }
  const ids = queued.map((each) => each.notificationId)
  return { web, ids, run, found, all: { ...found, all: false, yes: false } }
}

test('the outbox is listed under Salesforce’s titles, narrowed down as people ask', async (t) => {
  const { run, found, ids } = await openOwing(t)
  const list = { ...found, failed: false, limit: '50' }

  const { lines } = await run(outboxList(list))
  assert.match(lines[0] ?? '', /^Notification +Outbound message +Record +Attempts +Created +Next/)
  assert.equal(lines.length, 5)
  const narrowed = await run(outboxList({ ...list, message: 'account.message_2' }))
  assert.equal(narrowed.lines.length, 2)
  assert.match(narrowed.lines[1] ?? '', new RegExp(`^${ids[3]} +Account.Message_2 `))
  const byUrl = await run(outboxList({ ...list, endpoint: 'http://127.0.0.1:9/in', since: '2h' }))
  assert.equal(byUrl.lines.length, 4)
  const byHost = await run(outboxList({ ...list, endpoint: '127.0.0.1:9' }))
  assert.equal(byHost.lines.length, 5)
  const none = await run(outboxList({ ...list, failed: true }))
  assert.deepEqual(none, { code: 0, lines: ['No notification like that is expired.'] })
  const first = await run(outboxList({ ...list, limit: '2' }))
  assert.equal(first.lines.at(-1), 'The first 2: --limit shows more.')
  await assert.rejects(run(outboxList({ ...list, message: 'Account.Nope' })), /there are Account\./)
  await assert.rejects(run(outboxList({ ...list, since: 'yesterday' })), /since \(or 90m, 2h, 7d/)
})

test('a notification is shown with why it is not sent yet', async (t) => {
  const { run, found, ids } = await openOwing(t)

  const { code, lines } = await run(outboxShow(ids[0] ?? '', found))

  assert.equal(code, 0)
  const text = lines.join('\n')
  assert.match(text, /^State +waiting$/m)
  assert.match(text, /^Why not sent yet +It has been due since .*no process with the role sender/m)
  assert.match(text, /^Attempts +none yet$/m)
  await assert.rejects(run(outboxShow('04l000000009999', found)), SetupRefusal)
})

test('Retry and Del say what they did, and what they passed over', async (t) => {
  const { run, all, ids } = await openOwing(t)
  const [first = '', second = ''] = ids

  const retried = await run(outboxAct('retry', [first, second], all))
  assert.deepEqual(retried, { code: 0, lines: ['2 due now'] })
  const deleted = await run(outboxAct('del', [first], all))
  assert.deepEqual(deleted, { code: 0, lines: ['1 removed'] })
  await assert.rejects(run(outboxAct('del', [first], all)), /none of these is owed/)
})

test('what removes many is asked first, and needs --yes where nobody can answer', async (t) => {
  const { run, all } = await openOwing(t)

  await assert.rejects(run(outboxAct('del', [], all)), ConfigError)
  await assert.rejects(
    run(outboxAct('del', [], { ...all, message: 'Account.Message_1' })),
    /Remove 3 notifications for good\? Give --yes/,
  )
  await assert.rejects(run(outboxAct('retry', [], { ...all, all: true })), /Make 4 .* due now\?/)
  await assert.rejects(run(outboxAct('del', ['x'], { ...all, all: true })), /--all means every one/)

  const few = await run(outboxAct('del', [], { ...all, message: 'Account.Message_1', yes: true }))
  assert.deepEqual(few.lines, ['3 removed'])
  const rest = await run(outboxAct('del', [], { ...all, all: true, yes: true }))
  assert.deepEqual(rest.lines, ['1 removed'])
})

test('messages and endpoints are held and resumed by the names people know, with why nothing changed', async (t) => {
  const { run, found, all } = await openOwing(t)
  const hold = (target: string, reason?: string) =>
    run(outboxHold('hold', target, reason ? { ...found, reason } : found))
  const resume = (target: string) => run(outboxHold('resume', target, found))

  assert.deepEqual((await hold('Account.Message_1', 'they move')).lines, [
    'Account.Message_1 is on hold: they move',
  ])
  assert.match((await hold('Account.Message_1')).lines[0] ?? '', /on hold already: they move$/)
  const retried = await run(outboxAct('retry', [], { ...all, state: 'held' }))
  assert.deepEqual(retried.lines, ['3 due now; 3 of them on hold, which go when that is resumed'])
  assert.match((await hold('http://127.0.0.1:9/in')).lines[0] ?? '', /is on hold: held by /)
  assert.match((await resume('Account.Message_1')).lines[0] ?? '', /resumed, but it is held all/)
  const lanes = (await run(outboxLanes(found))).lines
  assert.match(lanes[1] ?? '', /^http:\/\/127.0.0.1:9\/in +Account.Message_1 +3 .* held by /)
  assert.deepEqual((await resume('http://127.0.0.1:9/in')).lines, [
    'http://127.0.0.1:9/in is resumed',
  ])
  assert.match((await resume(messageId(2))).lines[0] ?? '', /nobody had put it on hold/)
  await assert.rejects(hold('127.0.0.1:9'), /2 endpoints are at 127.0.0.1:9: give the whole URL/)
  await assert.rejects(hold('nowhere.example'), SetupRefusal)
})
