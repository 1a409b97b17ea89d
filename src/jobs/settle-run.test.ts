import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR_MS } from '../base/clock.ts'
import { DEFAULT_LIMITS } from './run-limits.ts'
import { RUN_ASKED_MAX_MS, type RunOutcome, runRetryDelayMs, settleRun } from './settle-run.ts'

const NOON = 1_764_936_000_000

const failed = { kind: 'failed', returnCode: 3, reason: 'code 3', log: 'oh' } as const

test('a failed attempt is tried again after 30 seconds, then after twice as long, up to two hours', () => {
  const waits = [1, 2, 3, 9, 10, 30].map((count) => runRetryDelayMs(DEFAULT_LIMITS, count))
  assert.deepEqual(waits, [30_000, 60_000, 120_000, 2 * HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS])
  assert.deepEqual(
    settleRun({ attemptCount: 2, attemptsMax: 3, backOff: DEFAULT_LIMITS }, failed, NOON),
    {
      kind: 'retry',
      dueAt: NOON + 60_000,
      returnCode: 3,
      reason: 'code 3',
      log: 'oh',
    },
  )
})

test('a job config says how long its failed runs wait, first and at the most', () => {
  const backOff = { retryFirstMs: 1_000, retryMaxMs: 5_000 }
  const waits = [1, 2, 3, 4, 5].map((count) => runRetryDelayMs(backOff, count))
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000, 5_000])
  const settled = settleRun({ attemptCount: 3, attemptsMax: 9, backOff }, failed, NOON)
  assert.equal(settled.kind === 'retry' && settled.dueAt, NOON + 4_000)
})

test('who asks to be left alone is, for a day at most; a shorter wish changes nothing', () => {
  const dueAfter = (retryAfterMs: number) => {
    const settlement = settleRun(
      { attemptCount: 2, attemptsMax: 3, backOff: DEFAULT_LIMITS },
      { ...failed, retryAfterMs },
      NOON,
    )
    return settlement.kind === 'retry' && settlement.dueAt - NOON
  }
  assert.deepEqual([1_000, 90_000, 9e12].map(dueAfter), [60_000, 90_000, RUN_ASKED_MAX_MS])
})

test('who wants no more of it is not asked again', () => {
  const first = { attemptCount: 1, attemptsMax: 5, backOff: DEFAULT_LIMITS }
  assert.equal(settleRun(first, { ...failed, isFinal: true }, NOON).kind, 'failed')
})

test('after its last attempt a run is failed, or in error where the fault was not its program’s', () => {
  const last = { attemptCount: 3, attemptsMax: 3, backOff: DEFAULT_LIMITS }
  const errored: RunOutcome = { kind: 'errored', reason: 'no such program', log: '' }

  assert.equal(settleRun(last, failed, NOON).kind, 'failed')
  assert.equal(settleRun(last, errored, NOON).kind, 'errored')
})

test('an attempt that we ended ourselves does not count', () => {
  const last = { attemptCount: 3, attemptsMax: 3, backOff: DEFAULT_LIMITS }
  assert.deepEqual(settleRun(last, { kind: 'interrupted', log: 'half' }, NOON), {
    kind: 'released',
    log: 'half',
  })
})
