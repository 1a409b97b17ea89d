import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { HOUR_MS } from '../../src/base/clock.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { LeasedBatch, OutboxStore } from '../../src/outbox/outbox-store.ts'
import {
  ACKNOWLEDGED,
  leaseOne,
  messageId,
  notifications,
  type OutboxUnderTest,
  REFUSED,
  routeOf,
  settledAs,
} from '../support/notifications.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME } from './outbox-store.ts'

/** What every outbox store must do about bad records among good ones; `src/outbox/halving.test.ts` has the rest. */
export function outboxHalvingContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  const openWith = async (t: TestContext) => {
    const opened = await open(t)
    await opened.outbox.route([routeOf(1, ACME)], NOON)
    const queue = async (count: number) => {
      const queued = notifications(count)
      await opened.enqueue(queued)
      await opened.outbox.wake([messageId(1)], NOON)
      return queued.map((each) => each.notificationId)
    }
    return { outbox: opened.outbox, queue }
  }

  describe(`outbox store, halving: ${name}`, { concurrency: 4 }, () => {
    test('bad records among a hundred hold the good ones back for 14 messages each', async (t) => {
      const { outbox, queue } = await openWith(t)
      const place = fc.nat({ max: 99 })
      const property = fc.asyncProperty(
        fc.uniqueArray(place, { minLength: 1, maxLength: 3 }),
        async (bad) => {
          const ids = await queue(100)
          const poison = new Set<string>(bad.map((each) => ids[each] ?? ''))
          const goodCount = ids.length - poison.size

          const posted = await postAll(outbox, {
            until: goodCount,
            isRefused: (id) => poison.has(id),
          })

          const halvings = posted.sizes.length - 2
          assert.deepEqual(posted.sizes.slice(0, 2), [100, 100])
          assert.ok(halvings <= 14 * poison.size, `${halvings} messages`)
          const left = await outbox.del({ outboundMessageId: messageId(1), limit: 100 })
          assert.equal(left.count, poison.size)
        },
      )
      await fc.assert(property, { numRuns: 4 })
    })

    test('what stood alone goes together again once the listener takes it', async (t) => {
      const { outbox, queue } = await openWith(t)
      await queue(60)
      const back = NOON + 5 * HOUR_MS
      await postAll(outbox, { until: 1, isRefused: () => true, end: back })
      const alone = await outbox.list({ limit: 100 })
      assert.ok(alone.every((each) => each.batchLimit === 1 && !each.isRegrown))

      const later = NOON + 9 * HOUR_MS // all are due
      const { sizes } = await postAll(outbox, { until: 60, isRefused: () => false, from: later })

      assert.deepEqual(sizes, [1, 2, 4, 8, 16, 29])
    })

    test('refused when it goes together again, it goes alone from then on', async (t) => {
      const { outbox, queue } = await openWith(t)
      const [first] = await queue(60)
      const back = NOON + 5 * HOUR_MS
      await postAll(outbox, { until: 1, isRefused: () => true, end: back })

      const later = NOON + 9 * HOUR_MS
      const poison = (await outbox.list({ order: 'dueAt', limit: 3 })).at(2)?.notificationId
      assert.notEqual(poison, first)
      const isRefused = (id: string) => id === poison
      const { sizes } = await postAll(outbox, { until: 59, isRefused, from: later })

      assert.deepEqual(sizes.slice(0, 2), [1, 2])
      const [left] = await outbox.list({ limit: 10 })
      assert.deepEqual([left?.notificationId, left?.batchLimit], [poison, 1])
      assert.ok(sizes.length < 60, `${sizes} in a message`)
    })

    test('a dead letter that is sent again goes together with others, as when it was new', async (t) => {
      const { outbox, queue } = await openWith(t)
      await queue(30)
      await postAll(outbox, { until: 1, isRefused: () => true, end: NOON + LIFETIME_MS })
      const later = NOON + 2 * LIFETIME_MS
      await outbox.sweep(later)

      assert.equal((await outbox.retry({ state: 'expired', limit: 100 }, later)).count, 30)

      const { sizes } = await postAll(outbox, { until: 30, isRefused: () => false, from: later })
      assert.deepEqual(sizes, [30])
    })
  })
}

type Posting = {
  /** Ends when so many were acknowledged. */
  readonly until: number
  readonly isRefused: (notificationId: string) => boolean
  readonly from?: number
  /** Ends when the clock is there. */
  readonly end?: number
}

/** Posts what is due, one message after the other, and goes on to when the next is. Answers how many were in each. */
async function postAll(
  outbox: OutboxStore,
  { until, isRefused, from = NOON, end = NOON + 20 * HOUR_MS }: Posting,
): Promise<{ readonly sizes: readonly number[] }> {
  const sizes: number[] = []
  let now = from
  for (let acknowledged = 0; acknowledged < until; ) {
    const batch = await leaseOne(outbox, now)
    if (batch) {
      const isGood = batch.notifications.every((each) => !isRefused(each.notificationId))
      await settle(outbox, batch, now, isGood)
      sizes.push(batch.notifications.length)
      acknowledged += isGood ? batch.notifications.length : 0
      continue
    }
    const [next] = await outbox.list({ order: 'dueAt', limit: 1 })
    if (!next || next.dueAt > end) break
    now = Math.max(next.dueAt, now + 1)
  }
  return { sizes }
}

async function settle(outbox: OutboxStore, batch: LeasedBatch, now: number, isGood: boolean) {
  await outbox.settle(settledAs(isGood ? ACKNOWLEDGED : REFUSED, batch, now))
}
