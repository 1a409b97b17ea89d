import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HOUR_MS } from '../../src/base/clock.ts'
import {
  BREAKER_FAILURES_MAX,
  PROBE_MAX_MS,
  RETRY_FIRST_MS,
} from '../../src/outbox/delivery-schedule.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
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
import { ACME, leased } from './outbox-store.ts'

const ROUTE = routeOf(1, ACME)

/** What every outbox store must say of the work it has before it. */
export function outboxAheadContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  const openWith = async (t: TestContext, count: number) => {
    const { outbox, enqueue } = await open(t)
    await outbox.route([ROUTE], NOON)
    await enqueue(notifications(count))
    await outbox.wake([messageId(1)], NOON)
    return outbox
  }

  describe(`outbox store, what is ahead: ${name}`, { concurrency: 4 }, () => {
    test('an empty outbox has nothing before it', async (t) => {
      const outbox = await openWith(t, 0)
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 0, dueAt: null })
    })

    test('what waits is due, then in hand, then due at its next attempt, then gone', async (t) => {
      const outbox = await openWith(t, 3)
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 0, dueAt: NOON })

      const first = await leased(outbox)
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 1, dueAt: NOON + LIFETIME_MS })

      await outbox.settle(settledAs(REFUSED, first, NOON))
      const again = NOON + RETRY_FIRST_MS
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 0, dueAt: again })

      await outbox.settle(settledAs(ACKNOWLEDGED, await leased(outbox, again), again))
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 0, dueAt: null })
    })

    test('while the breaker is open the next moment is the probe’s', async (t) => {
      const outbox = await openWith(t, 2)
      let now = NOON
      for (let attempt = 0; attempt < BREAKER_FAILURES_MAX; attempt += 1) {
        if (attempt > 0) now += HOUR_MS
        await outbox.settle(settledAs(UNANSWERED, await leased(outbox, now), now))
      }
      assert.deepEqual(await outbox.workAhead(), { leasedCount: 0, dueAt: now + PROBE_MAX_MS })
    })

    test('the end of a lifetime is a moment too, when it comes before the next attempt', async (t) => {
      const outbox = await openWith(t, 1)
      const last = NOON + LIFETIME_MS - 1000
      await outbox.settle(settledAs(REFUSED, await leased(outbox, last), last))

      assert.equal((await outbox.workAhead()).dueAt, NOON + LIFETIME_MS)
      assert.equal((await outbox.sweep(NOON + LIFETIME_MS)).expired, 1)
      assert.equal((await outbox.workAhead()).dueAt, null)
    })

    test('what is on hold never comes due', async (t) => {
      const outbox = await openWith(t, 1)
      const [lane] = await outbox.lanes()
      const laneId = lane?.laneId ?? assert.fail()

      await outbox.hold({ kind: 'lane', laneId }, 'maintenance', NOON)
      assert.equal((await outbox.workAhead()).dueAt, null)
      await outbox.resume({ kind: 'lane', laneId }, NOON)
      assert.equal((await outbox.workAhead()).dueAt, NOON)

      await outbox.hold({ kind: 'outboundMessage', outboundMessageId: messageId(1) }, 'me', NOON)
      assert.equal((await outbox.workAhead()).dueAt, null)
    })
  })
}
