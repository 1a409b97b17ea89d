import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { messageId, notifications } from '../../test/support/notifications.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { DEFAULT_SCHEDULE } from './delivery-schedule.ts'
import type { Notification } from './notification.ts'
import { type AttemptOutcome, regrowth, settle } from './settle.ts'

// A lane of one outbound message as the store works it, without the store: the earliest due go, as many as share
// the first one's limit. `test/contract/outbox-halving.ts` is the same over the stores.

const HALVING_POSTS_MAX = 14

type Lane = {
  now: number
  waiting: Notification[]
  postCount: number
  readonly delivered: Set<string>
}

function openLane(): Lane {
  return { now: NOON, waiting: [], postCount: 0, delivered: new Set() }
}

/** Queues `count` more, due at once. Answers their ids. */
function queue(lane: Lane, count: number): readonly string[] {
  const queued = notifications(count, { outboundMessageId: messageId(1), createdAt: lane.now })
  const fresh = { attemptCount: 0, refusalCount: 0, batchLimit: 100, isRegrown: false }
  const { now } = lane
  lane.waiting.push(
    ...queued.map((each) => ({ ...each, ...fresh, failureReason: null, dueAt: now })),
  )
  return queued.map((each) => each.notificationId)
}

/** What is sent next, once the clock stands where something is due. */
function nextBatch(lane: Lane): readonly Notification[] {
  lane.waiting.sort(
    (one, other) => one.dueAt - other.dueAt || (one.notificationId < other.notificationId ? -1 : 1),
  )
  const [first] = lane.waiting
  if (!first) return []
  lane.now = Math.max(lane.now, first.dueAt)
  return lane.waiting
    .filter(({ dueAt, batchLimit }) => dueAt <= lane.now && batchLimit === first.batchLimit)
    .slice(0, first.batchLimit)
}

/** One POST and what becomes of it. `isPoison` says which records the listener refuses. */
function post(lane: Lane, outcomeOf: (batch: readonly Notification[]) => AttemptOutcome): void {
  const batch = nextBatch(lane)
  const outcome = outcomeOf(batch)
  const sent = new Set(batch.map((each) => each.notificationId))
  const at = { batchSize: batch.length, now: lane.now, schedule: DEFAULT_SCHEDULE }
  lane.postCount += 1
  lane.waiting = lane.waiting.flatMap((each) => {
    if (!sent.has(each.notificationId)) return [each]
    const settlement = settle(each, outcome, at)
    if (settlement.kind === 'delivered') lane.delivered.add(each.notificationId)
    if (settlement.kind !== 'retry') return []
    const { dueAt, attemptCount, refusalCount, batchLimit } = settlement
    return [{ ...each, dueAt, attemptCount, refusalCount, batchLimit }]
  })
  regrow(lane, batch, outcome)
}

function regrow(lane: Lane, batch: readonly Notification[], outcome: AttemptOutcome): void {
  const growth = regrowth(batch, outcome)
  if (!growth) return
  const halved = lane.waiting.filter(
    ({ dueAt, batchLimit, isRegrown }) =>
      dueAt <= lane.now && batchLimit < growth.batchLimit && (!isRegrown || batchLimit > 1),
  )
  if (halved.length < growth.crowdMin) return
  const growing = new Set(halved.slice(0, growth.batchLimit))
  lane.waiting = lane.waiting.map((each) =>
    growing.has(each) ? { ...each, batchLimit: growth.batchLimit, isRegrown: true } : each,
  )
}

const ACKNOWLEDGED: AttemptOutcome = { kind: 'acknowledged' }
const REFUSED: AttemptOutcome = { kind: 'refused', reason: 'nack' }
const UNANSWERED: AttemptOutcome = { kind: 'unanswered', reason: 'timed out' }

/** A listener that refuses each message in which a bad record is. */
function refusing(poison: ReadonlySet<string>) {
  return (batch: readonly Notification[]) =>
    batch.some((each) => poison.has(each.notificationId)) ? REFUSED : ACKNOWLEDGED
}

