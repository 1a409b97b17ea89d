import type { Instant } from '../base/clock.ts'
import { SECOND_MS } from '../base/clock.ts'
import { unreachable } from '../base/unreachable.ts'
import { DEFAULT_SCHEDULE, type DeliverySchedule } from './delivery-schedule.ts'
import { NOTIFICATIONS_MAX, type Notification } from './notification.ts'

/** A probe carries at most so many notifications. */
export const PROBE_NOTIFICATIONS_MAX = 10

/** A listener that asks for a pause gets one of so long at least. */
const PAUSE_MIN_MS = SECOND_MS

/** From the second refusal of the same notifications on, their batch is halved. */
export const REFUSALS_BEFORE_HALVING = 2

/** What one attempt came to. Every attempt comes to exactly one of these. */
export type AttemptOutcome =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly reason: string } // Ack false, a fault, 200 without an Ack, 3xx, 4xx
  // No connection, time-out, 429, bare 5xx; with how long the listener asks to be left alone, if it does.
  | { readonly kind: 'unanswered'; readonly reason: string; readonly retryAfterMs?: number }
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
      readonly kind: 'expired' // a dead letter, kept seven days
      readonly reason: string
      readonly attemptCount: number
    }

/** What becomes of its lane. */
export type LaneSettlement =
  | { readonly kind: 'closed'; readonly failureCount: number }
  | { readonly kind: 'open'; readonly probeAt: Instant } // one more attempt went unanswered
  | { readonly kind: 'recovered' } // closed by an acknowledged probe: all that waits is due at once
  | { readonly kind: 'unasked'; readonly probeAt: Instant } // as it was; an open breaker probes again then

/** What a settlement goes by besides the outcome. */
type SettledAt = {
  /** How many went in the message that is being settled. */
  readonly batchSize: number
  readonly now: Instant
  readonly schedule: DeliverySchedule
}

/** The notification's clock. */
export function settle(
  notification: Notification,
  outcome: AttemptOutcome,
  { batchSize, now, schedule }: SettledAt,
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
        dueAt: now + retryDelayMs(attemptCount, schedule),
        reason,
        attemptCount,
        refusalCount,
        batchLimit: halve ? halved(notification, batchSize) : notification.batchLimit,
      }
    }
    default:
      return unreachable(outcome)
  }
}

function halved({ isRegrown }: Notification, batchSize: number): number {
  return isRegrown ? 1 : Math.max(1, Math.ceil(batchSize / 2))
}

/** The limits of due neighbours that grow with an Ack: of so many of them, to so many in a message. */
export type Regrowth = {
  readonly batchLimit: number
  /** With fewer of them due it is not worth a try: one of them may be a bad record that just stands alone. */
  readonly crowdMin: number
}

/** So many notifications that go alone are due before they are tried together again. */
const CROWD_MIN = 20

/**
 * What an acknowledged message says of notifications that were halved before: the listener takes what it refused.
 * The first that is acknowledged alone lets two of them go together, those let four, and so on. Null: nothing.
 */
export function regrowth(
  sent: readonly Pick<Notification, 'batchLimit' | 'isRegrown'>[],
  outcome: AttemptOutcome,
): Regrowth | null {
  const [first] = sent
  if (outcome.kind !== 'acknowledged' || !first) return null
  const { batchLimit, isRegrown } = first
  const grows = batchLimit === 1 ? !isRegrown : isRegrown
  if (!grows) return null
  return {
    batchLimit: Math.min(2 * batchLimit, NOTIFICATIONS_MAX),
    crowdMin: batchLimit === 1 ? CROWD_MIN : 1,
  }
}

/** How long a notification waits after its attempt number `attemptCount`. */
export function retryDelayMs(
  attemptCount: number,
  { retryFirstMs, retryFactor, retryMaxMs }: DeliverySchedule = DEFAULT_SCHEDULE,
): number {
  return Math.round(Math.min(retryFirstMs * retryFactor ** (attemptCount - 1), retryMaxMs))
}

/** How it stands with a lane before an attempt is settled. */
type LaneStanding = {
  /** Attempts in a row that had gone unanswered. */
  readonly failureCount: number
  readonly isOpen: boolean
}

/** The lane's clock. The breaker opens when the schedule of the message that just failed says so. */
export function settleLane(
  { failureCount, isOpen }: LaneStanding,
  outcome: AttemptOutcome,
  { probeAt, schedule }: { readonly probeAt: Instant; readonly schedule: DeliverySchedule },
): LaneSettlement {
  switch (outcome.kind) {
    // The endpoint was not asked: nothing is known of it that was not known before.
    case 'unsent':
      return { kind: 'unasked', probeAt }
    case 'unanswered':
      return isOpen ||
        outcome.retryAfterMs !== undefined || // it said so itself: nobody need ask five times
        failureCount + 1 >= schedule.breakerFailuresMax
        ? { kind: 'open', probeAt }
        : { kind: 'closed', failureCount: failureCount + 1 }
    // A refusal is an answer too: one bad record must hold nobody else.
    case 'refused':
      return { kind: 'closed', failureCount: 0 }
    case 'acknowledged':
      return isOpen ? { kind: 'recovered' } : { kind: 'closed', failureCount: 0 }
    default:
      return unreachable(outcome)
  }
}

/**
 * The lane's clock for every standing it may meet: entry `n` is for a closed breaker and `n` attempts in a row
 * that went unanswered, the last but one for so many or more, the last for an open breaker. The store looks up
 * what holds when it writes, since the lane's other slots settle meanwhile. Where the count does not matter there is
 * one entry for all.
 */
export function settleLaneByCount(
  outcome: AttemptOutcome,
  at: { readonly probeAt: Instant; readonly schedule: DeliverySchedule },
): readonly LaneSettlement[] {
  const { breakerFailuresMax } = at.schedule
  const standings = outcome.kind === 'unanswered' ? breakerFailuresMax : 1
  const closed = Array.from({ length: standings }, (_, failureCount) =>
    settleLane({ failureCount, isOpen: false }, outcome, at),
  )
  const open = settleLane({ failureCount: breakerFailuresMax, isOpen: true }, outcome, at)
  return [...closed, open]
}

/**
 * When an endpoint is probed that left `outcome` unanswered, if its breaker opens or is open: after the pause it asks
 * for, but within the longest time between two probes, so that no listener can put itself off for a day by mistake.
 */
export function probeAtAfter(
  outcome: AttemptOutcome,
  { now, random, schedule }: ProbedAfter,
): Instant {
  if (outcome.kind !== 'unanswered' || outcome.retryAfterMs === undefined) {
    return nextProbeAt(now, random, schedule)
  }
  return now + Math.min(Math.max(outcome.retryAfterMs, PAUSE_MIN_MS), schedule.probeMaxMs)
}

type ProbedAfter = {
  readonly now: Instant
  readonly random: number
  readonly schedule: DeliverySchedule
}

/** When the next probe goes. `random` is from 0 to 1, so that lanes do not march in step. */
export function nextProbeAt(
  now: Instant,
  random: number,
  { probeMinMs, probeMaxMs }: DeliverySchedule = DEFAULT_SCHEDULE,
): Instant {
  return now + probeMinMs + Math.floor(random * (probeMaxMs - probeMinMs))
}
