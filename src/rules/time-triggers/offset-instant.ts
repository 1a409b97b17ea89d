import { Temporal } from 'temporal-polyfill'
import type { Instant } from '../../base/clock.ts'

/** What offsets are counted in: hours and days in workflow rules, all of them in flows. */
export type TimeUnit = 'Minutes' | 'Hours' | 'Days' | 'Weeks' | 'Months'

/** So much later; earlier when `length` is negative. */
export type TimeOffset = { readonly length: number; readonly unit: TimeUnit }

/** A longer offset is a mistake: Salesforce takes 999. */
export const OFFSET_LENGTH_MAX = 100_000

/**
 * The moment that lies `offset` from another. Minutes and hours are so much time; days, weeks and months keep the
 * time on the zone's wall, whatever its clocks do in between. A month that is shorter ends it.
 */
export function offsetInstant(at: Instant, offset: TimeOffset, timeZone: string): Instant {
  const from = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
  return from.add(durationOf(offset)).epochMilliseconds
}

/** The same from a date or date-time as fields keep it: a date counts from its beginning in the zone. */
export function offsetFieldValue(value: string, offset: TimeOffset, timeZone: string): Instant {
  if (value.includes('T')) return offsetInstant(Date.parse(value), offset, timeZone)
  const day = Temporal.PlainDate.from(value)
  if (offset.unit === 'Minutes' || offset.unit === 'Hours') {
    return offsetInstant(day.toZonedDateTime(timeZone).epochMilliseconds, offset, timeZone)
  }
  return day.add(durationOf(offset)).toZonedDateTime(timeZone).epochMilliseconds
}

function durationOf({ length, unit }: TimeOffset): Temporal.DurationLike {
  switch (unit) {
    case 'Minutes':
      return { minutes: length }
    case 'Hours':
      return { hours: length }
    case 'Days':
      return { days: length }
    case 'Weeks':
      return { weeks: length }
    case 'Months':
      return { months: length }
  }
}
