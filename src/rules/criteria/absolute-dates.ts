import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { type Day, realDay } from '../formula/values/calendar.ts'
import { localeTag } from './locale-tag.ts'

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
const CLOCK = /^([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:\.[0-9]{1,6})?)?(Z|[+-]00:?00)?$/i
/** The half of the day in the languages that write it, before the time or behind it. */
const HALF =
  /^(AM|PM|A\. ?M\.|P\. ?M\.|午前|午後|上午|下午|오전|오후|πμ|μμ|π\.μ\.|μ\.μ\.)|(AM|PM|A\. ?M\.|P\. ?M\.|πμ|μμ|π\.μ\.|μ\.μ\.)$/i
const AFTERNOON = /^(P|午後|下午|오후|μ)/i

/**
 * Reads a date as the locale writes it (`12/31/2008 10:00 PM` in en_US), or ISO; a day and a month that can
 * only be meant the other way round are taken so. Null when it is none.
 */
export function readAbsoluteDate(text: string, locale: string): AbsoluteDate | null {
  if (text.length > 60) return null
  const iso = ISO.exec(text.trim())
  if (iso) return dated([iso[1], iso[2], iso[3]], ['year', 'month', 'day'], iso[4])
  const local = LOCAL.exec(text.trim())
  if (!local) return null
  const numbers = [local[1], local[2], local[3]]
  for (const order of ordersFor(numbers, locale)) {
    const found = dated(numbers, order, local[4])
    if (found !== null) return found
  }
  return null
}

const DAY_FIRST: readonly DatePart[] = ['day', 'month', 'year']
const MONTH_FIRST: readonly DatePart[] = ['month', 'day', 'year']
const YEAR_FIRST: readonly DatePart[] = ['year', 'month', 'day']

/** A number of four digits is the year, wherever it stands. */
function ordersFor(
  [first = '', , last = '']: readonly (string | undefined)[],
  locale: string,
): readonly (readonly DatePart[])[] {
  if (first.length > 2) return [YEAR_FIRST]
  const orders = [dateOrder(locale), DAY_FIRST, MONTH_FIRST]
  return last.length > 2 ? orders.filter((order) => order[0] !== 'year') : orders
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
  const found = readClock(clock)
  return found && { day, ...found }
}

/** Reads a time of day, in twelve hours or twenty-four. Null when it is none. */
export function readClock(text: string): { time: number; isUtc: boolean } | null {
  const half = HALF.exec(text.trim())
  const digits = text.trim().replace(HALF, '').trim()
  const found = digits.length <= 30 ? CLOCK.exec(digits) : null
  if (!found) return null
  const written = Number(found[1])
  if (half && (written < 1 || written > 12)) return null
  const isAfternoon = half !== null && AFTERNOON.test(half[0])
  const hour = half ? (written % 12) + (isAfternoon ? 12 : 0) : written
  const [minute, second] = [Number(found[2]), Number(found[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return null
  const time = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS
  return { time, isUtc: found[4] !== undefined }
}

const orders = new Map<string, readonly DatePart[]>()

/** The order of year, month and day in the locale; en_US where the locale is unknown. */
function dateOrder(locale: string): readonly DatePart[] {
  const known = orders.get(locale)
  if (known !== undefined) return known
  const order = new Intl.DateTimeFormat(localeTag(locale), { timeZone: 'UTC' })
    .formatToParts(new Date(0))
    .map((part) => part.type)
    .filter((type): type is DatePart => type === 'year' || type === 'month' || type === 'day')
  orders.set(locale, order)
  return order
}
