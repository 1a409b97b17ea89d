import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { AttemptFilter, AttemptRecord } from '../../src/outbox/attempt.ts'
import type { OutboxStore } from '../../src/outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../src/outbox/settle.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import {
  ACKNOWLEDGED,
  messageId,
  notifications,
  type OutboxUnderTest,
  REFUSED,
  routeOf,
  settledAs,
  UNANSWERED,
} from '../support/notifications.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME, BOLT, leased } from './outbox-store.ts'

/** What every outbox store must do about its attempt log. */
export function attemptLogContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  describe(`attempt log: ${name}`, { concurrency: 4 }, () => {
    test('an attempt is kept whole', async (t) => {
      const { outbox } = await openWith(t, open, 2)
      const batch = await leased(outbox, NOON)
      const settled = settledAs(REFUSED, batch, NOON)
      const attempt: AttemptRecord = {
        ...settled.attempt,
        isProbe: true,
        sentMs: null,
        headersMs: null,
        tolerances: ['status 201', 'byte order mark'],
        responseHeaders: 'server: x\n',
      }

      await outbox.settle({ ...settled, attempt })

      assert.deepEqual(await outbox.attempts({ limit: 9 }), [attempt])
      const { requestHeaders, responseHeaders, request, response, ...overview } = attempt
      const page = await outbox.findAttempts({ limit: 9 })
      assert.deepEqual(page, { attempts: [overview], after: null })
    })

    test('attempts are found by record, message, endpoint, outcome, status and time', async (t) => {
      const { outbox, made } = await openWithAttempts(t, open)
      const found = async (filter: Omit<AttemptFilter, 'limit'>) => {
        const { attempts } = await outbox.findAttempts({ ...filter, limit: 50 })
        return attempts.map(({ startedAt }) => startedAt - NOON)
      }
      const [acme, bolt] = [made[0]?.laneId ?? '', made[5]?.laneId ?? '']
      const recordId = made[0]?.recordId as RecordId

      assert.deepEqual(await found({}), [5, 4, 3, 2, 1, 0])
      assert.deepEqual(await found({ recordId }), [0])
      assert.deepEqual(await found({ recordId, outcome: 'refused' }), [])
      assert.deepEqual(await found({ outboundMessageId: messageId(2) }), [5, 3, 1])
      const both = { outboundMessageId: messageId(2), httpStatus: 503 }
      assert.deepEqual(await found(both), [5])
      assert.deepEqual(await found({ laneIds: [acme] }), [4, 2, 0])
      assert.deepEqual(await found({ laneIds: [acme, bolt] }), [5, 4, 3, 2, 1, 0])
      assert.deepEqual(await found({ laneIds: [] }), [])
      assert.deepEqual(await found({ laneIds: ['no such lane'] }), [])
      assert.deepEqual(await found({ outcome: 'acknowledged' }), [3, 0])
      assert.deepEqual(await found({ outcome: 'unanswered' }), [5, 2])
      assert.deepEqual(await found({ httpStatus: 200 }), [3, 0])
      assert.deepEqual(await found({ httpStatus: 500, outcome: 'refused' }), [4, 1])
      assert.deepEqual(await found({ from: NOON + 1, to: NOON + 4 }), [3, 2, 1])
      const known = await outbox.attemptEndpoints()
      assert.deepEqual(
        known.map(({ endpointUrl }) => endpointUrl).toSorted(),
        [ACME, BOLT].toSorted(),
      )
    })

    test('page after page, over one endpoint or several, every attempt comes once', async (t) => {
      const { outbox, made } = await openWithAttempts(t, open)
      const laneIds = [made[0]?.laneId ?? '', made[5]?.laneId ?? '']

      for (const filter of [{}, { laneIds }, { outboundMessageId: messageId(1) }]) {
        const all = await outbox.findAttempts({ ...filter, limit: 50 })
        const paged: string[] = []
        let after: string | null | undefined
        while (after !== null) {
          const ask = { ...filter, ...(after !== undefined && { after }), limit: 2 }
          const page = await outbox.findAttempts(ask)
          assert.ok(page.attempts.length <= 2)
          paged.push(...page.attempts.map(({ attemptId }) => attemptId))
          after = page.after
        }
        assert.deepEqual(
          paged,
          all.attempts.map(({ attemptId }) => attemptId),
        )
      }
    })

    test('a log that has grown too large ends with its oldest attempts', async (t) => {
      const { outbox } = await openWithAttempts(t, open)
      const ends = { attemptsBefore: 0, attemptsMax: 99, deadLettersBefore: 0 }

      // Each of the six takes some 700 bytes: rows, indexes and texts.
      assert.equal(await outbox.retain({ ...ends, attemptsBytesMax: 10_000 }), 0)
      assert.equal(await outbox.retain({ ...ends, attemptsBytesMax: 2500 }), 3)

      const { attempts } = await outbox.findAttempts({ limit: 9 })
      assert.deepEqual(
        attempts.map(({ startedAt }) => startedAt - NOON),
        [5, 4, 3],
      )
      const [oldest] = attempts.slice(-1)
      assert.equal(await outbox.retain({ ...ends, attemptsBytesMax: 0 }), 3)
      const [notificationId] = oldest?.notificationIds ?? []
      assert.ok(notificationId)
      assert.deepEqual(await outbox.attempts({ notificationId, limit: 9 }), [])
    })
  })
}

type Opened = OutboxUnderTest & {
  readonly made: readonly { readonly recordId: RecordId; readonly laneId: string }[]
}

async function openWith(
  t: TestContext,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
  count: number,
): Promise<{ readonly outbox: OutboxStore }> {
  const { outbox, enqueue } = await open(t)
  await outbox.route([routeOf(1, ACME)], NOON)
  await enqueue(notifications(count))
  await outbox.wake([messageId(1)], NOON)
  return { outbox }
}

const OUTCOMES: readonly [AttemptOutcome, number | null][] = [
  [ACKNOWLEDGED, 200],
  [REFUSED, 500],
  [UNANSWERED, null],
  [ACKNOWLEDGED, 200],
  [REFUSED, 500],
  [UNANSWERED, 503],
]

/** Six attempts, a millisecond apart: in turn of message 1 to one endpoint and of message 2 to another. */
async function openWithAttempts(
  t: TestContext,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): Promise<Opened> {
  const { outbox, enqueue } = await open(t)
  await outbox.route([routeOf(1, ACME), routeOf(2, BOLT)], NOON)
  const made: Opened['made'][number][] = []
  for (const [index, [outcome, httpStatus]] of OUTCOMES.entries()) {
    const outboundMessageId = messageId(1 + (index % 2))
    const at = NOON + index
    await enqueue(notifications(1, { outboundMessageId, createdAt: at }))
    await outbox.wake([outboundMessageId], at)
    const batch = await leased(outbox, at)
    const settled = settledAs(outcome, batch, at)
    await outbox.settle({ ...settled, attempt: { ...settled.attempt, httpStatus } })
    const [notification] = batch.notifications
    assert.ok(notification)
    made.push({ recordId: notification.recordId, laneId: batch.lease.laneId })
  }
  return { outbox, enqueue, made }
}
