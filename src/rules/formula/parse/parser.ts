import { FormulaError, type FormulaErrorCode, placeOf, quoted } from '../errors.ts'
import { readToken, type Token } from './lexer.ts'
import type { BinaryOperator, SyntaxNode } from './syntax.ts'

/** Longest formula read, in characters. Salesforce's own limit is 3,900. */
export const FORMULA_LENGTH_MAX = 1_000_000
/** Deepest nesting of parentheses, calls and prefix operators. */
export const NESTING_MAX = 500
/** Deepest syntax tree: several operators may stand between two parentheses. */
export const TREE_DEPTH_MAX = 1000

/** Loosest first. As in Salesforce's own grammar `^` binds looser than `*` and `/`. */
const PRECEDENCE: ReadonlyMap<string, { operator: BinaryOperator; precedence: number }> = new Map([
  ['||', { operator: '||', precedence: 1 }],
  ['&&', { operator: '&&', precedence: 2 }],
  ['=', { operator: '=', precedence: 3 }],
  ['==', { operator: '=', precedence: 3 }],
  ['<>', { operator: '<>', precedence: 3 }],
  ['!=', { operator: '<>', precedence: 3 }],
  ['<', { operator: '<', precedence: 4 }],
  ['>', { operator: '>', precedence: 4 }],
  ['<=', { operator: '<=', precedence: 4 }],
  ['>=', { operator: '>=', precedence: 4 }],
  ['+', { operator: '+', precedence: 5 }],
  ['-', { operator: '-', precedence: 5 }],
  ['&', { operator: '&', precedence: 5 }],
  ['^', { operator: '^', precedence: 6 }],
  ['*', { operator: '*', precedence: 7 }],
  ['/', { operator: '/', precedence: 7 }],
])

/** `end`: where the word before the present one ends. */
type Cursor = { readonly text: string; token: Token; end: number }
type OpenOperator = { operator: BinaryOperator; precedence: number; at: number }

/**
 * Reads a formula into its syntax tree, in time linear in its length. Throws a FormulaError with the
 * place of the first mistake; nesting beyond NESTING_MAX is refused before it can exhaust the stack.
 */
export function parseFormula(text: string): SyntaxNode {
  if (text.length > FORMULA_LENGTH_MAX) {
    const message = `the formula has ${text.length} characters: at most ${FORMULA_LENGTH_MAX} are read`
    throw new FormulaError('FORMULA_TOO_LONG', message, { line: 1, column: 1 })
  }
  const cursor = { text, token: readToken(text, 0), end: 0 }
  const node = parseExpression(cursor, 0)
  if (cursor.token.kind !== 'end') fail(cursor, `expected an operator or the end`)
  return node
}

/** Operators wait on a stack of their own, so that only parentheses and calls cost the machine's. */
function parseExpression(cursor: Cursor, nesting: number): SyntaxNode {
  const operands: SyntaxNode[] = [parseUnary(cursor, nesting)]
  const waiting: OpenOperator[] = []
  for (;;) {
    const { token } = cursor
    const found = token.kind === 'symbol' ? PRECEDENCE.get(token.text) : undefined
    while (waiting.length > 0 && waiting.at(-1)!.precedence >= (found?.precedence ?? 0)) {
      const right = operands.pop()!
      operands.push(join(cursor, operands.pop()!, waiting.pop()!, right))
    }
    if (found === undefined) return operands[0]!
    waiting.push({ ...found, at: token.at })
    advance(cursor)
    operands.push(parseUnary(cursor, nesting))
  }
}

function join(cursor: Cursor, left: SyntaxNode, open: OpenOperator, right: SyntaxNode): SyntaxNode {
  const link = { operator: open.operator, operand: right, at: open.at }
  if (left.kind === 'chain' && left.precedence === open.precedence) {
    left.rest.push(link)
    left.to = right.to
    left.depth = checkDepth(cursor, Math.max(left.depth, right.depth + 1), open.at)
    return left
  }
  const depth = checkDepth(cursor, Math.max(left.depth, right.depth) + 1, open.at)
  return {
    kind: 'chain',
    precedence: open.precedence,
    first: left,
    rest: [link],
    at: left.at,
    from: left.from,
    to: right.to,
    depth,
  }
}

