import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateCase } from '../batch.ts'
import { FormulaError } from '../errors.ts'
import { FORMULA_LENGTH_MAX, NESTING_MAX, parseFormula } from './parser.ts'

function resultOf(formula: string, returnType = 'Number') {
  const result = evaluateCase({ id: '1', formula, returnType }, 0)
  return 'value' in result ? result.value : result.error.code
}

function errorOf(formula: string): FormulaError {
  try {
    parseFormula(formula)
  } catch (error) {
    if (error instanceof FormulaError) return error
    throw error
  }
  assert.fail(`${formula.slice(0, 40)} was read`)
}

test('operators bind as in Salesforce: ^ looser than * and /, & as +, ! tightest', () => {
  assert.equal(resultOf('2 * 3 ^ 2'), '36')
  assert.equal(resultOf('2 ^ 3 ^ 2'), '64')
  assert.equal(resultOf('10 - 4 - 3'), '3')
  assert.equal(resultOf('-2 ^ 2'), '4')
  assert.equal(resultOf('2 + 3 * 4'), '14')
  assert.equal(resultOf('!FALSE && FALSE', 'Boolean'), false)
  assert.equal(resultOf('NOT FALSE && FALSE', 'Boolean'), false)
  assert.equal(resultOf('"a" & "b" = "ab"', 'Boolean'), true)
  assert.equal(resultOf('TRUE || FALSE && FALSE', 'Boolean'), true)
  assert.equal(resultOf('1 < 2 = TRUE', 'Boolean'), true)
})

test('keywords and functions are read in any case, with comments and line ends between', () => {
  assert.equal(resultOf('/* a */ iF ( tRuE /* b \n */ ,\r\n 01, 2)'), '1')
  assert.equal(resultOf('nOt true == False', 'Boolean'), true)
})

test('texts stand in either quotes, with escapes', () => {
  assert.equal(resultOf(`'it"s' & "it's"`, 'Text'), `it"sit's`)
  assert.equal(resultOf(`"a\\n\\t\\"\\\\"`, 'Text'), 'a\n\t"\\')
})

test('a mistake is told with its line and column, what was expected and what came', () => {
  const misread: readonly [string, number, number, RegExp][] = [
    ['IF(\n  Amount__c >,\n 1)', 2, 14, /expected a value, found ","/],
    ['1 + ', 1, 5, /expected a value, found the end/],
    ['(1 + 2', 1, 7, /expected '\)', found the end/],
    ['1 2', 1, 3, /expected an operator or the end, found "2"/],
    ['"open', 1, 1, /no end/],
    ['"two\nlines"', 1, 1, /no end/],
    ['/* open', 1, 1, /no end/],
    ['a # b', 1, 3, /unexpected character "#"/],
    ['"\\d"', 1, 2, /unknown escape/],
    ['IF(1,)', 1, 6, /expected a value/],
    ['IF(1 2)', 1, 6, /expected ',' or '\)'/],
    ['.5', 1, 1, /begins with a digit/],
  ]
  for (const [formula, line, column, message] of misread) {
    const error = errorOf(formula)
    assert.equal(error.errorCode, 'FORMULA_SYNTAX')
    assert.deepEqual(error.at, { line, column }, formula)
    assert.match(error.message, message)
  }
})

test('nesting is bounded, and refused before it can exhaust the stack', () => {
  const nested = (count: number) => `${'('.repeat(count)}1${')'.repeat(count)}`
  assert.equal(resultOf(nested(NESTING_MAX)), '1')
  for (const formula of [
    nested(NESTING_MAX + 1),
    nested(400_000),
    '-'.repeat(FORMULA_LENGTH_MAX - 1),
    '!'.repeat(900_000),
    'NOT '.repeat(200_000),
    'ABS('.repeat(200_000),
    '('.repeat(FORMULA_LENGTH_MAX),
  ]) {
    assert.equal(errorOf(formula).errorCode, 'FORMULA_TOO_DEEP')
  }
})

test('the deepest formulas allowed are evaluated', () => {
  const deepest = (open: string, middle: string, close: string, count: number) =>
    open.repeat(count) + middle + close.repeat(count)
  assert.equal(resultOf(deepest('IF(TRUE,', '1', ',0)', NESTING_MAX)), '1')
  assert.equal(resultOf(deepest('(1+1*1+1*', '1', ')', 330)), String(330 * 2 + 1))
  assert.equal(resultOf(deepest('(1+1+1+1+', '1', '*1+1)', 330)), String(330 * 5 + 1))
  assert.equal(resultOf(deepest('(', '1', '*1*1*1*1+1)', 330)), '331')
  assert.equal(resultOf(deepest('- ', '1', '', 500)), '1')
})

test('a long chain is neither deep nor slow', () => {
  const count = 100_000
  assert.equal(resultOf(Array(count).fill('1').join('+')), String(count))
  assert.equal(resultOf(Array(count).fill('TRUE').join('&&'), 'Boolean'), true)
  assert.equal(resultOf(`LEN(${Array(count).fill('"a"').join('&')})`), String(count))
})

test('a formula longer than a million characters is not read', () => {
  assert.equal(errorOf(' '.repeat(FORMULA_LENGTH_MAX + 1)).errorCode, 'FORMULA_TOO_LONG')
})
