/** Milliseconds since 1970 UTC. */
export type Instant = number

/**
 * Where the time comes from. `now` is the org's time, which `/dev/clock` moves: due times, expiry, record
 * dates, NOW(). `real` is the machine's: leases, sessions, tokens, time-outs.
 */
export type Clock = {
  now(): Instant
  real(): Instant
}

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** The machine's clock, with the org's time shifted by what `shiftMs` answers. */
export function systemClock(shiftMs: () => number = () => 0): Clock {
  return { now: () => Date.now() + shiftMs(), real: () => Date.now() }
}
