import type { Instant } from '../base/clock.ts'
import { HOUR_MS } from '../base/clock.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Notification } from './notification.ts'

/** The first retry comes after this; each later one after twice as long, up to two hours. */
export const RETRY_FIRST_MS = 30_000
export const RETRY_MAX_MS = 2 * HOUR_MS

/** So many attempts in a row that go unanswered open a lane's breaker. */
export const BREAKER_FAILURES_MAX = 5
export const PROBE_MIN_MS = 30_000
export const PROBE_MAX_MS = 60_000

/** A probe carries at most so many notifications. */
export const PROBE_NOTIFICATIONS_MAX = 10

/** From the second refusal of the same notifications on, their batch is halved. */
export const REFUSALS_BEFORE_HALVING = 2

/** What one attempt came to. Every attempt comes to exactly one of these. */
export type AttemptOutcome =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly reason: string } // Ack false, a fault, 200 without an Ack, 3xx, 4xx
  | { readonly kind: 'unanswered'; readonly reason: string } // no connection, time-out, 429, bare 5xx
  | { readonly kind: 'unsent'; readonly reason: string } // the user to send as is missing or inactive

/** What becomes of the notification next. */
export type Settlement =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry'
      readonly dueAt: Instant
      readonly reason: string
      readonly attemptCount: number
      readonly refusalCount: number
      readonly batchLimit: number
    }
  | {
      readonly kind: 'expired' // a dead letter, always kept seven days
      readonly reason: string
      readonly attemptCount: number
    }

/** What becomes of its lane. */
export type LaneSettlement =
  | { readonly kind: 'closed'; readonly failureCount: number }
  | { readonly kind: 'open'; readonly probeAt: Instant } // one more attempt went unanswered
  | { readonly kind: 'recovered' } // closed by an acknowledged probe: all that waits is due at once

/** The notification's clock. `batchSize` is how many went in the message that is being settled. */
export function settle(
  notification: Notification,
  outcome: AttemptOutcome,
  batchSize: number,
  now: Instant,
): Settlement {
  switch (outcome.kind) {
    case 'acknowledged':
      return { kind: 'delivered' }
    case 'refused':
    case 'unanswered':
    case 'unsent': {
      const { reason } = outcome
      const attemptCount = notification.attemptCount + 1
      if (now >= notification.expiresAt) return { kind: 'expired', reason, attemptCount }
      const refusalCount = notification.refusalCount + (outcome.kind === 'refused' ? 1 : 0)
      const halve = outcome.kind === 'refused' && refusalCount >= REFUSALS_BEFORE_HALVING
      return {
        kind: 'retry',
        dueAt: now + retryDelayMs(attemptCount),
        reason,
        attemptCount,
        refusalCount,
        batchLimit: halve ? Math.max(1, Math.ceil(batchSize / 2)) : notification.batchLimit,
      }
    }
    default:
      return unreachable(outcome)
  }
}

/** 30 s after the first attempt, then twice as long each time, up to two hours. */
export function retryDelayMs(attemptCount: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** (attemptCount - 1), RETRY_MAX_MS)
}

/** The lane's clock. `before` is how many attempts in a row had gone unanswered until this one. */
export function settleLane(
  before: number,
  outcome: AttemptOutcome,
  probeAt: Instant,
): LaneSettlement {
  // The endpoint was not asked: nothing is known of it that was not known before.
  if (outcome.kind === 'unsent') {
    return before >= BREAKER_FAILURES_MAX
      ? { kind: 'open', probeAt }
      : { kind: 'closed', failureCount: before }
  }
  // A refusal counts as an answer: one bad record must hold nobody else.
  const failureCount = outcome.kind === 'unanswered' ? before + 1 : 0
  if (failureCount >= BREAKER_FAILURES_MAX) return { kind: 'open', probeAt }
  const wasOpen = before >= BREAKER_FAILURES_MAX
  if (wasOpen && outcome.kind === 'acknowledged') return { kind: 'recovered' }
  return { kind: 'closed', failureCount }
}

/**
 * The lane's clock for every count it may meet: entry `n` is for `n` attempts in a row that went unanswered,
 * the last for so many or more. The store looks up what holds when it writes, since the lane's other slots
 * settle meanwhile.
 */
export function settleLaneByCount(
  outcome: AttemptOutcome,
  probeAt: Instant,
): readonly LaneSettlement[] {
  return Array.from({ length: BREAKER_FAILURES_MAX + 1 }, (_, before) =>
    settleLane(before, outcome, probeAt),
  )
}

/** When the next probe goes: 30 to 60 s from `now`. `random` is from 0 to 1, so that lanes do not march in step. */
export function nextProbeAt(now: Instant, random: number): Instant {
  return now + PROBE_MIN_MS + Math.floor(random * (PROBE_MAX_MS - PROBE_MIN_MS))
}
