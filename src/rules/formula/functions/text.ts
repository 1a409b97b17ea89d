import { tryRecordId } from '../../../schema/record-id.ts'
import { TEXT_LENGTH_MAX } from '../arithmetic.ts'
import type { Expression, Run } from '../expression.ts'
import { booleanOf, numberOf, textOf } from '../expression.ts'
import { writeDay, writeInstantText, writeTimeOfDay } from '../values/calendar.ts'
import { type Num, toNum, truncate, writeNum } from '../values/number.ts'
import {
  argument,
  type Call,
  type FunctionTable,
  failure,
  numberArgument,
  refuseArgument,
  takes,
  takesBetween,
  textArgument,
} from './call.ts'

/** A function of one text; null and '' give null. */
function ofText(change: (text: string, call: Call) => string): (call: Call) => Expression {
  return (call) => {
    const text = textArgument(call, 0)
    return textOf((context) => {
      const value = text(context)
      return value === null || value === '' ? null : change(value, call)
    })
  }
}

/** LEFT and RIGHT: a length of 0 or less gives null. */
function part(cut: (text: string, length: number) => string): (call: Call) => Expression {
  return (call) => {
    const text = textArgument(call, 0)
    const length = numberArgument(call, 1)
    return textOf((context) => {
      const value = text(context)
      const count = length(context)
      if (value === null || count === null) return null
      const whole = truncate(count)
      return whole <= 0 ? null : cut(value, whole)
    })
  }
}

function compileMid(call: Call): Expression {
  const text = textArgument(call, 0)
  const start = numberArgument(call, 1)
  const length = numberArgument(call, 2)
  return textOf((context) => {
    const value = text(context)
    const from = start(context)
    const count = length(context)
    if (value === null || from === null || count === null) return null
    const first = Math.max(truncate(from), 1) - 1
    const whole = truncate(count)
    return whole <= 0 ? null : value.slice(first, first + whole)
  })
}

/** Whether `test(text, part)`; a blank part is in every text, and in a blank text there is nothing else. */
function search(test: (text: string, part: string) => boolean): (call: Call) => Expression {
  return (call) => {
    const text = textArgument(call, 0)
    const sought = textArgument(call, 1)
    return booleanOf((context) => {
      const value = text(context)
      const wanted = sought(context)
      if (wanted === null || wanted === '') return true
      return value === null || value === '' ? null : test(value, wanted)
    })
  }
}

function compileFind(call: Call): Expression {
  const sought = textArgument(call, 0)
  const text = textArgument(call, 1)
  const start: Run<Num> = call.args.length > 2 ? numberArgument(call, 2) : () => 1
  return numberOf((context) => {
    const wanted = sought(context)
    const value = text(context)
    const from = start(context)
    if (wanted === null || wanted === '' || value === null || from === null) return 0
    // A start before the first character is the first.
    return value.indexOf(wanted, truncate(from) - 1) + 1
  })
}

function compileSubstitute(call: Call): Expression {
  const text = textArgument(call, 0)
  const old = textArgument(call, 1)
  const substitute = textArgument(call, 2)
  const fail = failure(call)
  return textOf((context) => {
    const value = text(context)
    const wanted = old(context)
    if (value === null || wanted === null) return null
    if (value === '') return value
    if (wanted === '') fail('FORMULA_INVALID_ARGUMENT', 'an empty text cannot be substituted')
    const by = substitute(context) ?? ''
    const pieces = value.split(wanted)
    const length = value.length + (pieces.length - 1) * (by.length - wanted.length)
    if (length > TEXT_LENGTH_MAX)
      fail('FORMULA_TEXT_TOO_LONG', `more than ${TEXT_LENGTH_MAX} characters`)
    return pieces.join(by)
  })
}

/** LPAD and RPAD: without a pad blanks are used; what is longer is cut. */
function padding(
  pad: (text: string, length: number, pad: string) => string,
): (call: Call) => Expression {
  return (call) => {
    const text = textArgument(call, 0)
    const length = numberArgument(call, 1)
    const filler: Run<string> = call.args.length > 2 ? textArgument(call, 2) : () => ' '
    const fail = failure(call)
    return textOf((context) => {
      const value = text(context)
      const wanted = length(context)
      if (value === null || value === '' || wanted === null) return null
      const whole = truncate(wanted)
      if (whole <= 0) return null
      if (whole > TEXT_LENGTH_MAX)
        fail('FORMULA_TEXT_TOO_LONG', `more than ${TEXT_LENGTH_MAX} characters`)
      const by = filler(context)
      return value.length >= whole || by === null || by === ''
        ? value.slice(0, whole)
        : pad(value, whole, by)
    })
  }
}

