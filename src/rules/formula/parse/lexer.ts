import { FormulaError, placeOf, quoted } from '../errors.ts'

/** A word of a formula. `at` is the offset of its first character, `end` that after its last. */
export type Token = {
  readonly kind: 'number' | 'text' | 'name' | 'symbol' | 'end'
  /** Of a text: what it stands for, escapes undone. Else as written. */
  readonly text: string
  readonly at: number
  readonly end: number
}

const NUMBER = /[0-9]+(?:\.[0-9]+)?/y
const NAME = /[A-Za-z$][A-Za-z0-9_$:.#]*/y
const SYMBOL = /\|\||&&|==|<>|!=|<=|>=|[-+*/^&=<>!(),]/y
const SPACE = /\s+/y
const PLAIN = /[^"'\\\r\n]+/y

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['N', '\n'],
  ['R', '\r'],
  ['T', '\t'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
])

/** Reads the word that starts at or after `from`; spaces and comments are passed over. */
export function readToken(text: string, from: number): Token {
  const at = skipBlank(text, from)
  if (at >= text.length) return { kind: 'end', text: '', at, end: at }
  const char = text.charAt(at)
  if (char === '.' && /[0-9]/.test(text.charAt(at + 1))) {
    fail(text, at, "a number begins with a digit: write 0.5, not '.5'")
  }
  if (char === '"' || char === "'") return readText(text, at)
  return (
    match(text, at, NUMBER, 'number') ??
    match(text, at, NAME, 'name') ??
    match(text, at, SYMBOL, 'symbol') ??
    fail(
      text,
      at,
      `unexpected character ${quoted(String.fromCodePoint(text.codePointAt(at) ?? 0))}`,
    )
  )
}

function match(text: string, at: number, pattern: RegExp, kind: Token['kind']): Token | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)?.[0]
  return found === undefined ? undefined : { kind, text: found, at, end: at + found.length }
}

function skipBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    SPACE.lastIndex = at
    if (SPACE.test(text)) at = SPACE.lastIndex
    if (text.charAt(at) !== '/' || text.charAt(at + 1) !== '*') return at
    const close = text.indexOf('*/', at + 2)
    if (close < 0) fail(text, at, 'this comment has no end: expected */')
    at = close + 2
  }
}

function readText(text: string, at: number): Token {
  const quote = text.charAt(at)
  let value = ''
  let index = at + 1
  for (;;) {
    PLAIN.lastIndex = index
    if (PLAIN.test(text)) {
      value += text.slice(index, PLAIN.lastIndex)
      index = PLAIN.lastIndex
    }
    const char = text.charAt(index)
    if (char === quote) return { kind: 'text', text: value, at, end: index + 1 }
    if (char === '"' || char === "'") {
      value += char
      index += 1
    } else if (char === '\\') {
      value += readEscape(text, index)
      index += 2
    } else {
      fail(text, at, `this text has no end: expected ${quote} before the end of the line`)
    }
  }
}

function readEscape(text: string, at: number): string {
  const char = text.charAt(at + 1)
  const value = ESCAPES.get(char)
  if (value === undefined) {
    fail(text, at, `unknown escape ${quoted(`\\${char}`)}: write a backslash as \\\\`)
  }
  return value
}

function fail(text: string, at: number, message: string): never {
  throw new FormulaError('FORMULA_SYNTAX', message, placeOf(text, at))
}