/** Posts until all but the poison are delivered; answers in how many messages. */
function deliverGood(lane: Lane, poison: ReadonlySet<string>, postsMax = 1000): number {
  const before = lane.postCount
  const isGoodLeft = () => lane.waiting.some((each) => !poison.has(each.notificationId))
  while (isGoodLeft() && lane.postCount - before < postsMax) post(lane, refusing(poison))
  return lane.postCount - before
}

const places = (count: number) =>
  fc.uniqueArray(fc.nat({ max: 99 }), { minLength: count, maxLength: count })

for (const poisonCount of [1, 2, 3]) {
  test(`of a hundred with ${poisonCount} bad among them, the good ones are delivered within ${HALVING_POSTS_MAX} messages for each bad one`, () => {
    fc.assert(
      fc.property(places(poisonCount), (bad) => {
        const lane = openLane()
        const ids = queue(lane, 100)
        const poison = new Set(bad.map((place) => ids[place] ?? ''))
        for (let refusal = 0; refusal < 2; refusal += 1) post(lane, refusing(poison))

        const postCount = deliverGood(lane, poison)

        assert.equal(lane.delivered.size, 100 - poisonCount)
        assert.ok(postCount <= HALVING_POSTS_MAX * poisonCount, `${postCount} messages`)
        assert.ok(
          lane.waiting.every((each) => !each.isRegrown),
          'nothing was tried together again',
        )
      }),
    )
  })
}

test('bad records that arrive while others are halved hold back the good ones for as few messages', () => {
  const arrival = fc.record({
    afterPosts: fc.integer({ min: 1, max: 12 }),
    count: fc.nat({ max: 40 }),
  })
  fc.assert(
    fc.property(places(1), fc.array(arrival, { maxLength: 3 }), ([bad = 0], arrivals) => {
      const lane = openLane()
      const poison = new Set([queue(lane, 100)[bad] ?? ''])
      for (const { afterPosts, count } of arrivals) {
        for (let posts = 0; posts < afterPosts; posts += 1) post(lane, refusing(poison))
        const [first] = queue(lane, count + 1)
        poison.add(first ?? '')
      }

      const postCount = deliverGood(lane, poison)

      const total = 100 + arrivals.reduce((sum, { count }) => sum + count + 1, 0)
      assert.equal(lane.delivered.size, total - poison.size)
      // Each bad record costs its halvings and the two refusals before, and is met alone on the way.
      assert.ok(postCount <= (HALVING_POSTS_MAX + 2) * poison.size + 40, `${postCount} messages`)
    }),
  )
})

test('attempts that go unanswered in between halve nothing', () => {
  fc.assert(
    fc.property(places(1), fc.array(fc.boolean(), { maxLength: 12 }), ([bad = 0], outages) => {
      const lane = openLane()
      const poison = new Set([queue(lane, 100)[bad] ?? ''])
      for (const isOut of outages) {
        const before = nextBatch(lane)
        post(lane, isOut ? () => UNANSWERED : refusing(poison))
        const after = lane.waiting.filter((each) =>
          before.some(({ notificationId }) => notificationId === each.notificationId),
        )
        if (isOut) assert.ok(after.every((each) => each.batchLimit === before[0]?.batchLimit))
      }
      deliverGood(lane, poison)
      assert.equal(lane.delivered.size, 99)
    }),
  )
})

test('after a listener refused everything for hours, what it takes again goes together again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 400 }), fc.nat({ max: 2 }), (count, poisonCount) => {
      const lane = openLane()
      const ids = queue(lane, count)
      const poison = new Set(ids.slice(7, 7 + poisonCount))
      while (lane.waiting.some((each) => each.batchLimit > 1)) post(lane, () => REFUSED)

      const postCount = deliverGood(lane, poison)

      assert.equal(lane.delivered.size, count - poisonCount)
      // 1, 2, 4 … 100 in a message; those that went with a bad record go alone after all.
      assert.ok(postCount <= 9 + count / 100 + CROWD + poisonCount * 100, `${postCount} messages`)
      if (poisonCount === 0) assert.ok(postCount <= 9 + count / 100 + CROWD)
    }),
    { numRuns: 30 },
  )
})

/** With fewer than so many left, they go alone. */
const CROWD = 20
