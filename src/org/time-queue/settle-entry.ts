import { HOUR_MS, type Instant, MINUTE_MS } from '../../base/clock.ts'
import type { TimeEntry } from './time-entry.ts'

/** An entry whose actions are refused is given up after so many tries. */
export const TRIES_MAX = 5
const RETRY_FIRST_MS = MINUTE_MS

/** An entry that nobody can carry out now, as its rule is gone, is looked at again after this. */
export const HELD_RETRY_MS = HOUR_MS

/** What comes of a try that failed. */
export type EntrySettlement =
  | { readonly kind: 'again'; readonly attemptAt: Instant }
  | { readonly kind: 'given up' }

/** Tries again after 1, 2, 4 and 8 minutes. Pure. */
export function settleFailedTry(
  { attemptCount }: Pick<TimeEntry, 'attemptCount'>,
  now: Instant,
): EntrySettlement {
  if (attemptCount + 1 >= TRIES_MAX) return { kind: 'given up' }
  return { kind: 'again', attemptAt: now + RETRY_FIRST_MS * 2 ** attemptCount }
}
