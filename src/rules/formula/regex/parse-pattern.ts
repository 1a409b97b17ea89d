import { charTest, isNoLineEnd, isWord } from './char-class.ts'
import { PATTERN_NESTING_MAX, type PatternCursor, readEscapedClass } from './escapes.ts'
import { parseCharClass } from './parse-char-class.ts'
import { PatternError, type PatternNode } from './pattern-node.ts'

const REPEAT_MAX = 1000

/** Reads a pattern into its tree; throws PatternError for what is no pattern or not supported. */
export function parsePattern(source: string): PatternNode {
  const chars = Array.from(source)
  const cursor = { chars, at: 0, ignoreCase: false, dotAll: false, multiline: false }
  const node = parseChoice(cursor, 0)
  if (cursor.at < chars.length) throw new PatternError(`unmatched ) at ${cursor.at + 1}`)
  return node
}

function parseChoice(cursor: PatternCursor, nesting: number): PatternNode {
  if (nesting > PATTERN_NESTING_MAX) {
    throw new PatternError(`more than ${PATTERN_NESTING_MAX} groups within each other`)
  }
  const nodes = [parseSequence(cursor, nesting)]
  while (cursor.chars[cursor.at] === '|') {
    cursor.at += 1
    nodes.push(parseSequence(cursor, nesting))
  }
  return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes }
}

function parseSequence(cursor: PatternCursor, nesting: number): PatternNode {
  const nodes: PatternNode[] = []
  for (;;) {
    const char = cursor.chars[cursor.at]
    if (char === undefined || char === '|' || char === ')') return { kind: 'sequence', nodes }
    nodes.push(parseRepeat(cursor, parseAtom(cursor, nesting)))
  }
}

function parseRepeat(cursor: PatternCursor, node: PatternNode): PatternNode {
  const times = readTimes(cursor)
  if (times === null) return node
  if (cursor.chars[cursor.at] === '+')
    throw new PatternError('possessive repetition is not supported')
  // Whether a whole text matches does not depend on laziness.
  if (cursor.chars[cursor.at] === '?') cursor.at += 1
  return { kind: 'repeat', node, ...times }
}

function readTimes(cursor: PatternCursor): { min: number; max: number | null } | null {
  const char = cursor.chars[cursor.at]
  if (char === '{') return readBraces(cursor)
  if (char !== '*' && char !== '+' && char !== '?') return null
  cursor.at += 1
  return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : null }
}

function readBraces(cursor: PatternCursor): { min: number; max: number | null } {
  const close = cursor.chars.indexOf('}', cursor.at)
  const inside = close < 0 ? '' : cursor.chars.slice(cursor.at + 1, close).join('')
  const found = /^([0-9]{1,4})(,([0-9]{0,4}))?$/.exec(inside)
  if (!found) throw new PatternError(`expected {n}, {n,} or {n,m} at ${cursor.at + 1}`)
  cursor.at = close + 1
  const min = Number(found[1])
  const max = found[2] === undefined ? min : found[3] === '' ? null : Number(found[3])
  if (min > REPEAT_MAX || (max ?? 0) > REPEAT_MAX)
    throw new PatternError(`at most ${REPEAT_MAX} repetitions`)
  if (max !== null && max < min) throw new PatternError(`{${inside}} ends before it begins`)
  return { min, max }
}

function parseAtom(cursor: PatternCursor, nesting: number): PatternNode {
  const char = cursor.chars[cursor.at]!
  switch (char) {
    case '(':
      return parseGroup(cursor, nesting)
    case '[':
      return { kind: 'char', test: parseCharClass(cursor, 0) }
    case '\\':
      return parseEscape(cursor)
    case '*':
    case '+':
    case '?':
    case '{':
      throw new PatternError(`nothing to repeat at ${cursor.at + 1}`)
    default:
      cursor.at += 1
      if (char === '^') return { kind: 'assert', holds: lineStart(cursor.multiline) }
      if (char === '$') return { kind: 'assert', holds: lineEnd(cursor.multiline) }
      if (char === '.') return { kind: 'char', test: cursor.dotAll ? () => true : isNoLineEnd }
      return { kind: 'char', test: charTest(char.codePointAt(0)!, cursor.ignoreCase) }
  }
}

function parseGroup(cursor: PatternCursor, nesting: number): PatternNode {
  const { ignoreCase, dotAll, multiline } = cursor
  cursor.at += 1
  if (cursor.chars[cursor.at] === '?') {
    cursor.at += 1
    if (!readGroupHead(cursor)) return { kind: 'sequence', nodes: [] }
  }
  const node = parseChoice(cursor, nesting + 1)
  if (cursor.chars[cursor.at] !== ')') throw new PatternError('a group has no end: expected )')
  cursor.at += 1
  Object.assign(cursor, { ignoreCase, dotAll, multiline })
  return node
}

/** Reads `:`, `<name>` or flags; false when the group was flags alone and is over. */
function readGroupHead(cursor: PatternCursor): boolean {
  const rest = cursor.chars.slice(cursor.at, cursor.at + 40).join('')
  const found = /^(?:<[A-Za-z][A-Za-z0-9]*>|([imsud]*)(-[imsud]+)?([:)]))/.exec(rest)
  if (!found) throw new PatternError('look-around and atomic groups are not supported')
  cursor.at += found[0].length
  for (const flag of found[1] ?? '') setFlag(cursor, flag, true)
  for (const flag of found[2] ?? '') setFlag(cursor, flag, false)
  return found[3] !== ')'
}

function setFlag(cursor: PatternCursor, flag: string, value: boolean): void {
  if (flag === 'i') cursor.ignoreCase = value
  if (flag === 's') cursor.dotAll = value
  if (flag === 'm') cursor.multiline = value
}

const isLineFeed = (code: number | undefined) => code === 0x0a

function lineStart(multiline: boolean): (text: readonly number[], at: number) => boolean {
  return (text, at) => at === 0 || (multiline && isLineFeed(text[at - 1]))
}

function lineEnd(multiline: boolean): (text: readonly number[], at: number) => boolean {
  return (text, at) => {
    const isLast = at === text.length || (at === text.length - 1 && isLineFeed(text[at]))
    return isLast || (multiline && isLineFeed(text[at]))
  }
}

function parseEscape(cursor: PatternCursor): PatternNode {
  const char = cursor.chars[cursor.at + 1]
  if (char === 'b' || char === 'B') {
    cursor.at += 2
    const wanted = char === 'b'
    const wordAt = (code: number | undefined) => code !== undefined && isWord(code)
    return {
      kind: 'assert',
      holds: (text, at) => (wordAt(text[at - 1]) !== wordAt(text[at])) === wanted,
    }
  }
  if (char === 'A' || char === 'z' || char === 'Z') {
    cursor.at += 2
    return { kind: 'assert', holds: char === 'A' ? lineStart(false) : lineEnd(false) }
  }
  return { kind: 'char', test: readEscapedClass(cursor) }
}
