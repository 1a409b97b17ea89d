import { civilOf, type Day, dayOf } from '../formula/values/calendar.ts'

/** Days from `start` to `end`, both included. */
export type DayRange = { readonly start: Day; readonly end: Day }

/** What a relative date means on the day `today`. */
export type RelativeDate = (today: Day) => DayRange

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** Most units a phrase may count; with years it still stays a date. */
const COUNT_MAX = 5000

/**
 * Reads `TODAY`, `LAST 90 DAYS`, `NEXT 2 FISCAL QUARTERS`, `1 YEARS AGO` and the like, in any case, also
 * as SOQL spells them (`LAST_N_DAYS:90`). Fiscal years are calendar years. Null when it is none.
 */
export function readRelativeDate(text: string, firstWeekday: number): RelativeDate | null {
  const phrase = plainPhrase(text)
  const span = (unit: Unit, from: number, to: number): RelativeDate => {
    return (today) => ({
      start: unitStart(today, unit, from, firstWeekday),
      end: unitStart(today, unit, to + 1, firstWeekday) - 1,
    })
  }
  if (phrase === 'TODAY') return span('DAY', 0, 0)
  if (phrase === 'YESTERDAY') return span('DAY', -1, -1)
  if (phrase === 'TOMORROW') return span('DAY', 1, 1)

  const around =
    /^(LAST|THIS|NEXT) (?:([0-9]{1,4}) )?(?:FISCAL )?(DAY|WEEK|MONTH|QUARTER|YEAR)S?$/.exec(phrase)
  if (around) return aroundToday(around[1] ?? '', Number(around[2] ?? 1), unitOf(around[3]), span)

  const ago =
    /^([0-9]{1,4}) (?:FISCAL )?(DAY|WEEK|MONTH|QUARTER|YEAR)S? (AGO|FROM NOW|AHEAD)$/.exec(phrase)
  if (!ago || Number(ago[1]) > COUNT_MAX) return null
  const count = ago[3] === 'AGO' ? -Number(ago[1]) : Number(ago[1])
  return span(unitOf(ago[2]), count, count)
}

/** LAST n DAYS ends today; LAST n of any other unit ends before the current one. */
function aroundToday(
  word: string,
  count: number,
  unit: Unit,
  span: (unit: Unit, from: number, to: number) => RelativeDate,
): RelativeDate | null {
  if (count > COUNT_MAX) return null
  if (word === 'THIS') return span(unit, 0, 0)
  if (word === 'NEXT') return span(unit, 1, count)
  return unit === 'DAY' ? span(unit, -count, 0) : span(unit, -count, -1)
}

/** `LAST_N_DAYS:90` as `LAST 90 DAYS`. */
function plainPhrase(text: string): string {
  if (text.length > 60) return ''
  const words = text.trim().toUpperCase().replaceAll('_', ' ').replace(/ {2,}/g, ' ')
  const counted = /^(.*?)\bN\b(.*): ?([0-9]{1,4})$/.exec(words)
  return counted ? `${counted[1]}${counted[3]}${counted[2]}`.trim() : words
}

function unitOf(word: string | undefined): Unit {
  switch (word) {
    case 'WEEK':
    case 'MONTH':
    case 'QUARTER':
    case 'YEAR':
      return word
    default:
      return 'DAY'
  }
}

/** The first day of the unit that is `offset` units after the one with `today` in it. */
function unitStart(today: Day, unit: Unit, offset: number, firstWeekday: number): Day {
  const { year, month } = civilOf(today)
  switch (unit) {
    case 'DAY':
      return today + offset
    case 'WEEK':
      // 1970-01-01 was a Thursday; weekdays count from Sunday, 0.
      return today - ((((today + 4 - firstWeekday) % 7) + 7) % 7) + offset * 7
    case 'MONTH':
      return monthStart(year, month - 1 + offset)
    case 'QUARTER':
      return monthStart(year, (Math.floor((month - 1) / 3) + offset) * 3)
    case 'YEAR':
      return dayOf(year + offset, 1, 1)
  }
}

/** `month` counts from 0 and may lie in another year. */
function monthStart(year: number, month: number): Day {
  const yearsOn = Math.floor(month / 12)
  return dayOf(year + yearsOn, month - yearsOn * 12 + 1, 1)
}

const SUNDAY_FIRST =
  /^(?:US|CA|MX|BR|JP|KR|TW|HK|IL|IN|ZA|PH|TH|AU|CO|PE|VE|AR|CL|GT|HN|NI|PA|PR|SV|DO|SA|SG|ID|KE|MO|PK|PY|ZW)$/

/** The day weeks begin with in a locale such as `en_US`: 0 Sunday, 1 Monday. */
export function firstWeekdayOf(locale: string): number {
  const region = locale.split(/[_-]/).find((part) => /^[A-Z]{2}$/.test(part)) ?? 'US'
  return SUNDAY_FIRST.test(region) ? 0 : 1
}
