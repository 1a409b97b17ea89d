/** A test of one record, as one criteria item or several joined. */
export type Test<Context> = (context: Context) => boolean

/** Longest booleanFilter read, in characters, and deepest nesting of its parentheses and NOTs. */
export const FILTER_LENGTH_MAX = 10_000
const FILTER_NESTING_MAX = 100

/** A booleanFilter that cannot be read. Caught where criteria are compiled. */
export class FilterLogicError extends Error {
  override readonly name = 'FilterLogicError'
  readonly errorCode: 'FILTER_LOGIC_SYNTAX' | 'FILTER_LOGIC_UNKNOWN_NUMBER'

  constructor(errorCode: FilterLogicError['errorCode'], message: string) {
    super(message)
    this.errorCode = errorCode
  }
}

type Cursor<Context> = {
  readonly words: readonly string[]
  readonly tests: readonly Test<Context>[]
  at: number
}

/**
 * Joins the criteria by a filter such as `1 AND (2 OR NOT 3)`: NOT binds tightest, then AND, then OR;
 * keywords in any case. Null joins them all by AND. Throws FilterLogicError.
 */
export function joinCriteria<Context>(
  filter: string | null,
  tests: readonly Test<Context>[],
): Test<Context> {
  if (filter === null || filter.trim() === '') return every(tests)
  if (filter.length > FILTER_LENGTH_MAX) {
    syntax(`the filter logic has ${filter.length} characters: at most ${FILTER_LENGTH_MAX}`)
  }
  const cursor = { words: wordsOf(filter), tests, at: 0 }
  const test = parseOr(cursor, 0)
  if (cursor.at < cursor.words.length) unexpected(cursor, 'AND, OR or the end')
  return test
}

function wordsOf(filter: string): readonly string[] {
  const words = filter.match(/[0-9]+|[A-Za-z]+|[^\s]/g) ?? []
  return words.map((word) => word.toUpperCase())
}

function parseOr<Context>(cursor: Cursor<Context>, nesting: number): Test<Context> {
  const tests = [parseAnd(cursor, nesting)]
  while (take(cursor, 'OR')) tests.push(parseAnd(cursor, nesting))
  return some(tests)
}

function parseAnd<Context>(cursor: Cursor<Context>, nesting: number): Test<Context> {
  const tests = [parseNot(cursor, nesting)]
  while (take(cursor, 'AND')) tests.push(parseNot(cursor, nesting))
  return every(tests)
}

function parseNot<Context>(cursor: Cursor<Context>, nesting: number): Test<Context> {
  if (nesting > FILTER_NESTING_MAX) syntax(`more than ${FILTER_NESTING_MAX} levels of nesting`)
  if (take(cursor, 'NOT')) {
    const test = parseNot(cursor, nesting + 1)
    return (context) => !test(context)
  }
  if (take(cursor, '(')) {
    const test = parseOr(cursor, nesting + 1)
    if (!take(cursor, ')')) unexpected(cursor, "')'")
    return test
  }
  return parseNumber(cursor)
}

function parseNumber<Context>(cursor: Cursor<Context>): Test<Context> {
  const word = cursor.words[cursor.at]
  if (word === undefined || !/^[0-9]+$/.test(word)) return unexpected(cursor, 'a number')
  cursor.at += 1
  const test = cursor.tests[Number(word) - 1]
  if (test !== undefined) return test
  const message = `the filter logic names criterion ${word}: there are ${cursor.tests.length}`
  throw new FilterLogicError('FILTER_LOGIC_UNKNOWN_NUMBER', message)
}

function take<Context>(cursor: Cursor<Context>, word: string): boolean {
  if (cursor.words[cursor.at] !== word) return false
  cursor.at += 1
  return true
}

function every<Context>(tests: readonly Test<Context>[]): Test<Context> {
  const [first] = tests
  return tests.length === 1 && first ? first : (context) => tests.every((test) => test(context))
}

function some<Context>(tests: readonly Test<Context>[]): Test<Context> {
  const [first] = tests
  return tests.length === 1 && first ? first : (context) => tests.some((test) => test(context))
}

function unexpected<Context>({ words, at }: Cursor<Context>, wanted: string): never {
  const found = words[at] === undefined ? 'the end' : `'${words[at].slice(0, 40)}'`
  return syntax(`expected ${wanted} in the filter logic, found ${found}`)
}

function syntax(message: string): never {
  throw new FilterLogicError('FILTER_LOGIC_SYNTAX', message)
}
