import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEndpoint } from '../../test/support/endpoint.ts'
import { messageId } from '../../test/support/notifications.ts'
import { ORGANIZATION_ID, openSending } from '../../test/support/sending.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { HOUR_MS } from '../base/clock.ts'
import { BREAKER_FAILURES_MAX, PROBE_MAX_MS } from '../outbox/delivery-schedule.ts'
import { LIFETIME_MS } from '../outbox/notification.ts'
import { retryDelayMs } from '../outbox/settle.ts'
import { shortId } from '../schema/record-id.ts'

test('a hundred notifications go in one message and leave the outbox with its Ack', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const { sender, queue, outbox } = await openSending(t, endpoint.url)
  const recordIds = await queue(100)

  assert.equal(await sender.turn(), 'worked')
  assert.equal(await sender.turn(), 'idle')

  const [message] = endpoint.received
  assert.deepEqual(message?.recordIds, recordIds)
  assert.deepEqual(await outbox.list({ limit: 10 }), [])
})

test('the envelope says which org and which outbound message it is from', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const { sender, queue } = await openSending(t, endpoint.url)
  await queue(1)

  await sender.turn()

  const [message] = endpoint.received
  assert.equal(message?.headers['content-type'], 'text/xml; charset=UTF-8')
  assert.equal(message?.headers['soapaction'], '""')
  assert.equal(message?.envelope.organizationId, ORGANIZATION_ID)
  assert.equal(message?.envelope.actionId, messageId(1))
  const url = `https://org.example/services/Soap/c/60.0/${shortId(ORGANIZATION_ID)}`
  assert.equal(message?.envelope.enterpriseUrl, url)
  assert.equal(message?.envelope.partnerUrl, url.replace('/c/', '/u/'))
  assert.equal(message?.envelope.sessionId, null)
})

test('what is sent is the record as it is now, not as it was when the rule fired', async (t) => {
  const endpoint = await openEndpoint(t, ['503', 'Ack true'])
  const { sender, queue, shelf, clock } = await openSending(t, endpoint.url)
  const [recordId] = await queue(1)
  assert.ok(recordId)
  await sender.turn()

  shelf.set(recordId, { Name: 'Renamed' })
  clock.advance(retryDelayMs(1))
  await sender.turn()

  const [first, second] = endpoint.received
  assert.match(second?.body ?? '', /<sf:Name>Renamed<\/sf:Name>/)
  assert.deepEqual(second?.notificationIds, first?.notificationIds)
})

test('with nobody to send as, nothing is sent and nothing is lost, and the reason is shown', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const sending = await openSending(t, endpoint.url)
  await sending.queue(2)
  sending.whyNotAs = 'there is no active user'

  for (let attempt = 1; attempt <= BREAKER_FAILURES_MAX + 1; attempt += 1) {
    await sending.sender.turn()
    sending.clock.advance(retryDelayMs(attempt))
  }
  const waiting = await sending.outbox.list({ limit: 10 })
  sending.whyNotAs = null
  await sending.sender.turn()

  assert.deepEqual(
    waiting.map((each) => each.failureReason),
    ['there is no active user', 'there is no active user'],
  )
  // One message: the breaker never opened, and the batch was never halved.
  assert.deepEqual(
    endpoint.received.map((message) => message.notificationIds.length),
    [2],
  )
})

test('a record deleted before sending is sent as its id alone', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const { sender, queue, shelf } = await openSending(t, endpoint.url)
  const [recordId] = await queue(1)
  shelf.clear()

  await sender.turn()

  const sObject = endpoint.received[0]?.envelope.notifications[0]?.sObject
  assert.deepEqual([sObject?.recordId, sObject?.fields], [recordId, []])
})

test('a notification that is never acknowledged is tried at doubling intervals and expires after 24 hours', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack false'])
  const { sender, queue, outbox, clock } = await openSending(t, endpoint.url)
  await queue(1)

  const triedAt: number[] = []
  for (; clock.now() < NOON + LIFETIME_MS; clock.advance(30_000)) {
    if ((await sender.turn()) === 'worked') triedAt.push((clock.now() - NOON) / 60_000)
  }
  await outbox.sweep(clock.now())

  assert.deepEqual(triedAt.slice(0, 9), [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 127.5])
  assert.equal(triedAt.length, 19)
  const [letter] = await outbox.list({ state: 'expired', limit: 10 })
  assert.equal(letter?.attemptCount, 19)
  assert.equal(letter?.failureReason, 'SOAP response was a nack')
})

