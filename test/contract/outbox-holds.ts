import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { DAY_MS, HOUR_MS } from '../../src/base/clock.ts'
import { BREAKER_FAILURES_MAX, DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { HoldTarget, OutboxStore } from '../../src/outbox/outbox-store.ts'
import {
  ACKNOWLEDGED,
  leaseOne,
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

const MESSAGE: HoldTarget = { kind: 'outboundMessage', outboundMessageId: messageId(1) }

/** What every outbox store must do about holds, routes, people's Retry and Del, expiry and retention. */
export function outboxHoldsContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  const openWith = async (t: TestContext, count: number) => {
    const { outbox, enqueue } = await open(t)
    await routeTo(outbox, ACME)
    await enqueue(notifications(count))
    await outbox.wake([messageId(1)], NOON)
    return outbox
  }

  describe(`outbox store, holds and ends: ${name}`, { concurrency: 4 }, () => {
    for (const kind of ['outboundMessage', 'lane'] as const) {
      test(`an ${kind} on hold sends nothing, and its time does not count`, async (t) => {
        const outbox = await openWith(t, 2)
        const target = kind === 'lane' ? await laneTarget(outbox) : MESSAGE

        assert.deepEqual(await outbox.hold(target, 'maintenance', NOON + HOUR_MS), { kind: 'held' })
        assert.deepEqual(await outbox.hold(target, 'again', NOON + HOUR_MS), {
          kind: 'held before',
          reason: 'maintenance',
        })
        assert.equal(await leaseOne(outbox, NOON + HOUR_MS), null)
        const [held] = await outbox.list({ limit: 10 })
        assert.equal(held?.heldReason, 'maintenance')
        assert.deepEqual(await outbox.sweep(NOON + 30 * HOUR_MS), {
          released: 0,
          expired: 0,
        })

        const free = { stillHeld: null }
        const resumed = await outbox.resume(target, NOON + 31 * HOUR_MS)
        assert.deepEqual(resumed, { kind: 'resumed', ...free })
        const again = await outbox.resume(target, NOON + 31 * HOUR_MS)
        assert.deepEqual(again, { kind: 'not on hold', ...free })
        const batch = await leased(outbox, NOON + 31 * HOUR_MS)
        assert.equal(batch.notifications.length, 2)
        assert.equal(batch.notifications[0]?.expiresAt, NOON + LIFETIME_MS + 30 * HOUR_MS)
      })
    }

    for (const first of ['message', 'lane'] as const) {
      test(`of two holds at once, the ${first}’s first, the time is given back once`, async (t) => {
        const outbox = await openWith(t, 1)
        const lane = await laneTarget(outbox)
        const [earlier, later] = first === 'lane' ? [lane, MESSAGE] : [MESSAGE, lane]
        await outbox.hold(earlier, 'earlier', NOON)
        await outbox.hold(later, 'later', NOON + 2 * HOUR_MS)

        await outbox.resume(later, NOON + 5 * HOUR_MS)
        assert.equal(await leaseOne(outbox, NOON + 5 * HOUR_MS), null)
        await outbox.resume(earlier, NOON + 9 * HOUR_MS)

        const batch = await leased(outbox, NOON + 9 * HOUR_MS)
        assert.equal(batch.notifications[0]?.expiresAt, NOON + LIFETIME_MS + 9 * HOUR_MS)
      })
    }

    for (const first of ['message', 'lane'] as const) {
      test(`a ${first}’s hold that ends before a later one gives back what was its own`, async (t) => {
        const outbox = await openWith(t, 1)
        const lane = await laneTarget(outbox)
        const [earlier, later] = first === 'lane' ? [lane, MESSAGE] : [MESSAGE, lane]
        await outbox.hold(earlier, 'earlier', NOON)
        await outbox.hold(later, 'later', NOON + 2 * HOUR_MS)

        await outbox.resume(earlier, NOON + 5 * HOUR_MS)
        const [held] = await outbox.list({ limit: 10 })
        assert.equal(held?.expiresAt, NOON + LIFETIME_MS + 2 * HOUR_MS)
        await outbox.resume(later, NOON + 9 * HOUR_MS)

        const batch = await leased(outbox, NOON + 9 * HOUR_MS)
        assert.equal(batch.notifications[0]?.expiresAt, NOON + LIFETIME_MS + 9 * HOUR_MS)
      })
    }

    test('a definition’s hold comes and goes with the definition, a person’s survives', async (t) => {
      const outbox = await openWith(t, 1)
      await routeTo(outbox, ACME, 'no user to send as', NOON)
      await outbox.hold(MESSAGE, 'a person', NOON + HOUR_MS)

      await routeTo(outbox, ACME, null, NOON + 2 * HOUR_MS)
      const [held] = await outbox.list({ limit: 10 })
      assert.equal(held?.heldReason, 'a person')
      await routeTo(outbox, ACME, 'no user to send as', NOON + 3 * HOUR_MS)
      const stillHeld = 'no user to send as'
      const resumed = await outbox.resume(MESSAGE, NOON + 4 * HOUR_MS)
      assert.deepEqual(resumed, { kind: 'resumed', stillHeld })
      const again = await outbox.resume(MESSAGE, NOON + 4 * HOUR_MS)
      assert.deepEqual(again, { kind: 'not on hold', stillHeld })
      assert.equal(await leaseOne(outbox, NOON + 4 * HOUR_MS), null)
      await routeTo(outbox, ACME, null, NOON + 5 * HOUR_MS)

      const batch = await leased(outbox, NOON + 5 * HOUR_MS)
      assert.equal(batch.notifications[0]?.expiresAt, NOON + LIFETIME_MS + 5 * HOUR_MS)
    })

    test('a new endpoint URL takes what waits to its own lane', async (t) => {
      const outbox = await openWith(t, 1)

      await routeTo(outbox, BOLT)

      assert.deepEqual(
        (await outbox.lanes()).map((each) => [each.endpointUrl, each.waitingCount]),
        [[BOLT, 1]],
      )
      assert.equal((await leased(outbox)).endpointUrl, BOLT)
    })

    test('a new endpoint URL makes what waits due at once, also out of an open breaker', async (t) => {
      const outbox = await openWith(t, 8)
      for (let slot = 0; slot < BREAKER_FAILURES_MAX; slot += 1) {
        await outbox.settle(settledAs(UNANSWERED, await leased(outbox, NOON, { limit: 1 }), NOON))
      }
      const soon = NOON + 1 // before any retry, and before the probe
      assert.equal(await leaseOne(outbox, soon), null)

      await routeTo(outbox, BOLT, null, soon)

      const batch = await leased(outbox, soon)
      assert.deepEqual([batch.endpointUrl, batch.isProbe], [BOLT, false])
      assert.equal(batch.notifications.length, 8)
    })

    test('what is on its way to the old URL when it changes is tried at the new one at once', async (t) => {
      const outbox = await openWith(t, 2)
      const old = await leased(outbox)
      await routeTo(outbox, BOLT)
      assert.equal(await leaseOne(outbox, NOON), null, 'nothing is sent twice')

      await outbox.settle(settledAs(UNANSWERED, old, NOON))
      await outbox.sweep(NOON)

      const batch = await leased(outbox)
      assert.equal(batch.endpointUrl, BOLT)
      assert.deepEqual(
        batch.notifications.map((each) => each.attemptCount),
        [1, 1],
      )
      await outbox.settle(settledAs(ACKNOWLEDGED, batch, NOON))
      assert.deepEqual(await outbox.list({ limit: 10 }), [])
    })

    test('what waits for an outbound message that is gone stays, held with a reason', async (t) => {
      const outbox = await openWith(t, 1)

      await outbox.route([], NOON)

      assert.equal(await leaseOne(outbox, NOON), null)
      const [waiting] = await outbox.list({ limit: 10 })
      assert.match(waiting?.heldReason ?? '', /not defined/)
      await routeTo(outbox, ACME)
      assert.equal((await leased(outbox)).notifications.length, 1)
    })

    test('a batch given back for want of a definition is held until it is routed', async (t) => {
      const outbox = await openWith(t, 1)
      const { lease } = await leased(outbox)

      await outbox.release(lease, {
        outboundMessageId: messageId(1),
        reason: 'not defined here',
        now: NOON,
      })

      assert.equal(await leaseOne(outbox, NOON), null)
      const [waiting] = await outbox.list({ limit: 10 })
      assert.equal(waiting?.heldReason, 'not defined here')
      await routeTo(outbox, ACME)
      assert.equal((await leased(outbox)).notifications.length, 1)
    })

    test('the next due are listed first when they are asked for', async (t) => {
      const outbox = await openWith(t, 4)
      await outbox.settle(settledAs(REFUSED, await leased(outbox, NOON, { limit: 2 }), NOON))
      await leased(outbox, NOON, { limit: 1 })

      const [oldest] = await outbox.list({ limit: 1 })
      const next = await outbox.list({ order: 'dueAt', limit: 10 })

      assert.equal(oldest?.attemptCount, 1)
      assert.deepEqual(
        next.map((each) => each.attemptCount),
        [0, 1, 1],
      )
    })

    test('Retry makes it due now, with an open breaker too', async (t) => {
      const outbox = await openWith(t, 6)
      for (let slot = 0; slot < 5; slot += 1) {
        await outbox.settle(settledAs(UNANSWERED, await leased(outbox, NOON, { limit: 1 }), NOON))
      }
      assert.equal(await leaseOne(outbox, NOON + 1), null)

      const filter = { outboundMessageId: messageId(1), limit: 100 }
      assert.equal((await outbox.retry(filter, NOON + 1)).count, 6)

      const probe = await leased(outbox, NOON + 1)
      assert.ok(probe.isProbe)
      const [first] = probe.notifications
      assert.equal(first?.dueAt, NOON + 1)
      assert.equal(first?.expiresAt, NOON + LIFETIME_MS, 'it lives no longer for that')
    })

    test('Del removes it for good, also while it is being sent', async (t) => {
      const outbox = await openWith(t, 3)
      const batch = await leased(outbox)
      const [first] = batch.notifications
      assert.ok(first)

      const filter = { notificationIds: [first.notificationId], limit: 10 }
      assert.deepEqual(await outbox.del(filter), { count: 1, sendingCount: 1 })
      assert.equal(await outbox.settle(settledAs(REFUSED, batch, NOON)), 'settled')

      assert.equal((await outbox.list({ limit: 10 })).length, 2)
      const rest = await outbox.del({ outboundMessageId: messageId(1), limit: 10 })
      assert.deepEqual(rest, { count: 2, sendingCount: 0 })
      assert.deepEqual(await outbox.list({ limit: 10 }), [])
    })

    test('what is never acknowledged becomes a dead letter after its lifetime', async (t) => {
      const outbox = await openWith(t, 2)

      assert.deepEqual(await outbox.sweep(NOON + LIFETIME_MS - 1), {
        released: 0,
        expired: 0,
      })
      assert.deepEqual(await outbox.sweep(NOON + LIFETIME_MS), {
        released: 0,
        expired: 2,
      })

      assert.equal(await leaseOne(outbox, NOON + LIFETIME_MS), null)
      const letters = await outbox.list({ state: 'expired', limit: 10 })
      assert.equal(letters.length, 2)
      assert.equal(letters[0]?.expiredAt, NOON + LIFETIME_MS)
    })

    test('an attempt that fails at the end of the lifetime makes it a dead letter', async (t) => {
      const outbox = await openWith(t, 1)
      const end = NOON + LIFETIME_MS

      await outbox.settle(settledAs(REFUSED, await leased(outbox, end), end))

      const [letter] = await outbox.list({ state: 'expired', limit: 10 })
      assert.equal(letter?.failureReason, 'SOAP response was a nack')
      assert.equal(letter?.attemptCount, 1)
    })

    test('a changed lifetime holds for what waits, with its time on hold', async (t) => {
      const outbox = await openWith(t, 2)
      const lives = (lifetimeMs: number) =>
        outbox.route(
          [routeOf(1, ACME, { schedule: { ...DEFAULT_SCHEDULE, lifetimeMs } })],
          NOON + 3 * HOUR_MS,
        )
      const ends = async () =>
        (await outbox.list({ limit: 10 })).map(({ expiresAt }) => (expiresAt - NOON) / HOUR_MS)
      await outbox.hold(MESSAGE, 'for an hour', NOON)
      await outbox.resume(MESSAGE, NOON + HOUR_MS)

      await lives(7 * DAY_MS)
      assert.deepEqual(await ends(), [169, 169])
      await lives(7 * DAY_MS)
      assert.deepEqual(await ends(), [169, 169], 'once')

      await lives(2 * HOUR_MS)
      assert.deepEqual(await ends(), [3, 3])
      assert.equal((await outbox.sweep(NOON + 3 * HOUR_MS)).expired, 2)
      await lives(5 * HOUR_MS)
      assert.equal((await outbox.retry({ state: 'expired', limit: 9 }, NOON + DAY_MS)).count, 2)
      assert.deepEqual(await ends(), [29, 29])
    })

    test('Retry of a dead letter gives it a new lifetime', async (t) => {
      const outbox = await openWith(t, 1)
      const later = NOON + 2 * DAY_MS
      await outbox.sweep(later)

      assert.equal((await outbox.retry({ state: 'expired', limit: 9 }, later)).count, 1)

      const batch = await leased(outbox, later)
      assert.equal(batch.notifications[0]?.expiresAt, later + DAY_MS)
    })

    test('old attempts, too many attempts and old dead letters end', async (t) => {
      const outbox = await openWith(t, 4)
      for (const at of [0, 1, 2]) {
        const batch = await leased(outbox, NOON + at, { limit: 1 })
        await outbox.settle(settledAs(ACKNOWLEDGED, batch, NOON + at))
      }
      await outbox.sweep(NOON + LIFETIME_MS)
      const ends = {
        attemptsBefore: 0,
        attemptsMax: 100,
        attemptsBytesMax: 1e9,
        deadLettersBefore: 0,
      }
      assert.equal(await outbox.retain(ends), 0)

      assert.equal(await outbox.retain({ ...ends, attemptsBefore: NOON + 1 }), 1)
      assert.equal(await outbox.retain({ ...ends, attemptsMax: 1 }), 1)
      const dead = { ...ends, deadLettersBefore: NOON + LIFETIME_MS + 1 }
      assert.equal(await outbox.retain(dead), 1)

      const kept = await outbox.attempts({ limit: 10 })
      assert.deepEqual(
        kept.map((each) => each.startedAt),
        [NOON + 2],
      )
      assert.deepEqual(await outbox.list({ limit: 10 }), [])
    })

    test('an acknowledged probe makes all that waits due at once', async (t) => {
      const outbox = await openWith(t, 25)
      for (let slot = 0; slot < 5; slot += 1) {
        await outbox.settle(settledAs(UNANSWERED, await leased(outbox, NOON, { limit: 5 }), NOON))
      }
      const soon = NOON + 1 // by their own clocks they would wait for half a minute
      const [first] = await outbox.list({ limit: 1 })
      assert.ok(first)
      const filter = { notificationIds: [first.notificationId], limit: 1 }
      await outbox.retry(filter, soon)

      await outbox.settle(settledAs(ACKNOWLEDGED, await leased(outbox, soon), soon))

      const rest = await leased(outbox, soon)
      assert.equal(rest.notifications.length, 15)
      assert.equal(rest.isProbe, false)
    })
  })
}

function routeTo(
  outbox: OutboxStore,
  endpointUrl: string,
  heldReason: string | null = null,
  now = NOON,
): Promise<void> {
  return outbox.route([routeOf(1, endpointUrl, { heldReason })], now)
}

async function laneTarget(outbox: OutboxStore): Promise<HoldTarget> {
  const [lane] = await outbox.lanes()
  assert.ok(lane)
  return { kind: 'lane', laneId: lane.laneId }
}
