import {
  type CharTest,
  charTest,
  LETTER_CLASSES,
  LETTER_ESCAPES,
  namedClass,
  not,
} from './char-class.ts'
import { PatternError } from './pattern-node.ts'

/** Deepest nesting of groups and classes in a pattern. */
export const PATTERN_NESTING_MAX = 50

/** The characters of a pattern and how far they are read. */
export type PatternCursor = {
  readonly chars: readonly string[]
  at: number
  ignoreCase: boolean
  dotAll: boolean
  multiline: boolean
}

/** Reads a backslash and what follows as the characters it stands for, inside brackets and outside. */
export function readEscapedClass(cursor: PatternCursor): CharTest {
  const char = cursor.chars[cursor.at + 1]
  if (char === undefined) throw new PatternError('the pattern ends with a backslash')
  const letterClass = LETTER_CLASSES.get(char)
  if (letterClass !== undefined) {
    cursor.at += 2
    return letterClass
  }
  if (char === 'p' || char === 'P') return readNamedClass(cursor, char === 'P')
  return charTest(readEscapedChar(cursor), cursor.ignoreCase)
}

function readNamedClass(cursor: PatternCursor, negated: boolean): CharTest {
  const rest = cursor.chars.slice(cursor.at + 2, cursor.at + 32).join('')
  const found = /^(?:\{([A-Za-z]+)\}|([A-Z]))/.exec(rest)
  const test = found && namedClass(found[1] ?? found[2] ?? '')
  if (!found || !test) throw new PatternError(`unknown class at ${cursor.at + 1}`)
  cursor.at += 2 + found[0].length
  return negated ? not(test) : test
}

/** Reads a backslash and what follows as one character; its code point. */
export function readEscapedChar(cursor: PatternCursor): number {
  const char = cursor.chars[cursor.at + 1]!
  const known = LETTER_ESCAPES.get(char)
  if (known !== undefined) {
    cursor.at += 2
    return known
  }
  if (char === 'u' || char === 'x') {
    const count = char === 'u' ? 4 : 2
    const digits = cursor.chars.slice(cursor.at + 2, cursor.at + 2 + count).join('')
    if (digits.length === count && /^[0-9A-Fa-f]+$/.test(digits)) {
      cursor.at += 2 + count
      return Number.parseInt(digits, 16)
    }
  }
  if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`\\${char} is not supported`)
  cursor.at += 2
  return char.codePointAt(0)!
}
