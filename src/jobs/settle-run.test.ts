import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR_MS } from '../base/clock.ts'
import { type RunOutcome, runRetryDelayMs, settleRun } from './settle-run.ts'

const NOON = 1_764_936_000_000

const failed: RunOutcome = { kind: 'failed', returnCode: 3, reason: 'code 3', log: 'oh' }

test('a failed attempt is tried again after 30 seconds, then after twice as long, up to two hours', () => {
  assert.deepEqual([1, 2, 3, 9, 10, 30].map(runRetryDelayMs), [
    30_000,
    60_000,
    120_000,
    2 * HOUR_MS,
    2 * HOUR_MS,
    2 * HOUR_MS,
  ])
  assert.deepEqual(settleRun({ attemptCount: 2, attemptsMax: 3 }, failed, NOON), {
    kind: 'retry',
    dueAt: NOON + 60_000,
    returnCode: 3,
    reason: 'code 3',
    log: 'oh',
  })
})

test('after its last attempt a run is failed, or in error where the fault was not its program’s', () => {
  const last = { attemptCount: 3, attemptsMax: 3 }
  const errored: RunOutcome = { kind: 'errored', reason: 'no such program', log: '' }

  assert.equal(settleRun(last, failed, NOON).kind, 'failed')
  assert.equal(settleRun(last, errored, NOON).kind, 'errored')
})

test('an attempt that we ended ourselves does not count', () => {
  const last = { attemptCount: 3, attemptsMax: 3 }
  assert.deepEqual(settleRun(last, { kind: 'interrupted', log: 'half' }, NOON), {
    kind: 'released',
    log: 'half',
  })
})
