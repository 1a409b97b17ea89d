import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../base/clock.ts'
import { FormulaRuntimeError } from '../errors.ts'

/** Days since 1970-01-01; a formula's dates are counted so. */
export type Day = number
export type CivilDate = { readonly year: number; readonly month: number; readonly day: number }

const ERA_DAYS = 146_097
/** 0001-01-01 and 9999-12-31 in days since 1970. */
const DAY_MIN = -719_162
const DAY_MAX = 2_932_896

/** Proleptic Gregorian date to days since 1970-01-01 (Howard Hinnant's days_from_civil). */
export function dayOf(year: number, month: number, day: number): Day {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * ERA_DAYS + dayOfEra - 719_468
}

/** The reverse of `dayOf`. */
export function civilOf(days: Day): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / ERA_DAYS)
  const dayOfEra = shifted - era * ERA_DAYS
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 }
}

export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** The day, or null when there is no such date or its year is not 1–9999. */
export function realDay(year: number, month: number, day: number): Day | null {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12)) return null
  return day >= 1 && day <= daysInMonth(year, month) ? dayOf(year, month, day) : null
}

/** Throws FORMULA_INVALID_DATE for a day outside the years 1–9999. */
export function boundedDay(day: Day): Day {
  if (day >= DAY_MIN && day <= DAY_MAX) return day
  throw new FormulaRuntimeError('FORMULA_INVALID_DATE', 'the date is outside the years 1 to 9999')
}

/** Throws FORMULA_INVALID_DATE for an instant outside the years 1–9999. */
export function boundedInstant(instant: number): number {
  boundedDay(Math.floor(instant / DAY_MS))
  return instant
}

/** A canonical date (`YYYY-MM-DD`) in days since 1970. */
export function readDay(text: string): Day {
  return dayOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)))
}

/** A canonical date-time (`YYYY-MM-DDTHH:MM:SS.sssZ`, the fraction may be missing) in milliseconds since 1970. */
export function readInstant(text: string): number {
  return readDay(text) * DAY_MS + readTimeOfDay(text.slice(11))
}

/** A canonical time (`HH:MM:SS.sssZ`) in milliseconds since midnight. */
export function readTimeOfDay(text: string): number {
  return (
    Number(text.slice(0, 2)) * HOUR_MS +
    Number(text.slice(3, 5)) * MINUTE_MS +
    Number(text.slice(6, 8)) * SECOND_MS +
    (text.charAt(8) === '.' ? Number(text.slice(9, 12)) : 0)
  )
}

/** `YYYY-MM-DD`. */
export function writeDay(days: Day): string {
  const { year, month, day } = civilOf(days)
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

/** `HH:MM:SS.sss`. */
export function writeTimeOfDay(ms: number): string {
  return `${writeClock(ms)}.${pad(ms % SECOND_MS, 3)}`
}

/** `YYYY-MM-DDTHH:MM:SS.sssZ`. */
export function writeInstant(instant: number): string {
  const day = Math.floor(instant / DAY_MS)
  return `${writeDay(day)}T${writeTimeOfDay(instant - day * DAY_MS)}Z`
}

/** `YYYY-MM-DD HH:MM:SSZ`, as TEXT writes a date-time. */
export function writeInstantText(instant: number): string {
  const day = Math.floor(instant / DAY_MS)
  return `${writeDay(day)} ${writeClock(instant - day * DAY_MS)}Z`
}

function writeClock(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS)
  return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
