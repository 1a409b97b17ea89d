import { DAY_MS, HOUR_MS } from '../base/clock.ts'
import { LIFETIME_MS } from './notification.ts'

/** The first retry comes after this; each later one after twice as long, up to two hours. */
export const RETRY_FIRST_MS = 30_000
const RETRY_MAX_MS = 2 * HOUR_MS
const RETRY_FACTOR = 2

/** So many attempts in a row that go unanswered open a lane's breaker. */
export const BREAKER_FAILURES_MAX = 5
export const PROBE_MIN_MS = 30_000
export const PROBE_MAX_MS = 60_000

/** The longest lifetime that may be asked for: as long as Salesforce's support extends it. */
export const LIFETIME_LONGEST_MS = 7 * DAY_MS

/**
 * The two clocks of an outbound message: its notifications' own, and that of the breaker where its attempts go
 * unanswered. It stands with the definition, so that every sender of a store goes by the same.
 */
export type DeliverySchedule = {
  /** The wait after the first attempt, what each later wait is multiplied by, and the longest one. */
  readonly retryFirstMs: number
  readonly retryFactor: number
  readonly retryMaxMs: number
  readonly lifetimeMs: number
  readonly breakerFailuresMax: number
  /** The next probe of an open breaker goes somewhen between the two. */
  readonly probeMinMs: number
  readonly probeMaxMs: number
}

export const DEFAULT_SCHEDULE: DeliverySchedule = {
  retryFirstMs: RETRY_FIRST_MS,
  retryFactor: RETRY_FACTOR,
  retryMaxMs: RETRY_MAX_MS,
  lifetimeMs: LIFETIME_MS,
  breakerFailuresMax: BREAKER_FAILURES_MAX,
  probeMinMs: PROBE_MIN_MS,
  probeMaxMs: PROBE_MAX_MS,
}
