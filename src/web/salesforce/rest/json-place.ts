/** Where a text stops being JSON: line and column from 1, what was expected and what stands there. */
export type JsonPlace = {
  readonly line: number
  readonly column: number
  readonly expected: string
  readonly found: string
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or ]' | ', or }' | 'end'

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
// biome-ignore format: one expression
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const BLANKS = /[ \t\n\r]*/y

/** Finds the first place at which `text` is no JSON, in linear time and without recursion. Null: it is JSON. */
export function findJsonPlace(text: string): JsonPlace | null {
  const open: ('[' | '{')[] = []
  let expected: Expected = 'value'
  let at = skip(BLANKS, text, 0)
  while (at < text.length || expected !== 'end') {
    const step = take(text, at, expected, open)
    if (step === null) return placeOf(text, at, expected)
    expected = step.expected
    at = skip(BLANKS, text, step.at)
  }
  return null
}

type Step = { readonly at: number; readonly expected: Expected }

function take(text: string, at: number, expected: Expected, open: ('[' | '{')[]): Step | null {
  const char = text.charAt(at)
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (expected === 'value or ]' && char === ']') return closed(at, open)
      return takeValue(text, at, open)
    case 'name':
    case 'name or }': {
      if (expected === 'name or }' && char === '}') return closed(at, open)
      const end = skip(TEXT, text, at)
      return end > at ? { at: end, expected: ':' } : null
    }
    case ':':
      return char === ':' ? { at: at + 1, expected: 'value' } : null
    case ', or ]':
      if (char === ',') return { at: at + 1, expected: 'value' }
      return char === ']' ? closed(at, open) : null
    case ', or }':
      if (char === ',') return { at: at + 1, expected: 'name' }
      return char === '}' ? closed(at, open) : null
    default:
      return null
  }
}

function takeValue(text: string, at: number, open: ('[' | '{')[]): Step | null {
  const char = text.charAt(at)
  if (char === '{' || char === '[') {
    open.push(char)
    return { at: at + 1, expected: char === '{' ? 'name or }' : 'value or ]' }
  }
  const end = skip(char === '"' ? TEXT : SCALAR, text, at)
  return end > at ? { at: end, expected: afterValue(open) } : null
}

function closed(at: number, open: ('[' | '{')[]): Step {
  open.pop()
  return { at: at + 1, expected: afterValue(open) }
}

function afterValue(open: readonly ('[' | '{')[]): Expected {
  const innermost = open.at(-1)
  if (innermost === undefined) return 'end'
  return innermost === '[' ? ', or ]' : ', or }'
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function placeOf(text: string, at: number, expected: Expected): JsonPlace {
  const before = text.slice(0, at)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  const found =
    at >= text.length ? 'the end' : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))
  return { line, column: at - lineStart + 1, expected, found }
}
