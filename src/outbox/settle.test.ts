import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId, notifications } from '../../test/support/notifications.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { HOUR_MS, SECOND_MS } from '../base/clock.ts'
import {
  BREAKER_FAILURES_MAX,
  DEFAULT_SCHEDULE,
  type DeliverySchedule,
  PROBE_MAX_MS,
  PROBE_MIN_MS,
} from './delivery-schedule.ts'
import { LIFETIME_MS, type Notification } from './notification.ts'
import {
  type AttemptOutcome,
  nextProbeAt,
  probeAtAfter,
  retryDelayMs,
  settle,
  settleLane,
  settleLaneByCount,
} from './settle.ts'

const ACKNOWLEDGED: AttemptOutcome = { kind: 'acknowledged' }
const REFUSED: AttemptOutcome = { kind: 'refused', reason: 'nack' }
const UNANSWERED: AttemptOutcome = { kind: 'unanswered', reason: 'timed out' }

test('an acknowledged notification is delivered, even at the end of its lifetime', () => {
  assert.deepEqual(settle(waiting(), ACKNOWLEDGED, at(NOON + LIFETIME_MS)), { kind: 'delivered' })
})

test('retries come after 30 seconds, then twice as long each time, up to two hours', () => {
  const delays = Array.from({ length: 10 }, (_, index) => retryDelayMs(index + 1) / SECOND_MS)

  assert.deepEqual(delays, [30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200])
})

test('a failed notification is tried again by its own clock', () => {
  assert.deepEqual(settle(waiting({ attemptCount: 2 }), UNANSWERED, at(NOON)), {
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

  assert.equal(settle(waiting(), REFUSED, at(end - 1)).kind, 'retry')
  assert.deepEqual(settle(waiting({ attemptCount: 4 }), REFUSED, at(end)), {
    kind: 'expired',
    reason: 'nack',
    attemptCount: 5,
  })
})

test('a batch is halved from the second refusal on, down to one', () => {
  const limits: number[] = []
  for (let size = 100, refusalCount = 0; limits.length < 9; refusalCount += 1) {
    const next = settle(waiting({ refusalCount }), REFUSED, at(NOON, size))
    assert.ok(next.kind === 'retry')
    limits.push(next.batchLimit)
    size = next.batchLimit
  }

  assert.deepEqual(limits, [100, 50, 25, 13, 7, 4, 2, 1, 1])
})

test('an attempt that goes unanswered halves nothing', () => {
  const next = settle(waiting({ refusalCount: 5, batchLimit: 13 }), UNANSWERED, at(NOON, 13))

  assert.equal(next.kind === 'retry' && next.batchLimit, 13)
})

test('the fifth unanswered attempt in a row opens the breaker', () => {
  const probeAt = NOON + 45 * SECOND_MS
  assert.deepEqual(lane(3, UNANSWERED, probeAt), { kind: 'closed', failureCount: 4 })
  assert.deepEqual(lane(4, UNANSWERED, probeAt), { kind: 'open', probeAt })
})

test('an unanswered probe leaves the breaker open, whatever the schedule of its message says', () => {
  const patient = { ...DEFAULT_SCHEDULE, breakerFailuresMax: 50 }
  const open = { failureCount: 5, isOpen: true }
  const after = settleLane(open, UNANSWERED, { probeAt: NOON, schedule: patient })
  assert.deepEqual(after, { kind: 'open', probeAt: NOON })
})

test('a refusal is an answer: it closes the breaker and counts from zero', () => {
  assert.deepEqual(lane(4, REFUSED, NOON), { kind: 'closed', failureCount: 0 })
  assert.deepEqual(lane('open', REFUSED, NOON), { kind: 'closed', failureCount: 0 })
})

test('only an acknowledged probe makes all that waits due', () => {
  assert.deepEqual(lane('open', ACKNOWLEDGED, NOON), { kind: 'recovered' })
  assert.deepEqual(lane(4, ACKNOWLEDGED, NOON), { kind: 'closed', failureCount: 0 })
})

test('where nothing could be sent nothing is learnt of the endpoint', () => {
  const unsent: AttemptOutcome = { kind: 'unsent', reason: 'nobody to send as' }
  assert.deepEqual(lane(3, unsent, NOON), { kind: 'unasked', probeAt: NOON })
  assert.deepEqual(lane('open', unsent, NOON), { kind: 'unasked', probeAt: NOON })
})

test('the lane’s settlement is told for every standing it may meet', () => {
  const at = { probeAt: NOON + HOUR_MS, schedule: DEFAULT_SCHEDULE }
  assert.deepEqual(
    settleLaneByCount(UNANSWERED, at).map((each) => each.kind),
    ['closed', 'closed', 'closed', 'closed', 'open', 'open'],
  )
  assert.deepEqual(
    settleLaneByCount(ACKNOWLEDGED, at).map((each) => each.kind),
    ['closed', 'recovered'],
    'however many went unanswered before',
  )
})

test('probes go 30 to 60 seconds apart', () => {
  assert.equal(nextProbeAt(NOON, 0), NOON + PROBE_MIN_MS)
  assert.equal(nextProbeAt(NOON, 1), NOON + PROBE_MAX_MS)
})

test('a schedule of its own says when a message is tried, probed and given up', () => {
  const own: DeliverySchedule = {
    ...DEFAULT_SCHEDULE,
    retryFirstMs: 5 * SECOND_MS,
    retryFactor: 3,
    retryMaxMs: 60 * SECOND_MS,
    breakerFailuresMax: 2,
    probeMinMs: SECOND_MS,
    probeMaxMs: 2 * SECOND_MS,
  }
  const delays = [1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, own) / SECOND_MS)
  assert.deepEqual(delays, [5, 15, 45, 60])
  assert.equal(nextProbeAt(NOON, 1, own), NOON + 2 * SECOND_MS)
  const second = settleLane({ failureCount: 1, isOpen: false }, UNANSWERED, {
    probeAt: NOON,
    schedule: own,
  })
  assert.equal(second.kind, 'open')
})

function at(now: number, batchSize = 100) {
  return { batchSize, now, schedule: DEFAULT_SCHEDULE }
}

function lane(before: number | 'open', outcome: AttemptOutcome, probeAt: number) {
  const isOpen = before === 'open'
  const standing = { failureCount: isOpen ? BREAKER_FAILURES_MAX : before, isOpen }
  return settleLane(standing, outcome, { probeAt, schedule: DEFAULT_SCHEDULE })
}

function waiting(more: Partial<Notification> = {}): Notification {
  const [queued] = notifications(1, { outboundMessageId: messageId(1) })
  assert.ok(queued)
  const fresh = {
    attemptCount: 0,
    refusalCount: 0,
    batchLimit: 100,
    failureReason: null,
    isRegrown: false,
  }
  return { ...queued, ...fresh, dueAt: NOON, ...more }
}

test('a listener that asks for a pause gets it at once, within the longest time between two probes', () => {
  const busy = (retryAfterMs: number): AttemptOutcome => ({
    kind: 'unanswered',
    reason: 'HTTP 429',
    retryAfterMs,
  })
  const at = { now: NOON, random: 0, schedule: DEFAULT_SCHEDULE }
  const pauses = [0, 5000, 45_000, 86_400_000].map((each) => probeAtAfter(busy(each), at) - NOON)

  assert.deepEqual(pauses, [SECOND_MS, 5000, 45_000, PROBE_MAX_MS])
  assert.deepEqual(lane(0, busy(5000), NOON + 5000), { kind: 'open', probeAt: NOON + 5000 })
  assert.equal(probeAtAfter(UNANSWERED, at), NOON + PROBE_MIN_MS)
})
