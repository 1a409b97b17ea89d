import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contextOf, objects, THING, thing } from '../../../test/support/rules-org.ts'
import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import { compileFormula } from './compile-formula.ts'
import { FormulaRuntimeError } from './errors.ts'

function resultOf(
  formula: string,
  fields: FieldValues = {},
  blanks: 'asNull' | 'asZero' = 'asNull',
) {
  const compiled = compileFormula(formula, { object: THING, objects, blanks })
  assert.ok(compiled.kind === 'compiled', compiled.kind === 'broken' ? compiled.error.message : '')
  return compiled.evaluate(contextOf(thing(fields)))
}

function table(name: string, rows: readonly [string, FieldValue, FieldValues?][]): void {
  describe(name, () => {
    for (const [formula, expected, fields] of rows) {
      const given = fields === undefined ? '' : ` where ${JSON.stringify(fields)}`
      test(`${formula}${given} is ${JSON.stringify(expected)}`, () => {
        assert.deepEqual(resultOf(formula, fields), expected)
      })
    }
  })
}

table('a comparison with a blank number, date or time is null', [
  ['Number__c = 5', null],
  ['Number__c <> 5', null],
  ['Number__c != 5', null],
  ['Number__c < 5', null],
  ['Number__c = Amount__c', null],
  ['Date__c = TODAY()', null],
  ['Date__c <> TODAY()', null],
  ['Moment__c >= NOW()', null],
  ['IF(Number__c <> 5, "yes", "no")', 'no'],
  ['IF(Number__c = NULL, "yes", "no")', 'no'],
])

table('a blank text is the empty text', [
  ['Text__c = ""', true],
  ['Text__c <> ""', false],
  ['Text__c <> "a"', true],
  ['Text__c = "a"', false],
  ['Text__c = NULL', true],
  ['Text__c = Name', true],
  ['Text__c < "a"', false],
  ['Text__c > "a"', false],
  ['Text__c <= Name', false],
  ['Text__c >= Name', false],
  ['"FOO" < "foo"', true],
  ['"a" = "A"', false],
])

table('AND takes null as false, OR passes over it, NOT keeps it', [
  ['AND(Number__c > 5)', false],
  ['AND(TRUE, Number__c > 5)', false],
  ['OR(Number__c > 5)', false],
  ['OR(Number__c > 5, TRUE)', true],
  ['Number__c > 5 || FALSE', false],
  ['Number__c > 5 && TRUE', false],
  ['NOT(Number__c > 5)', null],
  ['NOT(AND(Number__c > 5))', true],
  ['!(Number__c > 5)', null],
])

table('arithmetic with a blank is blank, joining texts is not', [
  ['Number__c + 1', null],
  ['1 - Number__c', null],
  ['Number__c * 0', null],
  ['Number__c / 0', null],
  ['Number__c ^ 2', null],
  ['Date__c + 1', null],
  ['Text__c + "a"', 'a'],
  ['Text__c & "a"', 'a'],
  ['"a" & Text__c & "b"', 'ab'],
  ['Text__c & Name', null],
])

table('ISBLANK and ISNULL', [
  ['ISBLANK(Text__c)', true],
  ['ISBLANK(" ")', false],
  ['ISBLANK("")', true],
  ['ISBLANK(Number__c)', true],
  ['ISBLANK(0)', false],
  ['ISBLANK(Date__c)', true],
  ['ISNULL(Text__c)', false],
  ['ISNULL(Number__c)', true],
  ['BLANKVALUE(Text__c, "x")', 'x'],
  ['NULLVALUE(Text__c, "x")', null],
  ['BLANKVALUE(Number__c, 7)', '7'],
  ['NULLVALUE(Number__c, 7)', '7'],
])

table('picklists', [
  ['ISPICKVAL(Stage__c, "")', true],
  ['ISPICKVAL(Stage__c, "New")', false],
  ['ISPICKVAL(Stage__c, "New")', true, { Stage__c: 'New' }],
  ['ISPICKVAL(PRIORVALUE(Stage__c), "New")', true, { Stage__c: 'New' }],
  ['TEXT(Stage__c) = "HOT"', true, { Stage__c: 'HOT' }],
  ['INCLUDES(Colors__c, "B")', true, { Colors__c: 'A;B' }],
  ['INCLUDES(Colors__c, "B")', false],
  ['CASE(Stage__c, "New", 1, "HOT", 2, 3)', '2', { Stage__c: 'HOT' }],
  ['CASE(Stage__c, "", 1, 3)', '1'],
  ['PICKLISTCOUNT(Colors__c)', '2', { Colors__c: 'A;B' }],
])

