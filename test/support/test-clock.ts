import type { Clock, Instant } from '../../src/base/clock.ts'

/** 2026-03-02T12:00:00Z, a Monday: where tests start unless they say otherwise. */
export const NOON: Instant = Date.UTC(2026, 2, 2, 12)

/** A clock in the hand: both its times stand still until it is moved. */
export type TestClock = Clock & { advance(ms: number): void }

/** A clock that shows `startAt`. */
export function testClock(startAt: Instant = NOON): TestClock {
  let time = startAt
  return {
    now: () => time,
    real: () => time,
    advance: (ms) => {
      time += ms
    },
  }
}
