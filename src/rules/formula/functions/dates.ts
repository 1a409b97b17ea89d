import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../base/clock.ts'
import type { Expression, Run } from '../expression.ts'
import { isTextual, numberOf, textOf } from '../expression.ts'
import {
  boundedInstant,
  civilOf,
  type Day,
  dayOf,
  daysInMonth,
  realDay,
} from '../values/calendar.ts'
import { type Num, toDouble, truncate } from '../values/number.ts'
import { localDay } from '../values/zone.ts'
import {
  argument,
  booleanArgument,
  type Call,
  type FormulaFunction,
  type FunctionTable,
  failure,
  momentArgument,
  numberArgument,
  takes,
  takesBetween,
  textArgument,
} from './call.ts'

function compileDate(call: Call): Expression {
  const year = numberArgument(call, 0)
  const month = numberArgument(call, 1)
  const day = numberArgument(call, 2)
  const fail = failure(call)
  return {
    type: 'Date',
    run: (context) => {
      const [y, m, d] = [year(context), month(context), day(context)]
      if (y === null || m === null || d === null) return null
      const found = realDay(truncate(y), truncate(m), truncate(d))
      return found ?? fail('FORMULA_INVALID_DATE', `there is no day ${y}-${m}-${d}`)
    },
  }
}

/** A number that a date has. */
function ofDay(
  types: readonly ('Date' | 'DateTime')[],
  count: (day: Day) => number,
): FormulaFunction {
  return takes(1, (call) => {
    const moment = momentArgument(call, 0, types)
    const perDay = argument(call, 0).type === 'DateTime' ? DAY_MS : 1
    return numberOf((context) => {
      const value = moment(context)
      return value === null ? null : count(Math.floor(value / perDay))
    })
  })
}

/** A number that a time of day has. */
function ofTime(count: (ms: number) => number): FormulaFunction {
  return takes(1, (call) => {
    const time = momentArgument(call, 0, ['Time'])
    return numberOf((context) => {
      const value = time(context)
      return value === null ? null : Math.floor(count(value))
    })
  })
}

/** Sunday is 1; 1970-01-01 was a Thursday. */
function weekdayOf(day: Day): number {
  return ((((day + 4) % 7) + 7) % 7) + 1
}

/** The Thursday of the ISO week: its year is the week's. */
function isoThursday(day: Day): Day {
  return day - ((weekdayOf(day) + 5) % 7) + 3
}

function isoWeekOf(day: Day): number {
  const thursday = isoThursday(day)
  return Math.floor((thursday - dayOf(civilOf(thursday).year, 1, 1)) / 7) + 1
}

/** The same day `months` later; the last day of a month stays the last. */
function addMonths(day: Day, months: number): Day | null {
  const from = civilOf(day)
  const count = from.year * 12 + from.month - 1 + months
  const year = Math.floor(count / 12)
  const month = count - year * 12 + 1
  const last = daysInMonth(year, month)
  const isLast = from.day === daysInMonth(from.year, from.month)
  return realDay(year, month, isLast ? last : Math.min(from.day, last))
}

function compileAddMonths(call: Call): Expression {
  const base = argument(call, 0)
  const moment = momentArgument(call, 0, ['Date', 'DateTime'])
  const months = numberArgument(call, 1)
  const fail = failure(call)
  const unit = base.type === 'DateTime' ? DAY_MS : 1
  const run: Run<number> = (context) => {
    const from = moment(context)
    const count = months(context)
    if (from === null || count === null) return null
    const day = Math.floor(from / unit)
    const moved = addMonths(day, truncate(count))
    if (moved === null)
      return fail('FORMULA_INVALID_DATE', 'the date is outside the years 1 to 9999')
    return moved * unit + (from - day * unit)
  }
  return { type: base.type === 'DateTime' ? 'DateTime' : 'Date', run }
}

const DATE_TEXT = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const DATE_TIME_TEXT =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,3}))?Z?$/
const TIME_TEXT = /^(\d{2}):(\d{2}):(\d{2})\.(\d{3})$/

function readDateText(text: string): Day | null {
  const found = DATE_TEXT.exec(text)
  return found && realDay(Number(found[1]), Number(found[2]), Number(found[3]))
}

function readDateTimeText(text: string): number | null {
  const found = DATE_TIME_TEXT.exec(text)
  const day = found && realDay(Number(found[1]), Number(found[2]), Number(found[3]))
  if (!found || day === null) return null
  const time = timeOf(Number(found[4]), Number(found[5]), Number(found[6]))
  return time === null ? null : day * DAY_MS + time
}

function timeOf(hour: number, minute: number, second: number): number | null {
  if (hour > 23 || minute > 59 || second > 59) return null
  return hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS
}

function readTimeText(text: string): number | null {
  const found = TIME_TEXT.exec(text)
  const time = found && timeOf(Number(found[1]), Number(found[2]), Number(found[3]))
  return found && time !== null ? time + Number(found[4]) : null
}

/** Compiles a text argument read by `read`, which answers null for what is none. */
function fromText(call: Call, read: (text: string) => number | null, form: string): Run<number> {
  const text = textArgument(call, 0)
  const fail = failure(call)
  const code = call.name === 'TIMEVALUE' ? 'FORMULA_INVALID_TIME' : 'FORMULA_INVALID_DATE'
  return (context) => {
    const value = text(context)
    if (value === null || value.trim() === '') return null
    return read(value.trim()) ?? fail(code, `${JSON.stringify(value.slice(0, 40))} is not ${form}`)
  }
}

