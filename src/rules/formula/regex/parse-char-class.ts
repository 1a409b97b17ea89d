import { type CharTest, foldCase, not } from './char-class.ts'
import {
  PATTERN_NESTING_MAX,
  type PatternCursor,
  readEscapedChar,
  readEscapedClass,
} from './escapes.ts'
import { PatternError } from './pattern-node.ts'

/** Reads `[…]` from its opening bracket: ranges, escapes, classes within it, `&&` and `^`. */
export function parseCharClass(cursor: PatternCursor, nesting: number): CharTest {
  if (nesting > PATTERN_NESTING_MAX) throw new PatternError('too many classes within each other')
  cursor.at += 1
  const negated = cursor.chars[cursor.at] === '^'
  if (negated) cursor.at += 1
  const parts: CharTest[][] = [[]]
  let isFirst = true
  for (;;) {
    const char = cursor.chars[cursor.at]
    if (char === undefined) throw new PatternError('a class has no end: expected ]')
    if (char === ']' && !isFirst) break
    isFirst = false
    if (char === '&' && cursor.chars[cursor.at + 1] === '&') {
      cursor.at += 2
      parts.push([])
    } else {
      parts.at(-1)!.push(parseMember(cursor, nesting))
    }
  }
  cursor.at += 1
  const all = parts.filter((tests) => tests.length > 0)
  const test: CharTest = (code) => all.every((tests) => tests.some((each) => each(code)))
  const folded = cursor.ignoreCase ? foldCase(test) : test
  return negated ? not(folded) : folded
}

function parseMember(cursor: PatternCursor, nesting: number): CharTest {
  const char = cursor.chars[cursor.at]!
  if (char === '[') return parseCharClass(cursor, nesting + 1)
  if (char === '\\' && /[dDwWsShpP]/.test(cursor.chars[cursor.at + 1] ?? '')) {
    return readEscapedClass(cursor)
  }
  const from = readChar(cursor)
  const next = cursor.chars[cursor.at + 1]
  if (cursor.chars[cursor.at] !== '-' || next === ']' || next === '[' || next === undefined) {
    return (code) => code === from
  }
  cursor.at += 1
  const to = readChar(cursor)
  if (to < from) throw new PatternError('a range in a class ends before it begins')
  return (code) => code >= from && code <= to
}

function readChar(cursor: PatternCursor): number {
  const char = cursor.chars[cursor.at]
  if (char === undefined) throw new PatternError('a class has no end: expected ]')
  if (char === '\\') {
    if (cursor.chars[cursor.at + 1] === undefined)
      throw new PatternError('the pattern ends with a backslash')
    return readEscapedChar(cursor)
  }
  cursor.at += 1
  return char.codePointAt(0)!
}
