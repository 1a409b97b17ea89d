import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { openTestLog } from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { NOON, testClock } from '../../../test/support/test-clock.ts'
import { DAY_MS, HOUR_MS } from '../../base/clock.ts'
import { openShiftedClock } from './shifted-clock.ts'

const [sqlite] = storesUnderTest()

test('the org’s time is shifted in every process, and in those that start later; real time is not', async (t) => {
  const { org: store } = (await sqlite?.open(t)) ?? assert.fail()
  const open = async () => {
    const clock = await openShiftedClock({ store, clock: testClock(), log: openTestLog() })
    afterTest(t, () => clock.stop())
    return clock
  }
  const [one, other] = [await open(), await open()]
  assert.equal(one.now(), NOON)

  await one.shiftTo(DAY_MS)

  assert.deepEqual([one.now(), one.real()], [NOON + DAY_MS, NOON])
  assert.equal((await open()).now(), NOON + DAY_MS)
  await eventually('the other follows', () => other.now() === NOON + DAY_MS)
})

test('the org’s time never goes back', async (t) => {
  const { org: store } = (await sqlite?.open(t)) ?? assert.fail()
  const clock = await openShiftedClock({ store, clock: testClock(), log: openTestLog() })
  afterTest(t, () => clock.stop())

  await clock.shiftTo(DAY_MS)
  await clock.shiftTo(HOUR_MS)

  assert.equal(clock.now(), NOON + DAY_MS)
  assert.equal(await store.readSetting('clockShiftMs'), String(DAY_MS))
})

test('a shift that is no number keeps the program from starting, and says so', async (t) => {
  const { org: store } = (await sqlite?.open(t)) ?? assert.fail()
  await store.writeSetting('clockShiftMs', 'a day')
  const ports = { store, clock: testClock(), log: openTestLog() }
  await assert.rejects(
    openShiftedClock(ports),
    /clockShiftMs should be milliseconds, found "a day"/,
  )
})