function compileDateValue(call: Call): Expression {
  const value = argument(call, 0)
  if (isTextual(value.type))
    return { type: 'Date', run: fromText(call, readDateText, 'YYYY-MM-DD') }
  const moment = momentArgument(call, 0, ['Date', 'DateTime'])
  if (value.type !== 'DateTime') return { type: 'Date', run: moment }
  return {
    type: 'Date',
    run: (context) => {
      const instant = moment(context)
      return instant === null ? null : localDay(context.org.timeZone, instant)
    },
  }
}

function compileDateTimeValue(call: Call): Expression {
  const value = argument(call, 0)
  if (isTextual(value.type)) {
    const run = fromText(call, readDateTimeText, 'YYYY-MM-DD HH:MM:SS')
    return { type: 'DateTime', run }
  }
  const moment = momentArgument(call, 0, ['Date', 'DateTime'])
  if (value.type !== 'Date') return { type: 'DateTime', run: moment }
  return {
    type: 'DateTime',
    run: (context) => {
      const day = moment(context)
      return day === null ? null : day * DAY_MS
    },
  }
}

function compileTimeValue(call: Call): Expression {
  const value = argument(call, 0)
  if (isTextual(value.type))
    return { type: 'Time', run: fromText(call, readTimeText, 'HH:MM:SS.sss') }
  const moment = momentArgument(call, 0, ['DateTime', 'Time'])
  return {
    type: 'Time',
    run: (context) => {
      const instant = moment(context)
      return instant === null ? null : instant - Math.floor(instant / DAY_MS) * DAY_MS
    },
  }
}

function compileUnixTimestamp(call: Call): Expression {
  const moment = momentArgument(call, 0, ['Date', 'DateTime', 'Time'])
  const seconds = argument(call, 0).type === 'Date' ? DAY_MS / SECOND_MS : 1 / SECOND_MS
  return numberOf((context) => {
    const value = moment(context)
    return value === null ? null : Math.floor(value * seconds)
  })
}

function compileFromUnixTime(call: Call): Expression {
  const seconds = numberArgument(call, 0)
  return {
    type: 'DateTime',
    run: (context) => {
      const value = seconds(context)
      return value === null ? null : boundedInstant(truncate(value) * SECOND_MS)
    },
  }
}

const pad = (count: number) => String(count).padStart(2, '0')

/** `HH:MM:SS`, or `D:HH:MM:SS` with days. */
function writeDuration(seconds: number, withDays: boolean): string {
  const whole = Math.trunc(Math.abs(seconds))
  const hours = Math.floor(whole / 3600)
  const clock = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`
  return withDays
    ? `${Math.floor(hours / 24)}:${pad(hours % 24)}:${clock}`
    : `${pad(hours)}:${clock}`
}

/** Of a number of seconds, or of the time between two moments: of date-times with days, of times without. */
function compileFormatDuration(call: Call): Expression {
  const types = call.args.map(({ type }) => type)
  const between = types.find((type) => type === 'DateTime' || type === 'Time')
  if (between !== undefined) return durationBetween(call, between)
  const seconds: Run<Num> = numberArgument(call, 0)
  const days = call.args[1] === undefined ? () => false : booleanArgument(call, 1)
  return textOf((context) => {
    const value = seconds(context)
    return value === null ? null : writeDuration(toDouble(value), days(context) === true)
  })
}

function durationBetween(call: Call, type: 'DateTime' | 'Time'): Expression {
  const from = momentArgument(call, 0, [type])
  const to = momentArgument(call, 1, [type])
  return textOf((context) => {
    const start = from(context)
    const end = to(context)
    if (start === null || end === null) return null
    return writeDuration((end - start) / SECOND_MS, type === 'DateTime')
  })
}

/** Functions of dates, date-times and times. */
export const DATE_FUNCTIONS: FunctionTable = {
  DATE: takes(3, compileDate),
  TODAY: takes(0, () => ({
    type: 'Date',
    run: (context) => localDay(context.org.timeZone, context.now),
  })),
  NOW: takes(0, () => ({
    type: 'DateTime',
    run: (context) => Math.floor(context.now / SECOND_MS) * SECOND_MS,
  })),
  TIMENOW: takes(0, () => ({ type: 'Time', run: (context) => context.now % DAY_MS })),
  YEAR: ofDay(['Date'], (day) => civilOf(day).year),
  MONTH: ofDay(['Date'], (day) => civilOf(day).month),
  DAY: ofDay(['Date'], (day) => civilOf(day).day),
  WEEKDAY: ofDay(['Date'], weekdayOf),
  DAYOFYEAR: ofDay(['Date', 'DateTime'], (day) => day - dayOf(civilOf(day).year, 1, 1) + 1),
  ISOWEEK: ofDay(['Date', 'DateTime'], isoWeekOf),
  ISOYEAR: ofDay(['Date', 'DateTime'], (day) => civilOf(isoThursday(day)).year),
  HOUR: ofTime((ms) => ms / HOUR_MS),
  MINUTE: ofTime((ms) => (ms / MINUTE_MS) % 60),
  SECOND: ofTime((ms) => (ms / SECOND_MS) % 60),
  MILLISECOND: ofTime((ms) => ms % SECOND_MS),
  DATEVALUE: takes(1, compileDateValue),
  DATETIMEVALUE: takes(1, compileDateTimeValue),
  TIMEVALUE: takes(1, compileTimeValue),
  ADDMONTHS: takes(2, compileAddMonths),
  UNIXTIMESTAMP: takes(1, compileUnixTimestamp),
  FROMUNIXTIME: takes(1, compileFromUnixTime),
  FORMATDURATION: takesBetween(1, 2, compileFormatDuration),
}
