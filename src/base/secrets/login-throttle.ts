import { type Clock, type Instant, MINUTE_MS } from '../clock.ts'

/** Wrong passwords a name may have in a minute. Nobody is locked out for good: that would be a weapon. */
export const LOGIN_FAILURES_MAX = 10
const NAMES_MAX = 10_000
const NAME_LENGTH_MAX = 255

/** What became of a try: `value` is what `verify` found, null where the password was wrong. */
export type ThrottledLogin<T> =
  | { readonly kind: 'verified'; readonly value: T }
  | { readonly kind: 'wrong' }
  /** Not tried at all: too many were wrong within the last minute. */
  | { readonly kind: 'too many'; readonly retryAfterMs: number }

/** Tries one password of a name, told apart without regard to case. */
export type LoginThrottle = <T>(
  name: string,
  verify: () => Promise<T | null>,
) => Promise<ThrottledLogin<T>>

/** Remembers, in this process, who failed within the last minute, and lets no flood of guesses in at once. */
export function openLoginThrottle(clock: Clock): LoginThrottle {
  const attempts = new Map<string, Attempts>()

  const attemptsOf = (key: string): Attempts => {
    const known = attempts.get(key)
    if (known && clock.real() - known.since < MINUTE_MS) return known
    if (attempts.size >= NAMES_MAX) attempts.clear()
    const made = { since: clock.real(), failureCount: 0, inHand: new Set<Promise<unknown>>() }
    attempts.set(key, made)
    return made
  }

  return async (name, verify) => {
    const its = attemptsOf(name.slice(0, NAME_LENGTH_MAX).toLowerCase())
    // Those in hand may turn out right, so more wait for their end instead of being turned away.
    while (its.inHand.size > 0 && its.failureCount + its.inHand.size >= LOGIN_FAILURES_MAX) {
      await Promise.race(its.inHand).catch(() => {})
    }
    if (its.failureCount >= LOGIN_FAILURES_MAX) {
      return { kind: 'too many', retryAfterMs: its.since + MINUTE_MS - clock.real() }
    }
    const attempt = verify()
      .then((found) => {
        if (found === null) its.failureCount += 1
        return found
      })
      .finally(() => its.inHand.delete(attempt))
    its.inHand.add(attempt)
    const value = await attempt
    return value === null ? { kind: 'wrong' } : { kind: 'verified', value }
  }
}

/** What happened with one name since `since`. */
type Attempts = {
  readonly since: Instant
  failureCount: number
  readonly inHand: Set<Promise<unknown>>
}
