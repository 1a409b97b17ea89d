import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { type Day, realDay } from '../formula/values/calendar.ts'

/** A date as a criteria value has it. `time` is milliseconds since midnight, null when there is none. */
export type AbsoluteDate = {
  readonly day: Day
  readonly time: number | null
  /** Whether the time is given in UTC, not in the org's zone. */
  readonly isUtc: boolean
}

type DatePart = 'year' | 'month' | 'day'

const ISO = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ](.+))?$/
const LOCAL = /^([0-9]{1,4})[/.\- ]{1,2}([0-9]{1,2})[/.\- ]{1,2}([0-9]{1,4})\.?(?:,? +(.+))?$/
const CLOCK =
  /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?[ \u00A0\u202F]?(AM|PM|Z|[+-]00:?00)?$/i

/** Reads a date as the locale writes it (`12/31/2008 10:00 PM` in en_US), or ISO. Null when it is none. */
export function readAbsoluteDate(text: string, locale: string): AbsoluteDate | null {
  if (text.length > 60) return null
  const iso = ISO.exec(text.trim())
  if (iso) return dated([iso[1], iso[2], iso[3]], ['year', 'month', 'day'], iso[4])
  const local = LOCAL.exec(text.trim())
  return local && dated([local[1], local[2], local[3]], dateOrder(locale), local[4])
}

function dated(
  numbers: readonly (string | undefined)[],
  order: readonly DatePart[],
  clock: string | undefined,
): AbsoluteDate | null {
  const part = (name: DatePart) => numbers[order.indexOf(name)] ?? ''
  const year = part('year')
  const day = realDay(
    Number(year) + (year.length <= 2 ? 2000 : 0),
    Number(part('month')),
    Number(part('day')),
  )
  if (day === null) return null
  if (clock === undefined) return { day, time: null, isUtc: false }
  const found = CLOCK.exec(clock.trim())
  const time = found && clockTime(found)
  if (!found || time === null) return null
  return { day, time, isUtc: /^[Z+-]/i.test(found[4] ?? '') }
}

function clockTime(found: RegExpExecArray): number | null {
  const half = found[4]?.toUpperCase()
  const isHalfDay = half === 'AM' || half === 'PM'
  const written = Number(found[1])
  if (isHalfDay && (written < 1 || written > 12)) return null
  const hour = isHalfDay ? (written % 12) + (half === 'PM' ? 12 : 0) : written
  const time = hour * HOUR_MS + Number(found[2]) * MINUTE_MS + Number(found[3] ?? 0) * SECOND_MS
  return hour < 24 && Number(found[2]) < 60 && Number(found[3] ?? 0) < 60 && time < DAY_MS
    ? time
    : null
}

const orders = new Map<string, readonly DatePart[]>()

/** The order of year, month and day in the locale; en_US where the locale is unknown. */
function dateOrder(locale: string): readonly DatePart[] {
  const known = orders.get(locale)
  if (known !== undefined) return known
  const order = formatOf(locale)
    .formatToParts(new Date(0))
    .map((part) => part.type)
    .filter((type): type is DatePart => type === 'year' || type === 'month' || type === 'day')
  orders.set(locale, order)
  return order
}

function formatOf(locale: string): Intl.DateTimeFormat {
  const tag = locale.replaceAll('_', '-')
  const isKnown = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)
  return new Intl.DateTimeFormat(isKnown ? tag : 'en-US', { timeZone: 'UTC' })
}
