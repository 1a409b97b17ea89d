import { HOUR_MS } from '../base/clock.ts'

/** How many runs of a job config go at once, how fast, and when a failed one goes again. */
export type RunLimits = {
  /** Runs in hand at once, in all processes; null: as many as there are slots. */
  readonly concurrencyMax: number | null
  /** Attempts begun a second, in all processes, over times of a second and longer; null: no limit. */
  readonly ratePerSecond: number | null
  /** The wait after the first failed attempt; it doubles with each further one. */
  readonly retryFirstMs: number
  /** The longest wait. */
  readonly retryMaxMs: number
}

export const DEFAULT_LIMITS: RunLimits = {
  concurrencyMax: null,
  ratePerSecond: null,
  retryFirstMs: 30_000,
  retryMaxMs: 2 * HOUR_MS,
}

export const RUNS_AT_ONCE_MAX = 1_000
export const RUN_RATE_MIN = 0.01
export const RUN_RATE_MAX = 1_000
/** A second, so that a job that cannot work is not begun without end. */
export const RETRY_MIN_MS = 1_000
export const RETRY_LONGEST_MS = 24 * HOUR_MS

/** Why limits cannot be, by the name of what is wrong with them; null when they can. */
export function limitsMistake(
  limits: RunLimits,
): { readonly name: keyof RunLimits; readonly expected: string } | null {
  const { concurrencyMax, ratePerSecond, retryFirstMs, retryMaxMs } = limits
  if (concurrencyMax !== null && !isWhole(concurrencyMax, 1, RUNS_AT_ONCE_MAX)) {
    return { name: 'concurrencyMax', expected: `a whole number from 1 to ${RUNS_AT_ONCE_MAX}` }
  }
  if (ratePerSecond !== null && !(ratePerSecond >= RUN_RATE_MIN && ratePerSecond <= RUN_RATE_MAX)) {
    return { name: 'ratePerSecond', expected: `a number from ${RUN_RATE_MIN} to ${RUN_RATE_MAX}` }
  }
  if (!isWhole(retryFirstMs, RETRY_MIN_MS, RETRY_LONGEST_MS)) {
    return {
      name: 'retryFirstMs',
      expected: `a whole number from ${RETRY_MIN_MS} to ${RETRY_LONGEST_MS}`,
    }
  }
  if (!isWhole(retryMaxMs, retryFirstMs, RETRY_LONGEST_MS)) {
    return {
      name: 'retryMaxMs',
      expected: `a whole number from ${retryFirstMs} (retryFirstMs) to ${RETRY_LONGEST_MS}`,
    }
  }
  return null
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
