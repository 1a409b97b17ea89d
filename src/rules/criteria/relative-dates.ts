import { civilOf, type Day, dayOf } from '../formula/values/calendar.ts'

/** Days from `start` to `end`, both included. */
export type DayRange = { readonly start: Day; readonly end: Day }

/** What a relative date means on the day `today`. */
export type RelativeDate = (today: Day) => DayRange

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** Most units a phrase may count; with years it still stays a date. */
const COUNT_MAX = 5000

/** What of a phrase's meaning differs from org to org. */
export type DateCustoms = {
  /** The day weeks begin with: 0 Sunday, 1 Monday. */
  readonly firstWeekday: number
  /** The month fiscal years begin with, 1 to 12. */
  readonly fiscalYearStartMonth: number
}

/** `TODAY`, `YESTERDAY` and `TOMORROW` as orgs of other languages write them. */
const DAYS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...wordsFor(
    'TODAY',
    "今日 本日 今天 오늘 HEUTE AUJOURD'HUI HOY OGGI HOJE VANDAAG IDAG DZISIAJ BUGÜN СЕГОДНЯ",
  ),
  ...wordsFor(
    'YESTERDAY',
    '昨日 昨天 어제 GESTERN HIER AYER IERI ONTEM GISTEREN IGÅR WCZORAJ DÜN ВЧЕРА',
  ),
  ...wordsFor(
    'TOMORROW',
    '明日 明天 내일 MORGEN DEMAIN MAÑANA DOMANI AMANHÃ IMORGON JUTRO YARIN ЗАВТРА',
  ),
])

function wordsFor(word: string, elsewhere: string): readonly (readonly [string, string])[] {
  return elsewhere.split(' ').map((each) => [each, word] as const)
}

/**
 * Reads `TODAY`, `LAST 90 DAYS`, `NEXT 2 FISCAL QUARTERS`, `1 YEARS AGO` and the like, in any case, also
 * as SOQL spells them (`LAST_N_DAYS:90`). Null when it is none.
 */
export function readRelativeDate(text: string, customs: DateCustoms): RelativeDate | null {
  const phrase = plainPhrase(text)
  const word = DAYS_ELSEWHERE.get(phrase) ?? phrase
  const isFiscal = /\bFISCAL /.test(word)
  const start = startOf(isFiscal ? customs : { ...customs, fiscalYearStartMonth: 1 })
  const spanOf: SpanOf = (unit, from, to) => {
    return (today) => ({ start: start(today, unit, from), end: start(today, unit, to + 1) - 1 })
  }
  return readPhrase(word.replace(/\bFISCAL /, ''), spanOf)
}

type SpanOf = (unit: Unit, from: number, to: number) => RelativeDate

function readPhrase(phrase: string, spanOf: SpanOf): RelativeDate | null {
  if (phrase === 'TODAY') return spanOf('DAY', 0, 0)
  if (phrase === 'YESTERDAY') return spanOf('DAY', -1, -1)
  if (phrase === 'TOMORROW') return spanOf('DAY', 1, 1)

  const around = /^(LAST|THIS|NEXT) (?:([0-9]{1,4}) )?(DAY|WEEK|MONTH|QUARTER|YEAR)S?$/.exec(phrase)
  if (around) return aroundToday(around[1] ?? '', Number(around[2] ?? 1), unitOf(around[3]), spanOf)

  const ago = /^([0-9]{1,4}) (DAY|WEEK|MONTH|QUARTER|YEAR)S? (AGO|FROM NOW|AHEAD)$/.exec(phrase)
  if (!ago || Number(ago[1]) > COUNT_MAX) return null
  const count = ago[3] === 'AGO' ? -Number(ago[1]) : Number(ago[1])
  return spanOf(unitOf(ago[2]), count, count)
}

/** LAST n DAYS ends today; LAST n of any other unit ends before the current one. */
function aroundToday(word: string, count: number, unit: Unit, span: SpanOf): RelativeDate | null {
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

/** Finds the first day of the unit that is `offset` units after the one with `today` in it. */
function startOf({ firstWeekday, fiscalYearStartMonth }: DateCustoms) {
  const monthsOn = fiscalYearStartMonth - 1
  return (today: Day, unit: Unit, offset: number): Day => {
    const { year, month } = civilOf(today)
    // Months since the year 0, counted so that fiscal years begin at a multiple of twelve.
    const months = year * 12 + month - 1 - monthsOn
    const back = (length: number) => (Math.floor(months / length) + offset) * length + monthsOn
    switch (unit) {
      case 'DAY':
        return today + offset
      case 'WEEK':
        // 1970-01-01 was a Thursday; weekdays count from Sunday, 0.
        return today - ((((today + 4 - firstWeekday) % 7) + 7) % 7) + offset * 7
      case 'MONTH':
        return monthStart(back(1))
      case 'QUARTER':
        return monthStart(back(3))
      case 'YEAR':
        return monthStart(back(12))
    }
  }
}

/** `months` since the year 0. */
function monthStart(months: number): Day {
  const year = Math.floor(months / 12)
  return dayOf(year, months - year * 12 + 1, 1)
}

const SUNDAY_FIRST =
  /^(?:US|CA|MX|BR|JP|KR|TW|HK|IL|IN|ZA|PH|TH|AU|CO|PE|VE|AR|CL|GT|HN|NI|PA|PR|SV|DO|SA|SG|ID|KE|MO|PK|PY|ZW)$/

/** What is customary in an org of this locale, such as `en_US`, and with these fiscal years. */
export function dateCustomsOf(settings: {
  readonly locale: string
  readonly fiscalYearStartMonth?: number
}): DateCustoms {
  const region = settings.locale.split(/[_-]/).find((part) => /^[A-Z]{2}$/.test(part)) ?? 'US'
  return {
    firstWeekday: SUNDAY_FIRST.test(region) ? 0 : 1,
    fiscalYearStartMonth: settings.fiscalYearStartMonth ?? 1,
  }
}
