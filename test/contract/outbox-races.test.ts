import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HOUR_MS } from '../../src/base/clock.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { HoldTarget, OutboxStore } from '../../src/outbox/outbox-store.ts'
import { openPostgres } from '../../src/store/postgres/open-postgres.ts'
import type { OpRunner } from '../../src/store/sql/op.ts'
import { openOutboxStore } from '../../src/store/sql/outbox/outbox-store.ts'
import { laneIdOf } from '../../src/store/sql/outbox/routes/route-lanes.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import { afterTest } from '../support/after-test.ts'
import { leaseOne, messageId, notifications, routeOf } from '../support/notifications.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME, BOLT } from './outbox-store.ts'

const MESSAGE: HoldTarget = { kind: 'outboundMessage', outboundMessageId: messageId(1) }
const LANE: HoldTarget = { kind: 'lane', laneId: laneIdOf(ACME) }
const LATER = NOON + 2 * HOUR_MS

type Act = (outbox: OutboxStore) => Promise<unknown>

/** The three holds there are, since noon, and what ends each of them later. */
const HOLDS: Readonly<Record<string, { readonly begin: Act; readonly end: Act }>> = {
  'a person’s of the message': {
    begin: (outbox) => outbox.hold(MESSAGE, 'x', NOON),
    end: (outbox) => outbox.resume(MESSAGE, LATER),
  },
  'a person’s of the endpoint': {
    begin: (outbox) => outbox.hold(LANE, 'x', NOON),
    end: (outbox) => outbox.resume(LANE, LATER),
  },
  'the definition’s': {
    begin: (outbox) => outbox.route([routeOf(1, ACME, { heldReason: 'x' })], NOON),
    end: (outbox) => outbox.route([routeOf(1, ACME)], LATER),
  },
}

for (const store of storesUnderTest()) {
  describe(`outbox store, two at once: ${store.name}`, { concurrency: 4 }, () => {
    for (const [first, one] of Object.entries(HOLDS)) {
      for (const [second, other] of Object.entries(HOLDS)) {
        test(`two holds end at once, ${first} and ${second}: their time is given back, once`, async (t) => {
          const { ours, theirs } = await openTwo(t, store, () => other.end(theirs))
          await one.begin(theirs)
          await other.begin(theirs)

          await one.end(ours)

          const [notification] = await theirs.list({ limit: 1 })
          assert.equal(notification?.heldReason, null)
          assert.equal(notification?.expiresAt, NOON + LIFETIME_MS + 2 * HOUR_MS)
        })
      }
    }

    test('what a person holds while routes change stays held', async (t) => {
      const { ours, theirs } = await openTwo(t, store, async () => {})
      for (const [round, url] of [ACME, BOLT, ACME, BOLT, ACME, BOLT].entries()) {
        await Promise.all([
          ours.hold(MESSAGE, 'a person', NOON + round),
          theirs.route([routeOf(1, url)], NOON + round),
        ])

        assert.equal(await leaseOne(ours, NOON + round), null)
        await ours.resume(MESSAGE, NOON + round)
      }
    })
  })
}

/** Two processes of one store. Just before ours ends a hold, once, `interfere` is waited for. */
async function openTwo(
  t: TestContext,
  store: StoreUnderTest,
  interfere: () => Promise<unknown>,
): Promise<{ ours: OutboxStore; theirs: OutboxStore }> {
  const { url, org } = await store.open(t)
  const theirs = openOutboxStore(await openRunner(t, url))
  await theirs.route([routeOf(1, ACME)], NOON)
  await org.commit({ records: [], notifications: notifications(1), expectations: [] })
  await theirs.wake([messageId(1)], NOON)

  const runner = await openRunner(t, url)
  let isDone = false
  const ours = openOutboxStore({
    ...runner,
    write: async (op, ask) => {
      if (!isDone && ['outbox.resume', 'outbox.route'].includes(op.name)) {
        isDone = true
        await interfere()
      }
      return runner.write(op, ask)
    },
  })
  return { ours, theirs }
}

async function openRunner(t: TestContext, url: string): Promise<OpRunner> {
  const runner = url.startsWith('sqlite:')
    ? await openSqlite(url.slice('sqlite:'.length))
    : await openPostgres(url)
  afterTest(t, () => runner.close())
  return runner
}
