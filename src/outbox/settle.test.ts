import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId, notifications } from '../../test/support/notifications.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { HOUR_MS, SECOND_MS } from '../base/clock.ts'
import { LIFETIME_MS, type Notification } from './notification.ts'
import {
  type AttemptOutcome,
  BREAKER_FAILURES_MAX,
  nextProbeAt,
  PROBE_MAX_MS,
  PROBE_MIN_MS,
  retryDelayMs,
  settle,
  settleLane,
  settleLaneByCount,
} from './settle.ts'

const ACKNOWLEDGED: AttemptOutcome = { kind: 'acknowledged' }
const REFUSED: AttemptOutcome = { kind: 'refused', reason: 'nack' }
const UNANSWERED: AttemptOutcome = { kind: 'unanswered', reason: 'timed out' }

test('an acknowledged notification is delivered, even at the end of its lifetime', () => {
  assert.deepEqual(settle(waiting(), ACKNOWLEDGED, 1, NOON + LIFETIME_MS), { kind: 'delivered' })
})

test('retries come after 30 seconds, then twice as long each time, up to two hours', () => {
  const delays = Array.from({ length: 10 }, (_, index) => retryDelayMs(index + 1) / SECOND_MS)

  assert.deepEqual(delays, [30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200])
})

test('a failed notification is tried again by its own clock', () => {
  assert.deepEqual(settle(waiting({ attemptCount: 2 }), UNANSWERED, 100, NOON), {
    kind: 'retry',
    dueAt: NOON + 120 * SECOND_MS,
    reason: 'timed out',
    attemptCount: 3,
    refusalCount: 0,
    batchLimit: 100,
  })
})

test('a failed notification expires when its 24 hours are over', () => {
  const end = NOON + LIFETIME_MS

  assert.equal(settle(waiting(), REFUSED, 1, end - 1).kind, 'retry')
  assert.deepEqual(settle(waiting({ attemptCount: 4 }), REFUSED, 1, end), {
    kind: 'expired',
    reason: 'nack',
    attemptCount: 5,
  })
})

test('a batch is halved from the second refusal on, down to one', () => {
  const limits: number[] = []
  for (let size = 100, refusalCount = 0; limits.length < 9; refusalCount += 1) {
    const next = settle(waiting({ refusalCount }), REFUSED, size, NOON)
    assert.ok(next.kind === 'retry')
    limits.push(next.batchLimit)
    size = next.batchLimit
  }

  assert.deepEqual(limits, [100, 50, 25, 13, 7, 4, 2, 1, 1])
})

test('an attempt that goes unanswered halves nothing', () => {
  const next = settle(waiting({ refusalCount: 5, batchLimit: 13 }), UNANSWERED, 13, NOON)

  assert.equal(next.kind === 'retry' && next.batchLimit, 13)
})

test('the fifth unanswered attempt in a row opens the breaker', () => {
  const probeAt = NOON + 45 * SECOND_MS

  assert.deepEqual(settleLane(3, UNANSWERED, probeAt), { kind: 'closed', failureCount: 4 })
  assert.deepEqual(settleLane(4, UNANSWERED, probeAt), { kind: 'open', probeAt })
})

test('a refusal is an answer: it closes the breaker and counts from zero', () => {
  assert.deepEqual(settleLane(4, REFUSED, NOON), { kind: 'closed', failureCount: 0 })
  assert.deepEqual(settleLane(9, REFUSED, NOON), { kind: 'closed', failureCount: 0 })
})

test('only an acknowledged probe makes all that waits due', () => {
  assert.deepEqual(settleLane(5, ACKNOWLEDGED, NOON), { kind: 'recovered' })
  assert.deepEqual(settleLane(4, ACKNOWLEDGED, NOON), { kind: 'closed', failureCount: 0 })
})

test('the lane’s settlement is told for every count it may meet', () => {
  const byCount = settleLaneByCount(UNANSWERED, NOON + HOUR_MS)

  assert.equal(byCount.length, BREAKER_FAILURES_MAX + 1)
  assert.deepEqual(
    byCount.map((each) => each.kind),
    ['closed', 'closed', 'closed', 'closed', 'open', 'open'],
  )
})

test('probes go 30 to 60 seconds apart', () => {
  assert.equal(nextProbeAt(NOON, 0), NOON + PROBE_MIN_MS)
  assert.equal(nextProbeAt(NOON, 1), NOON + PROBE_MAX_MS)
})

function waiting(more: Partial<Notification> = {}): Notification {
  const [queued] = notifications(1, { outboundMessageId: messageId(1) })
  assert.ok(queued)
  const fresh = { attemptCount: 0, refusalCount: 0, batchLimit: 100, failureReason: null }
  return { ...queued, ...fresh, dueAt: NOON, ...more }
}