test('one bad record holds back 99 others for no more than 14 messages', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const { queue, settleDown, outbox, clock } = await openSending(t, endpoint.url)
  const recordIds = await queue(100)
  const bad = recordIds[37]
  endpoint.answer((message) => (message.recordIds.includes(bad ?? null) ? 'Ack false' : 'Ack true'))

  await settleDown()
  clock.advance(retryDelayMs(1))
  await settleDown()
  assert.equal(endpoint.received.length, 2, 'twice all of them')
  for (let halving = 1; halving <= 7; halving += 1) {
    clock.advance(2 * HOUR_MS)
    await settleDown()
  }

  assert.ok(endpoint.received.length <= 2 + 14, `${endpoint.received.length} messages`)
  const left = await outbox.list({ limit: 10 })
  assert.deepEqual(
    left.map((each) => each.recordId),
    [bad],
  )
  assert.equal(endpoint.received.at(-1)?.recordIds.length, 1)
})

test('after one probe a revived endpoint gets all that waited, under the old ids', async (t) => {
  const down = Array<'503'>(BREAKER_FAILURES_MAX).fill('503')
  const endpoint = await openEndpoint(t, [...down, 'Ack true'])
  const { sender, queue, outbox, clock, settleDown } = await openSending(t, endpoint.url)
  await queue(150)
  await settleDown()
  while (endpoint.received.length < BREAKER_FAILURES_MAX) {
    clock.advance(retryDelayMs(endpoint.received.length))
    await sender.turn()
  }
  const [opened] = await outbox.lanes()
  assert.ok(opened?.probeAt)
  assert.equal(await sender.turn(), 'idle')

  clock.advance(PROBE_MAX_MS)
  await settleDown()

  const delivered = endpoint.received.slice(BREAKER_FAILURES_MAX)
  assert.deepEqual(
    delivered.map((each) => each.notificationIds.length),
    [10, 100, 40],
  )
  assert.equal(new Set(delivered.flatMap((each) => each.notificationIds)).size, 150)
  assert.deepEqual(await outbox.list({ limit: 10 }), [])
})

test('each way an endpoint can fail is told in the words administrators know', async (t) => {
  const endpoint = await openEndpoint(t, ['fault', '404', '302', '503', 'hang up'])
  const { sender, queue, outbox, clock } = await openSending(t, endpoint.url)
  await queue(1)

  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await sender.turn()
    clock.advance(retryDelayMs(attempt))
  }

  const attempts = await outbox.attempts({ limit: 10 })
  assert.deepEqual(
    attempts.toReversed().map((each) => [each.outcome, each.reason, each.httpStatus]),
    [
      ['refused', 'out of order', 500],
      ['refused', '(404)Not Found', 404],
      ['refused', '(302)Found', 302],
      ['unanswered', '(503)Service Unavailable', 503],
      ['unanswered', 'java.net.SocketException: Unexpected end of file from server', null],
    ],
  )
})

test('notifications of an outbound message that is gone stay, held with a reason', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const sending = await openSending(t, endpoint.url)
  await sending.queue(2)
  sending.sendable = null

  await sending.settleDown()

  assert.equal(endpoint.received.length, 0)
  const waiting = await sending.outbox.list({ limit: 10 })
  assert.deepEqual(
    waiting.map((each) => [each.attemptCount, each.heldReason]),
    [
      [0, 'Its outbound message is not defined any more.'],
      [0, 'Its outbound message is not defined any more.'],
    ],
  )
})

test('a started sender delivers what is queued; stopped, it gives back what hangs', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true', 'silence'])
  const { sender, queue, outbox } = await openSending(t, endpoint.url)
  sender.start(4)
  await outbox.lanes()
  assert.equal(await sender.turn(), 'idle') // and so are the loops, which asked before
  await queue(1)
  sender.nudge()
  await endpoint.receivedCount(1)
  await queue(1)
  sender.nudge()
  await endpoint.receivedCount(2)

  await sender.stop()

  const waiting = await outbox.list({ limit: 10 })
  assert.deepEqual(
    waiting.map((each) => [each.attemptCount, each.isLeased]),
    [[0, false]],
  )
  assert.equal(await sender.turn(), 'idle')
})
