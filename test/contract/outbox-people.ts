import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HOUR_MS, MINUTE_MS } from '../../src/base/clock.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { NotificationFilter, OutboxStore } from '../../src/outbox/outbox-store.ts'
import {
  messageId,
  notifications,
  type OutboxUnderTest,
  REFUSED,
  routeOf,
  settledAs,
} from '../support/notifications.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME, BOLT, leased } from './outbox-store.ts'

/** What every outbox store must do when people say which notifications they mean. */
export function outboxPeopleContract(
  name: string,
  open: (t: TestContext) => Promise<OutboxUnderTest>,
): void {
  /** Messages 1 and 2 go to Acme, 3 to Bolt; two of each wait, an hour older one for each message. */
  const openWith = async (t: TestContext) => {
    const { outbox, enqueue } = await open(t)
    await outbox.route([routeOf(1, ACME), routeOf(2, ACME), routeOf(3, BOLT)], NOON)
    const queued = [1, 2, 3].flatMap((serial) => [
      ...notifications(1, { outboundMessageId: messageId(serial), createdAt: NOON - HOUR_MS }),
      ...notifications(1, { outboundMessageId: messageId(serial) }),
    ])
    await enqueue(queued)
    await outbox.wake([1, 2, 3].map(messageId), NOON)
    return { outbox, queued, laneOf: await lanesOf(outbox) }
  }

  describe(`outbox store, what people mean: ${name}`, { concurrency: 4 }, () => {
    test('notifications are told apart by message, record, endpoint, state and age', async (t) => {
      const { outbox, queued, laneOf } = await openWith(t)
      await outbox.hold({ kind: 'outboundMessage', outboundMessageId: messageId(3) }, 'x', NOON)
      const recordId = queued[3]?.recordId ?? assert.fail()
      const cases: readonly (readonly [Omit<NotificationFilter, 'limit'>, number])[] = [
        [{}, 6],
        [{ outboundMessageId: messageId(2) }, 2],
        [{ recordId }, 1],
        [{ laneIds: [laneOf(ACME)] }, 4],
        [{ laneIds: [laneOf(ACME), laneOf(BOLT)] }, 6],
        [{ laneIds: [] }, 0],
        [{ state: 'held' }, 2],
        [{ state: 'expired' }, 0],
        [{ createdFrom: NOON - MINUTE_MS }, 3],
        [{ laneIds: [laneOf(ACME)], createdFrom: NOON, state: 'waiting' }, 2],
      ]
      for (const [filter, expected] of cases) {
        for (const order of ['createdAt', 'dueAt'] as const) {
          const found = await outbox.list({ ...filter, order, limit: 10 })
          assert.equal(found.length, expected, JSON.stringify({ ...filter, order }))
        }
        const { count, heldCount } = await outbox.retry({ ...filter, limit: 10 }, NOON)
        assert.equal(count, expected, JSON.stringify(filter))
        assert.ok(heldCount <= 2)
      }
    })

    test('a notification is called by its message, and what goes where is told without counting', async (t) => {
      const { outbox, laneOf } = await openWith(t)
      await outbox.route([routeOf(1, ACME)], NOON)

      const named = await outbox.list({ outboundMessageId: messageId(3), limit: 1 })
      assert.equal(named[0]?.outboundMessage, 'Account.Message_3', 'also when it is gone')
      assert.deepEqual(
        (await outbox.addresses()).map((each) => [each.laneId, each.outboundMessage?.key]),
        [
          [laneOf(ACME), 'Account.Message_1'],
          [laneOf(ACME), 'Account.Message_2'],
          [laneOf(BOLT), 'Account.Message_3'],
        ],
      )
    })

    test('Retry tells what is on hold, and passes over what is being sent', async (t) => {
      const { outbox, laneOf } = await openWith(t)
      await outbox.hold({ kind: 'lane', laneId: laneOf(BOLT) }, 'maintenance', NOON)
      await leased(outbox, NOON, { limit: 1 })

      const retried = await outbox.retry({ limit: 100 }, NOON)

      assert.deepEqual(retried, { count: 5, heldCount: 2, sendingCount: 1, unroutedCount: 0 })
    })

    test('a limit is kept, by Retry and by Del', async (t) => {
      const { outbox } = await openWith(t)
      assert.equal((await outbox.retry({ limit: 4 }, NOON)).count, 4)
      assert.equal((await outbox.del({ limit: 4 })).count, 4)
      assert.equal((await outbox.list({ limit: 10 })).length, 2)
    })

    test('many thousands are made due again, and removed, in one go', async (t) => {
      const { outbox, enqueue } = await open(t)
      await outbox.route([routeOf(1, ACME)], NOON)
      await enqueue(notifications(4500))
      await outbox.sweep(NOON + LIFETIME_MS)

      const retried = await outbox.retry({ state: 'expired', limit: 1_000_000 }, NOON + LIFETIME_MS)
      assert.equal(retried.count, 4500)
      assert.deepEqual(await outbox.del({ outboundMessageId: messageId(1), limit: 1_000_000 }), {
        count: 4500,
        sendingCount: 0,
      })
    })

    test('what is not there can be neither held nor resumed', async (t) => {
      const { outbox } = await openWith(t)
      for (const target of [
        { kind: 'lane', laneId: 'nowhere' },
        { kind: 'outboundMessage', outboundMessageId: messageId(9) },
      ] as const) {
        assert.deepEqual(await outbox.hold(target, 'x', NOON), { kind: 'unknown' })
        assert.deepEqual(await outbox.resume(target, NOON), { kind: 'unknown' })
      }
    })

    test('a message that is resumed while its endpoint is on hold says so', async (t) => {
      const { outbox, laneOf } = await openWith(t)
      const message = { kind: 'outboundMessage', outboundMessageId: messageId(3) } as const
      await outbox.hold({ kind: 'lane', laneId: laneOf(BOLT) }, 'maintenance', NOON)
      await outbox.hold(message, 'a person', NOON)

      const answer = await outbox.resume(message, NOON)

      assert.deepEqual(answer, { kind: 'resumed', stillHeld: 'maintenance' })
    })

    test('a dead letter that fails again waits by its own clock, and counts on', async (t) => {
      const { outbox } = await openWith(t)
      const later = NOON + LIFETIME_MS
      await outbox.del({ laneIds: [(await lanesOf(outbox))(BOLT)], limit: 9 })
      await outbox.del({ outboundMessageId: messageId(2), limit: 9 })
      await outbox.settle(settledAs(REFUSED, await leased(outbox), NOON))
      await outbox.sweep(later)
      await outbox.retry({ limit: 9 }, later)

      await outbox.settle(settledAs(REFUSED, await leased(outbox, later), later))

      const [first] = await outbox.list({ limit: 1 })
      assert.deepEqual([first?.attemptCount, first?.refusalCount], [2, 1])
      assert.equal(first?.expiresAt, later + LIFETIME_MS)
    })
  })
}

async function lanesOf(outbox: OutboxStore): Promise<(endpointUrl: string) => string> {
  const addresses = await outbox.addresses()
  return (url) =>
    addresses.find(({ endpointUrl }) => endpointUrl === url)?.laneId ?? assert.fail(url)
}