function changeCase(call: Call, toCase: (text: string, locale: string) => string): Expression {
  const text = textArgument(call, 0)
  const language: Run<string> = call.args.length > 1 ? textArgument(call, 1) : () => null
  return textOf((context) => {
    const value = text(context)
    return value === null ? null : toCase(value, languageOf(language(context)))
  })
}

/** The language of a locale such as `tr_TR`: all that letters go by. Without one the machine's own must not count. */
function languageOf(name: string | null): string {
  return /^([A-Za-z]{2,3})([_-]|$)/.exec(name ?? '')?.[1]?.toLowerCase() ?? 'en'
}

function compileText(call: Call): Expression {
  const value = argument(call, 0)
  switch (value.type) {
    case 'Number':
      return textOf(written(value.run, writeNum))
    case 'Date':
      return textOf(written(value.run, writeDay))
    case 'DateTime':
      return textOf(written(value.run, writeInstantText))
    case 'Time':
      return textOf(written(value.run, writeTimeOfDay))
    case 'Boolean':
    case 'Location':
      return refuseArgument(call, 0, 'Number, Date, DateTime, Time or Picklist')
    default:
      return textOf(value.run)
  }
}

function written<Value>(run: Run<Value>, write: (value: Value) => string): Run<string> {
  return (context) => {
    const value = run(context)
    return value === null ? null : write(value)
  }
}

const NUMBER_TEXT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/

function compileValue(call: Call): Expression {
  const text = textArgument(call, 0)
  const fail = failure(call)
  return numberOf((context) => {
    const value = text(context)?.trim()
    if (value === undefined || value === '') return null
    if (!NUMBER_TEXT.test(value))
      fail('FORMULA_INVALID_NUMBER', `not a number: ${JSON.stringify(value.slice(0, 40))}`)
    return toNum(value)
  })
}

function compileIsNumber(call: Call): Expression {
  const text = textArgument(call, 0)
  return booleanOf((context) => NUMBER_TEXT.test(text(context)?.trim() ?? ''))
}

/** Without the blanks around it; tabs and line ends stay. */
function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charAt(start) === ' ') start += 1
  while (end > start && text.charAt(end - 1) === ' ') end -= 1
  return text.slice(start, end)
}

function initialCapitals(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[^\p{L}\p{N}])(\p{L})/gu, (_, before: string, letter: string) => {
      return before + letter.toUpperCase()
    })
}

/** Null for a code that no character has. */
function compileChr(call: Call): Expression {
  const code = numberArgument(call, 0)
  return textOf((context) => {
    const value = code(context)
    const point = value === null ? 0 : truncate(value)
    const isHalf = point >= 0xd800 && point <= 0xdfff
    return point < 1 || point > 0x10ffff || isHalf ? null : String.fromCodePoint(point)
  })
}

/** Functions that make or look into texts. */
export const TEXT_FUNCTIONS: FunctionTable = {
  TEXT: takes(1, compileText),
  VALUE: takes(1, compileValue),
  ISNUMBER: takes(1, compileIsNumber),
  LEN: takes(1, (call) => {
    const text = textArgument(call, 0)
    return numberOf((context) => text(context)?.length ?? 0)
  }),
  LEFT: takes(
    2,
    part((text, length) => text.slice(0, length)),
  ),
  RIGHT: takes(
    2,
    part((text, length) => text.slice(Math.max(text.length - length, 0))),
  ),
  MID: takes(3, compileMid),
  CONTAINS: takes(
    2,
    search((text, wanted) => text.includes(wanted)),
  ),
  BEGINS: takes(
    2,
    search((text, wanted) => text.startsWith(wanted)),
  ),
  FIND: takesBetween(2, 3, compileFind),
  SUBSTITUTE: takes(3, compileSubstitute),
  LPAD: takesBetween(
    2,
    3,
    padding((text, length, pad) => text.padStart(length, pad)),
  ),
  RPAD: takesBetween(
    2,
    3,
    padding((text, length, pad) => text.padEnd(length, pad)),
  ),
  TRIM: takes(1, ofText(trimmed)),
  LOWER: takesBetween(1, 2, (call) =>
    changeCase(call, (text, locale) => text.toLocaleLowerCase(locale)),
  ),
  UPPER: takesBetween(1, 2, (call) =>
    changeCase(call, (text, locale) => text.toLocaleUpperCase(locale)),
  ),
  INITCAP: takes(1, ofText(initialCapitals)),
  REVERSE: takes(
    1,
    ofText((text) => [...text].reverse().join('')),
  ),
  BR: takes(0, () => textOf(() => '\n')),
  CASESAFEID: takes(
    1,
    ofText((text) => tryRecordId(text) ?? text),
  ),
  CHR: takes(1, compileChr),
  ASCII: takes(1, (call) => {
    const text = textArgument(call, 0)
    return numberOf((context) => text(context)?.codePointAt(0) ?? null)
  }),
}
