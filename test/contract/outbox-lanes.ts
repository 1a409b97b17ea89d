import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LeasedBatch } from '../../src/outbox/outbox-store.ts'
import {
  ACKNOWLEDGED,
  askAt,
  messageId,
  notifications,
  type OutboxUnderTest,
  REFUSED,
  routeOf,
  settledAs,
  UNANSWERED,
} from '../support/notifications.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME, leased, openRouted } from './outbox-store.ts'

/** What every outbox store must do where several batches are leased or settled together, and for many lanes. */
export function outboxLanesContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  describe(`outbox store, lanes: ${name}`, { concurrency: 4 }, () => {
    test('lanes take turns, and the outbound messages of a lane too', async (t) => {
      const opened = await openRouted(open, t)
      for (const message of [1, 2, 3]) {
        await opened.enqueue(notifications(4, { outboundMessageId: messageId(message) }))
      }
      await opened.outbox.wake([1, 2, 3].map(messageId), NOON)

      const turns: LeasedBatch[] = []
      for (let turn = 0; turn < 8; turn += 1) {
        turns.push(await leased(opened.outbox, NOON, { limit: 1 }))
      }

      const urls = turns.map((each) => each.endpointUrl)
      assert.deepEqual(urls.filter((url) => url === ACME).length, 4)
      assert.ok(urls.every((url, turn) => turn === 0 || url !== urls[turn - 1]))
      const toAcme = turns.filter((each) => each.endpointUrl === ACME)
      const messages = toAcme.map((each) => each.outboundMessageId)
      assert.deepEqual(messages, [1, 2, 1, 2].map(messageId))
    })

    test('several batches are leased at once: a lane’s turn first, then what it has room for', async (t) => {
      const opened = await openRouted(open, t)
      for (const [message, count] of [5, 3, 2].entries()) {
        await opened.enqueue(notifications(count, { outboundMessageId: messageId(message + 1) }))
      }
      await opened.outbox.wake([1, 2, 3].map(messageId), NOON)

      const batches = await opened.outbox.lease(askAt(NOON, { limit: 2, count: 16 }))
      const none = await opened.outbox.lease(askAt(NOON, { count: 16 }))

      const sent = batches.map((each) => [each.outboundMessageId, each.notifications.length])
      const wanted = [1, 1, 1, 2, 2, 3].map(messageId)
      assert.deepEqual(sent.map(([id]) => id).sort(), wanted)
      assert.equal(
        batches.reduce((sum, each) => sum + each.notifications.length, 0),
        10,
      )
      assert.deepEqual(none, [])
      const answers = batches.map((each) =>
        opened.outbox.settle(settledAs(ACKNOWLEDGED, each, NOON)),
      )
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(['settled']))
      assert.deepEqual(await opened.outbox.list({ limit: 10 }), [])
    })

    test('of what is settled together each decides its lane, and one that lost its lease nothing', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(8))
      await outbox.wake([messageId(1)], NOON)
      const late = await leased(outbox, NOON, { limit: 1, leaseMs: 0 })
      await outbox.sweep(NOON)
      const batches = await outbox.lease(askAt(NOON, { limit: 1, count: 7 }))
      const outcomes = [UNANSWERED, ACKNOWLEDGED, UNANSWERED, UNANSWERED, REFUSED, UNANSWERED]

      const answers = await Promise.all([
        outbox.settle(settledAs(ACKNOWLEDGED, late, NOON)),
        ...outcomes.flatMap((outcome, index) => {
          const batch = batches[index]
          return batch ? [outbox.settle(settledAs(outcome, batch, NOON))] : []
        }),
      ])

      assert.deepEqual(answers, ['lease lost', ...outcomes.map(() => 'settled')])
      const [acme] = await outbox.lanes()
      assert.deepEqual([acme?.failureCount, acme?.leasedCount], [1, 1])
      assert.equal((await outbox.list({ limit: 10 })).length, 7)
    })

    test('lanes that did not answer, however many, never stand before one that did', async (t) => {
      const { outbox, enqueue } = await open(t)
      const serials = [1, 2, 3, 4, 5]
      const route = (serial: number) => routeOf(serial, `https://${serial}.example/`)
      await outbox.route(serials.map(route), NOON)
      for (const serial of serials) {
        await enqueue(notifications(2, { outboundMessageId: messageId(serial) }))
      }
      await outbox.wake([1, 2, 3, 4].map(messageId), NOON)
      const failing = await outbox.lease(askAt(NOON, { limit: 1, count: 4 }))
      for (const each of failing) await outbox.settle(settledAs(UNANSWERED, each, NOON))
      await outbox.wake([messageId(5)], NOON)

      const batches = await outbox.lease(askAt(NOON, { limit: 1, count: 2, failingCount: 1 }))

      assert.deepEqual(batches.map((each) => each.laneFailureCount).sort(), [0, 1])
    })
  })
}
