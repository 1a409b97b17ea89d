import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import {
  ACKNOWLEDGED,
  leaseOne,
  messageId,
  notifications,
  REFUSED,
  routeOf,
  settledAs,
} from '../../../test/support/notifications.ts'
import { openTestLog } from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { NOON, testClock } from '../../../test/support/test-clock.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../base/clock.ts'
import type { AttemptOutcome } from '../../outbox/settle.ts'
import { openClockWalk } from './advance-clock.ts'
import { openShiftedClock } from './shifted-clock.ts'

const [sqlite] = storesUnderTest()

/** A walk over an outbox with one notification; `onNudge` is what a sender does. */
async function openWalk(t: TestContext, { stepsMax = 100 } = {}) {
  const { org, outbox, jobs, mail, timeQueue } = (await sqlite?.open(t)) ?? assert.fail()
  const real = testClock()
  const clock = await openShiftedClock({ store: org, clock: real, log: openTestLog() })
  afterTest(t, () => clock.stop())
  await outbox.route([routeOf(1, 'http://a/')], NOON)
  await org.commit({ records: [], notifications: notifications(1), expectations: [] })
  await outbox.wake([messageId(1)], NOON)
  const sender = { onNudge: () => {} }
  const walk = openClockWalk({
    clock,
    outbox,
    jobs,
    mail,
    timeQueue,
    nudge: () => sender.onNudge(),
    stepsMax,
  })
  /** One at a time, as the sender's turns are many and its store is one. */
  const sendAs = (outcome: AttemptOutcome) => {
    let sending = Promise.resolve()
    sender.onNudge = () => {
      sending = sending.then(async () => {
        const batch = await leaseOne(outbox, clock.now())
        if (batch) await outbox.settle(settledAs(outcome, batch, clock.now()))
      })
    }
    afterTest(t, () => sending)
  }
  return { walk, clock, real, outbox, sender, sendAs }
}

test('work that does not end stops the walk where it is, and is named', async (t) => {
  const { walk, real, outbox, sender, sendAs } = await openWalk(t)
  const stuck = (await leaseOne(outbox, NOON)) ?? assert.fail()
  sender.onNudge = () => real.advance(SECOND_MS)

  assert.deepEqual(await walk.advance({ byMs: DAY_MS, jump: false }), {
    kind: 'stopped short',
    now: NOON + 30 * SECOND_MS, // real time went on
    steps: 0,
    leftMs: DAY_MS,
    reason: 'the sender had still work in hand or due after 30 s',
  })
  await outbox.settle(settledAs(ACKNOWLEDGED, stuck, NOON))
  sendAs(ACKNOWLEDGED)
  const { kind, now } = await walk.advance({ byMs: DAY_MS, jump: false })
  assert.deepEqual({ kind, now }, { kind: 'advanced', now: NOON + DAY_MS + 30 * SECOND_MS })
})

test('a walk with too many moments stops short, and can be gone on with', async (t) => {
  const { walk, sendAs } = await openWalk(t, { stepsMax: 2 })
  sendAs(REFUSED)

  const first = await walk.advance({ byMs: HOUR_MS, jump: false })

  assert.equal(first.kind, 'stopped short')
  assert.equal(first.now, NOON + 90 * SECOND_MS)
  const leftMs = first.kind === 'stopped short' ? first.leftMs : 0
  assert.equal(leftMs, HOUR_MS - 90 * SECOND_MS)
  const jumped = await walk.advance({ byMs: leftMs, jump: true })
  assert.deepEqual(jumped, { kind: 'advanced', now: NOON + HOUR_MS, steps: 0 })
})

test('two walks at once go one after the other', async (t) => {
  const { walk, sendAs } = await openWalk(t)
  sendAs(REFUSED)

  const ask = { byMs: HOUR_MS, jump: false }
  const [first, second] = await Promise.all([walk.advance(ask), walk.advance(ask)])

  assert.deepEqual([first.now, second.now], [NOON + HOUR_MS, NOON + 2 * HOUR_MS])
})

test('a program that stops does not wait for the walk', async (t) => {
  const { walk, sender, outbox } = await openWalk(t)
  await leaseOne(outbox, NOON)
  sender.onNudge = walk.stop

  const stopped = await walk.advance({ byMs: DAY_MS, jump: false })

  assert.equal(stopped.kind === 'stopped short' && stopped.reason, 'the program stops')
})
