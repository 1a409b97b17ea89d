import { Temporal } from 'temporal-polyfill'
import { DAY_MS, MINUTE_MS } from '../../../base/clock.ts'
import type { Day } from './calendar.ts'

/** Offsets change on quarters of an hour at most, so one answer serves a quarter. */
const QUARTER_MS = 15 * MINUTE_MS
const OFFSETS_KEPT_MAX = 10_000
const offsets = new Map<string, number>()

/** What the IANA zone `timeZone` is ahead of UTC at `instant`, in milliseconds. */
function offsetAt(timeZone: string, instant: number): number {
  if (timeZone === 'UTC' || timeZone === 'GMT') return 0
  const key = `${timeZone} ${Math.floor(instant / QUARTER_MS)}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  if (offsets.size >= OFFSETS_KEPT_MAX) offsets.clear()
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone)
  const offsetMs = zoned.offsetNanoseconds / 1_000_000
  offsets.set(key, offsetMs)
  return offsetMs
}

/** The date on the wall of the zone. */
export function localDay(timeZone: string, instant: number): Day {
  return Math.floor((instant + offsetAt(timeZone, instant)) / DAY_MS)
}

/** The instant at which the date begins in the zone. */
export function startOfDay(timeZone: string, day: Day): number {
  return instantOf(timeZone, day * DAY_MS)
}

/** The instant of a wall-clock time, given as if it were UTC; in a gap the moment after it. */
export function instantOf(timeZone: string, wall: number): number {
  if (timeZone === 'UTC' || timeZone === 'GMT') return wall
  const zoned = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC')
  return zoned.toPlainDateTime().toZonedDateTime(timeZone).epochMilliseconds
}