table('looking into texts', [
  ['CONTAINS(Text__c, Name)', true],
  ['CONTAINS("abc", Name)', true],
  ['CONTAINS(Text__c, "a")', null],
  ['CONTAINS("abc", "B")', false],
  ['BEGINS("abc", "ab")', true],
  ['LEN(Text__c)', '0'],
  ['LEFT(Text__c, 2)', null],
  ['FIND("b", "abc")', '2'],
  ['FIND("B", "abc")', '0'],
])

test('a checkbox is never blank, a formula field of its type neither', () => {
  assert.equal(resultOf('Check__c = FALSE'), true)
  assert.equal(resultOf('IsBig__c <> TRUE'), true)
  assert.equal(resultOf('NOT(Number__c > 100)'), null)
})

test('with blanks as zero a blank number field reads 0, and nothing else does', () => {
  assert.equal(resultOf('Number__c + 1', {}, 'asZero'), '1')
  assert.equal(resultOf('Number__c = 0', {}, 'asZero'), true)
  assert.equal(resultOf('VALUE(Text__c) + 1', {}, 'asZero'), null)
  assert.equal(resultOf('Date__c + 1', {}, 'asZero'), null)
})

test('a formula field treats blanks as its own definition says', () => {
  assert.equal(resultOf('Double__c'), '0')
  assert.equal(resultOf('DoubleOrBlank__c'), null)
})

test('what is not evaluated cannot fail', () => {
  assert.equal(resultOf('IF(TRUE, 1, 1/0)'), '1')
  assert.equal(resultOf('AND(FALSE, 1/0 > 1)'), false)
  assert.equal(resultOf('OR(TRUE, 1/0 > 1)'), true)
  assert.equal(resultOf('CASE(1, 1, "a", 1/0, "b", "c")'), 'a')
  assert.equal(resultOf('BLANKVALUE(1, 1/0)'), '1')
})

test('what is evaluated and has no result says where and why', () => {
  const failing: readonly [string, string][] = [
    ['1/0', 'FORMULA_DIVISION_BY_ZERO'],
    ['ISBLANK(0/0)', 'FORMULA_DIVISION_BY_ZERO'],
    ['VALUE("abc")', 'FORMULA_INVALID_NUMBER'],
    ['SUBSTITUTE("abc", "", "x")', 'FORMULA_INVALID_ARGUMENT'],
    ['DATE(2023, 2, 29)', 'FORMULA_INVALID_DATE'],
    ['DATE(2023, 13, 1)', 'FORMULA_INVALID_DATE'],
    ['DATEVALUE("soon")', 'FORMULA_INVALID_DATE'],
    ['TIMEVALUE("25:00:00.000")', 'FORMULA_INVALID_TIME'],
    ['REGEX("a", "" & "(")', 'FORMULA_INVALID_REGEX'],
    ['SQRT(-1)', 'FORMULA_NUMBER_RANGE'],
    ['2 ^ 0.5', 'FORMULA_NUMBER_RANGE'],
  ]
  for (const [formula, errorCode] of failing) {
    assert.throws(
      () => resultOf(`\n ${formula}`),
      (error) =>
        error instanceof FormulaRuntimeError &&
        error.errorCode === errorCode &&
        error.at?.line !== 1,
      formula,
    )
  }
})

test('numbers are decimal, with 39 digits', () => {
  assert.equal(resultOf('0.1 + 0.2'), '0.3')
  assert.equal(resultOf('1 / 3 * 3'), '1')
  assert.equal(resultOf('9007199254740993 + 1'), '9007199254740994')
  assert.equal(resultOf('123456789012345678 * 10'), '1234567890123456780')
  assert.equal(resultOf('Percent__c', { Percent__c: '12.5' }), '0.125')
})
