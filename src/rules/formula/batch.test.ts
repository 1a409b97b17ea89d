import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { NOON } from '../../../test/support/rules-org.ts'
import { evaluateCase, type FormulaCase } from './batch.ts'
import { Exact } from './values/number.ts'

function caseOf(formula: string, more: Partial<FormulaCase> = {}): FormulaCase {
  return { id: 'a#1', formula, returnType: 'Text', ...more }
}

test('a case gives its value in the form it was given in', () => {
  const fields = {
    P__c: { type: 'Percent', value: '99' },
    D__c: { type: 'DateTime', value: '2020-01-02T03:04:05Z' },
    T__c: { type: 'Time', value: '10:00:00.000' },
  }
  const rows: readonly [formula: string, returnType: string, value: string][] = [
    ['p__c', 'Number', '0.99'],
    ['p__C', 'Percent', '99'],
    ['D__c + 1', 'DateTime', '2020-01-03T03:04:05.000Z'],
    ['T__c', 'Time', '10:00:00.000'],
    ['DATEVALUE(D__c)', 'Date', '2020-01-02'],
    ['TODAY()', 'Date', '2026-03-04'],
  ]
  for (const [formula, returnType, value] of rows) {
    assert.deepEqual(evaluateCase(caseOf(formula, { returnType, fields }), NOON), {
      id: 'a#1',
      value,
    })
  }
})

test('prior values make it an edit, and blanks are null unless asked for as zero', () => {
  const fields = { N__c: { type: 'Number', value: null, prior: '5' } }
  const value = (formula: string, more: Partial<FormulaCase> = {}) => {
    const result = evaluateCase(caseOf(formula, { returnType: 'Boolean', fields, ...more }), NOON)
    return 'value' in result ? result.value : result.error.code
  }
  assert.equal(value('ISCHANGED(N__c) && PRIORVALUE(N__c) = 5'), true)
  assert.equal(value('ISNEW()'), false)
  assert.equal(value('ISNEW()', { isNew: true }), true)
  assert.equal(value('N__c = 0'), null)
  assert.equal(value('N__c = 0', { blanks: 'asZero' }), true)
})

test('a case that is broken or has no result gives its code and place', () => {
  assert.deepEqual(evaluateCase(caseOf('1 +'), NOON), {
    id: 'a#1',
    error: {
      code: 'FORMULA_SYNTAX',
      message: 'expected a value, found the end',
      at: { line: 1, column: 4 },
    },
  })
  assert.deepEqual(evaluateCase(caseOf('TEXT(1/0)'), NOON), {
    id: 'a#1',
    error: {
      code: 'FORMULA_DIVISION_BY_ZERO',
      message: 'division by zero',
      at: { line: 1, column: 7 },
    },
  })
})

test('a value that is none of its type is the error of its case alone', () => {
  for (const [type, value] of [
    ['Number', 'five'],
    ['Date', '1/2/2020'],
    ['DateTime', '2020-01-02'],
    ['Time', '10 o clock'],
    ['Boolean', 'true'],
  ] as const) {
    const result = evaluateCase(caseOf('F__c', { fields: { F__c: { type, value } } }), NOON)
    assert.equal('error' in result && result.error.code, 'CASE_INVALID_VALUE', type)
  }
})

test('a field that the case has not is its error, with the place', () => {
  const result = evaluateCase(caseOf('"a" & nosuch__c'), NOON)
  assert.ok('error' in result)
  assert.equal(result.error.code, 'FORMULA_UNKNOWN_FIELD')
  assert.equal(result.error.message, '"nosuch__c" is no field of the record')
  assert.deepEqual(result.error.at, { line: 1, column: 7 })
})

/** A file of cases with expected results, one JSON object a line. */
const CASES = process.env.OBM_FORMULA_CASES

type Expected = FormulaCase & {
  readonly expect: Readonly<Record<'nullAsNull' | 'blankAsZero', unknown>>
  readonly tags: readonly string[]
}

/** Functions computed in doubles: their results agree in what the case rounds to. */
const IN_DOUBLES = /\b(EXP|LN|LOG|SQRT|COS|TAN|ACOS|ASIN|ATAN|DISTANCE)\s*\(/i

function agrees(each: Expected, wanted: unknown, got: ReturnType<typeof evaluateCase>): boolean {
  if (typeof wanted === 'object' && wanted !== null) return 'error' in got
  if ('error' in got) return false
  const value = got.value
  if (each.returnType === 'Boolean') return (value ?? false) === (wanted ?? false)
  if (typeof wanted !== 'string' || typeof value !== 'string')
    return (wanted || null) === (value || null)
  if (each.returnType === 'DateTime') return Date.parse(wanted) === Date.parse(value)
  if (each.scale === undefined) return wanted === value
  if (!IN_DOUBLES.test(JSON.stringify(each))) return new Exact(wanted).eq(value)
  const rounded = (text: string) =>
    new Exact(text).toSignificantDigits(each.precision ?? 18).toDecimalPlaces(each.scale ?? 0)
  return rounded(wanted).eq(rounded(value))
}

const NO_CASES = CASES === undefined && 'OBM_FORMULA_CASES names no file of cases'

test('the cases of OBM_FORMULA_CASES agree', { skip: NO_CASES }, () => {
  const cases = readFileSync(CASES ?? '', 'utf8')
    .trim()
    .split('\n')
    .map((line): Expected => JSON.parse(line))
    .filter(({ tags }) => !tags.some((tag) => ['context', 'not-in-rules', 'now'].includes(tag)))
  const differing = cases.flatMap((each) => [
    ...(agrees(each, each.expect.nullAsNull, evaluateCase({ ...each, blanks: 'asNull' }, NOON))
      ? []
      : [each.id]),
    ...(agrees(each, each.expect.blankAsZero, evaluateCase({ ...each, blanks: 'asZero' }, NOON))
      ? []
      : [each.id]),
  ])
  assert.deepEqual(differing, [])
})