function parseUnary(cursor: Cursor, nesting: number): SyntaxNode {
  const { token } = cursor
  if (nesting > NESTING_MAX) {
    fail(cursor, `more than ${NESTING_MAX} levels of nesting`, 'FORMULA_TOO_DEEP')
  }
  const operator = prefixOf(cursor)
  if (operator === null) return parsePrimary(cursor, nesting)
  advance(cursor)
  const operand = parseUnary(cursor, nesting + 1)
  const depth = checkDepth(cursor, operand.depth + 1, token.at)
  const span = { from: token.at, to: operand.to }
  return { kind: 'unary', operator, operand, at: token.at, ...span, depth }
}

function prefixOf({ text, token }: Cursor): '-' | '+' | '!' | null {
  if (token.kind === 'symbol') {
    return token.text === '-' || token.text === '+' || token.text === '!' ? token.text : null
  }
  const isNot = token.kind === 'name' && token.text.toUpperCase() === 'NOT'
  return isNot && readToken(text, token.end).text !== '(' ? '!' : null
}

function parsePrimary(cursor: Cursor, nesting: number): SyntaxNode {
  const { token } = cursor
  const { at } = token
  const span = { from: at, to: token.end }
  switch (token.kind) {
    case 'number':
      advance(cursor)
      return { kind: 'number', text: token.text, at, ...span, depth: 1 }
    case 'text':
      advance(cursor)
      return { kind: 'text', value: token.text, at, ...span, depth: 1 }
    case 'name':
      return parseName(cursor, nesting)
    default: {
      if (token.text !== '(' || token.kind !== 'symbol') return fail(cursor, 'expected a value')
      advance(cursor)
      const inner = parseExpression(cursor, nesting + 1)
      expect(cursor, ')')
      return { ...inner, from: at, to: cursor.end }
    }
  }
}

function parseName(cursor: Cursor, nesting: number): SyntaxNode {
  const { text, at, end } = cursor.token
  const span = { from: at, to: end }
  advance(cursor)
  if (isSymbol(cursor, '(')) return parseCall(cursor, text.toUpperCase(), at, nesting)
  switch (text.toUpperCase()) {
    case 'TRUE':
      return { kind: 'boolean', value: true, at, ...span, depth: 1 }
    case 'FALSE':
      return { kind: 'boolean', value: false, at, ...span, depth: 1 }
    case 'NULL':
      return { kind: 'null', at, ...span, depth: 1 }
    default:
      return { kind: 'name', name: text, at, ...span, depth: 1 }
  }
}

function parseCall(cursor: Cursor, name: string, at: number, nesting: number): SyntaxNode {
  const args: SyntaxNode[] = []
  let depth = 1
  advance(cursor)
  while (!isSymbol(cursor, ')')) {
    if (args.length > 0) expect(cursor, ',')
    const argument = parseExpression(cursor, nesting + 1)
    args.push(argument)
    depth = Math.max(depth, argument.depth + 1)
    if (!isSymbol(cursor, ',') && !isSymbol(cursor, ')')) fail(cursor, "expected ',' or ')'")
  }
  advance(cursor)
  const span = { from: at, to: cursor.end }
  return { kind: 'call', name, args, at, ...span, depth: checkDepth(cursor, depth, at) }
}

function checkDepth(cursor: Cursor, depth: number, at: number): number {
  if (depth <= TREE_DEPTH_MAX) return depth
  const message = `more than ${TREE_DEPTH_MAX} operators and calls within each other`
  throw new FormulaError('FORMULA_TOO_DEEP', message, placeOf(cursor.text, at))
}

function isSymbol({ token }: Cursor, symbol: string): boolean {
  return token.kind === 'symbol' && token.text === symbol
}

function expect(cursor: Cursor, symbol: string): void {
  if (!isSymbol(cursor, symbol)) fail(cursor, `expected '${symbol}'`)
  advance(cursor)
}

function advance(cursor: Cursor): void {
  cursor.end = cursor.token.end
  cursor.token = readToken(cursor.text, cursor.token.end)
}

function fail(cursor: Cursor, message: string, code: FormulaErrorCode = 'FORMULA_SYNTAX'): never {
  const { text, token } = cursor
  const found = token.kind === 'end' ? 'the end' : quoted(text.slice(token.at, token.end))
  throw new FormulaError(code, `${message}, found ${found}`, placeOf(text, token.at))
}
