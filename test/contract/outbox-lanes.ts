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
import { ACME, BOLT, leased, openRouted } from './outbox-store.ts'

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

    test('an endpoint is sent as many messages at once as it has slots, also after they are changed', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(60))
      await outbox.wake([messageId(1)], NOON)
      const lease = async (count: number) =>
        (await outbox.lease(askAt(NOON, { limit: 1, count }))).length
      const [acme] = await outbox.lanes()
      assert.ok(acme)

      assert.equal(await outbox.pace(acme.laneId, { slots: 3 }, 'ann'), true)
      assert.equal(await lease(10), 3)
      await outbox.pace(acme.laneId, { slots: 20 }, 'ann')
      assert.equal(await lease(64), 17)
      await outbox.pace(acme.laneId, { slots: 1 }, 'ann')
      assert.equal(await lease(64), 0)
      const route = routeOf(1, ACME, { pace: { slots: 40, messagesPerSecond: null } })
      await outbox.route([route], NOON)
      assert.equal(await lease(64), 0, 'a person said otherwise')
      await outbox.pace(acme.laneId, {}, null)
      assert.equal(await lease(64), 20)
      assert.equal(await outbox.pace('none', { slots: 1 }, 'ann'), false)
    })

    test('an endpoint is sent no faster than its rate, and what waits for it is told', async (t) => {
      const { outbox, enqueue } = await open(t)
      const pace = { slots: 16, messagesPerSecond: 0.01 }
      await outbox.route([routeOf(1, ACME, { pace }), routeOf(3, BOLT)], NOON)
      await enqueue(notifications(5))
      await enqueue(notifications(1, { outboundMessageId: messageId(3) }))
      await outbox.wake([1, 3].map(messageId), NOON)

      const first = await outbox.lease(askAt(NOON, { limit: 1, count: 16 }))
      const second = await outbox.lease(askAt(NOON, { limit: 1, count: 16 }))

      assert.deepEqual(first.map((each) => each.endpointUrl).sort(), [ACME, BOLT])
      const again = first.map(({ againInMs }) => againInMs ?? 0).sort()
      assert.deepEqual([again[0], (again[1] ?? 0) > 90_000], [0, true])
      assert.deepEqual(second, [])
      const [acme, bolt] = await outbox.lanes()
      assert.deepEqual([acme?.isLimited, bolt?.isLimited], [true, false])
      assert.deepEqual(acme?.pace, pace)

      await outbox.pace(acme?.laneId ?? '', { messagesPerSecond: null }, 'ann')
      assert.equal((await outbox.lease(askAt(NOON, { limit: 1, count: 16 }))).length, 4)
    })

    test('what waits is counted up to a thousand, and all of it when it is asked for', async (t) => {
      const { outbox, enqueue } = await openRouted(open, t)
      await enqueue(notifications(1001))
      await enqueue(notifications(2, { outboundMessageId: messageId(2) }))

      const [acme] = await outbox.lanes()

      assert.ok(acme)
      assert.deepEqual([acme.waitingCount, acme.waitingIsAtLeast], [1002, true])
      assert.equal(await outbox.countWaiting(acme.laneId), 1003)
      assert.equal(await outbox.countWaiting('none'), null)
    })
  })
}
