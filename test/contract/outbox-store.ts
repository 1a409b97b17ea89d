import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HOUR_MS, MINUTE_MS } from '../../src/base/clock.ts'
import {
  BREAKER_FAILURES_MAX,
  PROBE_MAX_MS,
  RETRY_FIRST_MS,
} from '../../src/outbox/delivery-schedule.ts'
import type { LeasedBatch, OutboxStore } from '../../src/outbox/outbox-store.ts'
import {
  ACKNOWLEDGED,
  askAt,
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

export const ACME = 'https://acme.example/in'
export const BOLT = 'https://bolt.example/in'

/** A store in which the outbound messages 1 and 2 go to Acme and 3 to Bolt. */
export async function openRouted(
  open: (t: TestContext) => Promise<OutboxUnderTest>,
  t: TestContext,
): Promise<OutboxUnderTest> {
  const opened = await open(t)
  await opened.outbox.route(
    [ACME, ACME, BOLT].map((endpointUrl, index) => routeOf(index + 1, endpointUrl)),
    NOON,
  )
  return opened
}

/** What every outbox store must do about leases, settlements and the breaker. */
export function outboxStoreContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  /** A routed store with `count` notifications of message 1 waiting. */
  const openWith = async (t: TestContext, count: number) => {
    const opened = await openRouted(open, t)
    await opened.enqueue(notifications(count))
    await opened.outbox.wake([messageId(1)], NOON)
    return opened.outbox
  }

  describe(`outbox store: ${name}`, { concurrency: 4 }, () => {
    test('up to a hundred due notifications are taken, the earliest due first', async (t) => {
      const outbox = await openWith(t, 130)

      const first = await leased(outbox)
      const second = await leased(outbox)

      assert.deepEqual([first.notifications.length, second.notifications.length], [100, 30])
      const ids = [...first.notifications, ...second.notifications].map((n) => n.notificationId)
      assert.deepEqual(ids, [...ids].sort())
      assert.equal(first.endpointUrl, ACME)
      assert.equal(await leaseOne(outbox, NOON), null)
    })

    test('many senders at once never hold the same notification', async (t) => {
      const opened = await openRouted(open, t)
      for (const message of [1, 2, 3]) {
        await opened.enqueue(notifications(40, { outboundMessageId: messageId(message) }))
      }
      await opened.outbox.wake([1, 2, 3].map(messageId), NOON)
      const sent: string[] = []

      const send = async () => {
        for (let idle = 0; idle < 5; ) {
          const batch = await leaseOne(opened.outbox, NOON, { limit: 3 })
          idle = batch ? 0 : idle + 1
          if (!batch) continue
          sent.push(...batch.notifications.map((each) => each.notificationId))
          await opened.outbox.settle(settledAs(ACKNOWLEDGED, batch, NOON))
        }
      }
      await Promise.all(Array.from({ length: 12 }, send))

      assert.equal(sent.length, 120)
      assert.equal(new Set(sent).size, 120)
      assert.deepEqual(await opened.outbox.list({ limit: 10 }), [])
    })

    test('of senders whose leases lapse under them, one settles each notification', async (t) => {
      const outbox = await openWith(t, 40)

      const send = async () => {
        for (let turn = 0; turn < 25; turn += 1) {
          const batch = await leaseOne(outbox, NOON, {
            limit: 2,
            leaseMs: (turn % 2) * MINUTE_MS,
          })
          await outbox.sweep(NOON)
          if (batch) await outbox.settle(settledAs(ACKNOWLEDGED, batch, NOON))
        }
      }
      await Promise.all(Array.from({ length: 12 }, send))
      const waiting = await outbox.list({ limit: 100 })
      const sent = (await outbox.attempts({ limit: 1000 })).flatMap((each) => each.notificationIds)

      assert.equal(new Set(sent).size, sent.length)
      assert.equal(sent.length + waiting.length, 40)
      assert.ok(sent.length > 0)
    })

    test('leases held at the same time share nothing', async (t) => {
      const outbox = await openWith(t, 64)

      const asks = [1, 2, 3, 5, 5].map((count) => outbox.lease(askAt(NOON, { limit: 4, count })))
      const batches = (await Promise.all(asks)).flat()

      const ids = batches.flatMap((each) => each.notifications.map((n) => n.notificationId))
      assert.ok(ids.length > 0)
      assert.equal(new Set(ids).size, ids.length)
      assert.equal(new Set(batches.map((each) => each.lease.slot)).size, batches.length)
    })

    test('a lane has sixteen slots', async (t) => {
      const outbox = await openWith(t, 20)

      for (let slot = 0; slot < 16; slot += 1) await leased(outbox, NOON, { limit: 1 })

      assert.equal(await leaseOne(outbox, NOON, { limit: 1 }), null)
    })

    test('a sender that outlived its lease settles nothing', async (t) => {
      const outbox = await openWith(t, 1)
      const late = await leased(outbox, NOON, { leaseMs: 0 }) // lapses at once
      await outbox.sweep(NOON)
      const current = await leased(outbox)
      assert.deepEqual(current.notifications, late.notifications)

      assert.equal(await outbox.settle(settledAs(ACKNOWLEDGED, late, NOON)), 'lease lost')
      const leases = [late.lease, current.lease]
      assert.deepEqual(await outbox.renew(leases, MINUTE_MS), [late.lease.token])
      await outbox.release(late.lease)
      assert.equal(await leaseOne(outbox, NOON), null, 'still the current sender’s')

      assert.equal(await outbox.settle(settledAs(REFUSED, current, NOON)), 'settled')
      assert.equal(await outbox.settle(settledAs(REFUSED, current, NOON)), 'lease lost')
      const [waiting] = await outbox.list({ limit: 10 })
      assert.equal(waiting?.attemptCount, 1)
      assert.equal((await outbox.attempts({ limit: 10 })).length, 1)
    })

    test('a lapsed lease costs no attempt; the sweep frees it', async (t) => {
      const outbox = await openWith(t, 2)
      await leased(outbox, NOON, { leaseMs: 0 })

      assert.deepEqual(await outbox.sweep(NOON), { released: 1, expired: 0 })

      const again = await leased(outbox)
      assert.deepEqual(
        again.notifications.map((each) => each.attemptCount),
        [0, 0],
      )
    })

    test('what was taken and released is as it was', async (t) => {
      const outbox = await openWith(t, 3)
      const first = await leased(outbox)
      await outbox.release(first.lease)

      const second = await leased(outbox)

      assert.deepEqual(second.notifications, first.notifications)
    })

    test('an acknowledged notification leaves the outbox, its attempt stays to be read', async (t) => {
      const outbox = await openWith(t, 2)
      const batch = await leased(outbox)

      await outbox.settle(settledAs(ACKNOWLEDGED, batch, NOON))

      assert.deepEqual(await outbox.list({ limit: 10 }), [])
      const [notification] = batch.notifications
      assert.ok(notification)
      const { notificationId, recordId } = notification
      const [attempt] = await outbox.attempts({ notificationId, limit: 10 })
      assert.equal(attempt?.outcome, 'acknowledged')
      assert.equal(attempt?.notificationIds.length, 2)
      const [sent] = await outbox.attempted({ recordId, limit: 10 })
      assert.equal(sent?.notificationId, notificationId)
      assert.equal(sent?.attemptId, attempt?.attemptId)
      assert.equal(sent?.durationMs, attempt?.durationMs)
      assert.equal(sent?.httpStatus, attempt?.httpStatus)
    })

    test('a refused notification comes again when its own time has come', async (t) => {
      const outbox = await openWith(t, 1)
      await outbox.settle(settledAs(REFUSED, await leased(outbox), NOON))

      assert.equal(await leaseOne(outbox, NOON + RETRY_FIRST_MS - 1), null)
      const again = await leased(outbox, NOON + RETRY_FIRST_MS)

      assert.equal(again.notifications[0]?.attemptCount, 1)
      assert.equal(again.notifications[0]?.refusalCount, 1)
      assert.equal(again.notifications[0]?.failureReason, 'SOAP response was a nack')
    })

    test('twice refused together, they come in halves', async (t) => {
      const outbox = await openWith(t, 11)
      await outbox.settle(settledAs(REFUSED, await leased(outbox), NOON))
      const second = NOON + RETRY_FIRST_MS
      await outbox.settle(settledAs(REFUSED, await leased(outbox, second), second))

      const third = second + 2 * RETRY_FIRST_MS
      const halves = [await leased(outbox, third), await leased(outbox, third)]

      assert.deepEqual(
        halves.map((each) => each.notifications.length),
        [6, 5],
      )
    })

    test('the sweep repairs a wake that was lost', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(1))
      assert.equal(await leaseOne(outbox, NOON), null)

      await outbox.sweep(NOON)

      assert.equal((await leased(outbox)).notifications.length, 1)
    })

    test('five unanswered attempts open the breaker, though they ran side by side', async (t) => {
      const outbox = await openWith(t, 12)
      const inFlight: LeasedBatch[] = []
      for (let slot = 0; slot < BREAKER_FAILURES_MAX; slot += 1) {
        inFlight.push(await leased(outbox, NOON, { limit: 1 }))
      }
      for (const each of inFlight) await outbox.settle(settledAs(UNANSWERED, each, NOON))

      const [acme] = await outbox.lanes()
      assert.equal(acme?.failureCount, BREAKER_FAILURES_MAX)
      assert.equal(acme?.probeAt, NOON + PROBE_MAX_MS)
      assert.equal(await leaseOne(outbox, NOON + PROBE_MAX_MS - 1), null, 'no row is touched')
    })

    test('an attempt from before the breaker opened does not put off the probe', async (t) => {
      const outbox = await openWith(t, 12)
      const inFlight: LeasedBatch[] = []
      for (let slot = 0; slot <= BREAKER_FAILURES_MAX; slot += 1) {
        inFlight.push(await leased(outbox, NOON, { limit: 1 }))
      }
      const late = inFlight.pop()
      assert.ok(late)
      for (const each of inFlight) await outbox.settle(settledAs(UNANSWERED, each, NOON))

      await outbox.settle(settledAs(UNANSWERED, late, NOON + 20_000))

      const [acme] = await outbox.lanes()
      assert.equal(acme?.probeAt, NOON + PROBE_MAX_MS)
    })

    test('one probe of at most ten goes at a time, due or not', async (t) => {
      const outbox = await openWith(t, 30)
      const probing = await openBreaker(outbox)

      const probe = await leased(outbox, probing)

      assert.ok(probe.isProbe)
      assert.equal(probe.notifications.length, 10)
      assert.equal(await leaseOne(outbox, probing + HOUR_MS), null)
      await outbox.settle(settledAs(UNANSWERED, probe, probing))
      assert.equal(await leaseOne(outbox, probing + PROBE_MAX_MS - 1), null)
      assert.ok((await leased(outbox, probing + PROBE_MAX_MS)).isProbe)
    })

    test('a refused probe closes the breaker and leaves the others their times', async (t) => {
      const outbox = await openWith(t, 1)
      const probing = await openBreaker(outbox)

      await outbox.settle(settledAs(REFUSED, await leased(outbox, probing), probing))

      const [acme] = await outbox.lanes()
      assert.deepEqual([acme?.failureCount, acme?.probeAt], [0, null])
      assert.equal(await leaseOne(outbox, probing), null)
    })

    test('150 queued singly while the endpoint was down arrive in at most five messages', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      for (let save = 0; save < 150; save += 1) {
        await enqueue(notifications(1))
        await outbox.wake([messageId(1)], NOON)
        const batch = await leaseOne(outbox, NOON)
        if (batch) await outbox.settle(settledAs(UNANSWERED, batch, NOON))
      }

      const sizes: number[] = []
      const back = NOON + PROBE_MAX_MS
      for (let batch = await leaseOne(outbox, back); batch; ) {
        sizes.push(batch.notifications.length)
        await outbox.settle(settledAs(ACKNOWLEDGED, batch, back))
        batch = await leaseOne(outbox, back)
      }

      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        150,
      )
      assert.ok(sizes.length <= 5, `in ${sizes.length} messages`)
      assert.ok(sizes.includes(100))
    })

    test('a sender that asks for healthy lanes passes over one that did not answer', async (t) => {
      const outbox = await openWith(t, 2)
      await outbox.settle(settledAs(UNANSWERED, await leased(outbox, NOON, { limit: 1 }), NOON))

      assert.equal(await leaseOne(outbox, NOON, { failingCount: 0 }), null)
      assert.equal((await leased(outbox)).laneFailureCount, 1)
    })
  })
}

/** The next batch; there must be one. */
export async function leased(
  outbox: OutboxStore,
  now = NOON,
  more: Partial<Parameters<OutboxStore['lease']>[0]> = {},
): Promise<LeasedBatch> {
  const batch = await leaseOne(outbox, now, more)
  assert.ok(batch, 'something is due')
  return batch
}

/** Lets single attempts go unanswered until the breaker opens. Answers when the probe is due. */
async function openBreaker(outbox: OutboxStore): Promise<number> {
  let now = NOON
  for (let attempt = 0; attempt < BREAKER_FAILURES_MAX; attempt += 1) {
    const batch = await leaseOne(outbox, now, { limit: 1 })
    assert.ok(batch)
    await outbox.settle(settledAs(UNANSWERED, batch, now))
    now += HOUR_MS
  }
  return now - HOUR_MS + PROBE_MAX_MS
}
