import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LeasedBatch, OutboxStore } from '../../src/outbox/outbox-store.ts'
import {
  ACKNOWLEDGED,
  askAt,
  messageId,
  notifications,
  type OutboxUnderTest,
  REFUSED,
  settledAs,
  UNANSWERED,
} from '../support/notifications.ts'
import { NOON } from '../support/test-clock.ts'
import { leased, openRouted } from './outbox-store.ts'

/** What every outbox store must do where a slot carries several batches. */
export function outboxLoadsContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  /** Takes one slot of the lane of message 1, where 8 wait, with a load of three batches of two. */
  const openLoaded = async (t: TestContext) => {
    const { outbox, enqueue } = await openRouted(open, t)
    await enqueue(notifications(8))
    await outbox.wake([messageId(1)], NOON)
    const laneId = await laneOfFirst(outbox)
    const load = await outbox.lease(askAt(NOON, { limit: 2, loads: { [laneId]: 3 } }))
    return { outbox, laneId, load }
  }
  const kept = (batch: LeasedBatch, outcome = ACKNOWLEDGED) => ({
    ...settledAs(outcome, batch, NOON),
    slot: { kind: 'kept' } as const,
  })
  const freed = (batch: LeasedBatch, givenBackCount = 0) => ({
    ...settledAs(ACKNOWLEDGED, batch, NOON),
    slot: { kind: 'freed', givenBackCount } as const,
  })
  const slotsIn = async (outbox: OutboxStore) => (await outbox.lanes())[0]?.leasedCount

  describe(`outbox store, loads: ${name}`, { concurrency: 4 }, () => {
    test('a slot carries as many messages as it may, the first due first, and is free after the last', async (t) => {
      const { outbox, load } = await openLoaded(t)
      assert.deepEqual(
        load.map((each) => each.notifications.length),
        [2, 2, 2],
      )
      assert.equal(new Set(load.map((each) => each.lease.token)).size, 1)
      const ids = load.flatMap((each) => each.notifications).map((each) => each.notificationId)
      assert.deepEqual(ids, ids.toSorted())
      const [first, second, third] = load as [LeasedBatch, LeasedBatch, LeasedBatch]

      const answers = await Promise.all([kept(first), kept(second)].map(outbox.settle))
      assert.deepEqual(answers, ['settled', 'settled'])
      assert.equal(await slotsIn(outbox), 1)
      assert.equal((await outbox.list({ limit: 10 })).length, 4)

      assert.equal(await outbox.settle(freed(third)), 'settled')
      assert.equal(await slotsIn(outbox), 0)
      assert.equal(await outbox.settle(kept(third)), 'lease lost')
      assert.equal((await leased(outbox, NOON)).notifications.length, 2)
    })

    test('what is left of a load goes back with its slot, as it was', async (t) => {
      const { outbox, load } = await openLoaded(t)
      const [first, second] = load as [LeasedBatch, LeasedBatch]
      await outbox.settle(kept(first, REFUSED))
      await outbox.settle(freed(second, 2))

      const again = await leased(outbox, NOON)
      assert.equal(again.notifications.length, 4, 'two of the load, and two that waited')
      assert.ok(again.notifications.every((each) => each.attemptCount === 0))
      assert.equal((await outbox.list({ limit: 10 })).length, 6)
    })

    test('of a load whose sender died, what is settled stays settled, and the rest is sent again', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(6))
      await outbox.wake([messageId(1)], NOON)
      const loads = { [await laneOfFirst(outbox)]: 3 }
      const [first] = await outbox.lease(askAt(NOON, { limit: 2, loads, leaseMs: 0 }))
      assert.ok(first)
      await outbox.settle(kept(first))
      await outbox.sweep(NOON)

      const again = await outbox.lease(askAt(NOON, { limit: 100 }))
      assert.deepEqual(
        again.map((each) => each.notifications.length),
        [4],
      )
    })

    test('a lane that did not answer last is asked for one message at a time', async (t) => {
      const { outbox, laneId, load } = await openLoaded(t)
      const [first] = load as [LeasedBatch]
      await outbox.settle(settledAs(UNANSWERED, first, NOON))
      const next = await outbox.lease(askAt(NOON, { limit: 2, loads: { [laneId]: 3 } }))
      assert.equal(next.length, 1)
    })

    test('several slots share what is due, and no commit takes it all', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(30))
      await outbox.wake([messageId(1)], NOON)
      const loads = { [await laneOfFirst(outbox)]: 64 }
      const batches = await outbox.lease(askAt(NOON, { limit: 3, count: 4, loads }))
      const perSlot = [...Map.groupBy(batches, (each) => each.lease.slot).values()]
      assert.deepEqual(perSlot.map((each) => each.length).toSorted(), [2, 2, 3, 3])
    })

    test('an attempt that is settled twice, as nobody knew of the first time, is kept once', async (t) => {
      const { outbox, load } = await openLoaded(t)
      const [first] = load as [LeasedBatch]
      const settled = kept(first)
      assert.equal(await outbox.settle(settled), 'settled')
      assert.equal(await outbox.settle(settled), 'settled')
      assert.equal((await outbox.attempts({ limit: 10 })).length, 1)
    })
  })
}

async function laneOfFirst(outbox: OutboxStore): Promise<string> {
  const lanes = await outbox.lanes()
  const lane = lanes.find((each) =>
    each.outboundMessages.some(({ outboundMessageId }) => outboundMessageId === messageId(1)),
  )
  assert.ok(lane)
  return lane.laneId
}
