import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contextOf, NOON, objects, THING, thing } from '../../../../test/support/rules-org.ts'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { DEFAULT_ORG_SETTINGS } from '../../../schema/org-settings.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { compileFormula } from '../compile-formula.ts'

function resultOf(
  formula: string,
  fields: FieldValues = {},
  more: Partial<EvaluationContext> = {},
) {
  const compiled = compileFormula(formula, { object: THING, objects, blanks: 'asNull' })
  assert.ok(compiled.kind === 'compiled', compiled.kind === 'broken' ? compiled.error.message : '')
  return compiled.evaluate(contextOf(thing(fields), more))
}

function codeOf(formula: string): string {
  const compiled = compileFormula(formula, { object: THING, objects, blanks: 'asNull' })
  return compiled.kind === 'broken' ? compiled.error.errorCode : 'compiled'
}

function table(name: string, rows: readonly [string, FieldValue][]): void {
  describe(name, () => {
    for (const [formula, expected] of rows) {
      test(`${formula} is ${JSON.stringify(expected)}`, () => {
        assert.deepEqual(resultOf(formula), expected)
      })
    }
  })
}

table('texts', [
  ['LEFT("abcdef", 2) & RIGHT("abcdef", 2)', 'abef'],
  ['MID("abcdef", 0, 2)', 'ab'],
  ['MID("abcdef", 3, 2)', 'cd'],
  ['LOWER("ÄB") & UPPER("äb")', 'äbÄB'],
  ['UPPER("i", "tr_TR") & UPPER("i", "en") & LOWER("I", "tr")', 'İIı'],
  ['UPPER("große", "de-1996-1996") & LOWER("A", "no locale")', 'GROSSEa'],
  ['UPPER("a", "tr-TR-TR") & UPPER("b", "x-ab") & UPPER("c", "")', 'ABC'],
  ['TRIM("  a b  ")', 'a b'],
  ['SUBSTITUTE("a.b.c", ".", "--")', 'a--b--c'],
  ['FIND("b", "abab", 3)', '4'],
  ['FIND("b", "abab", 0)', '2'],
  ['SUBSTITUTE("abc", NULL, "x")', null],
  ['SUBSTITUTE("abc", "b", NULL)', 'ac'],
  ['LPAD("7", 3, "0") & RPAD("7", 3, "0")', '007700'],
  ['LPAD("abcdef", 3)', 'abc'],
  ['TEXT(12.50)', '12.5'],
  ['TEXT(DATE(2020, 2, 3))', '2020-02-03'],
  ['TEXT(DATETIMEVALUE("2020-02-03 04:05:06"))', '2020-02-03 04:05:06Z'],
  ['VALUE("12.50") * 2', '25'],
  ['ISNUMBER("1e3")', true],
  ['ISNUMBER("1x")', false],
  ['CASESAFEID("001000000000001")', '001000000000001AAA'],
  ['INITCAP("it is mine")', 'It Is Mine'],
  ['INITCAP("o\\\'NEIL-smith 1ST")', "O'Neil-Smith 1st"],
  ['TRIM(" \\t a \\n ")', '\t a \n'],
  ['TRIM("   ")', null],
  ['REVERSE("abc")', 'cba'],
  ['CHR(65) & TEXT(ASCII("B"))', 'A66'],
  ['CHR(0)', null],
  ['CHR(-1)', null],
  ['CHR(1114112)', null],
  ['FORMATDURATION(3725)', '01:02:05'],
  ['FORMATDURATION(-90061, TRUE)', '1:01:01:01'],
  ['FORMATDURATION(TIMEVALUE("10:00:00.000"), TIMEVALUE("09:59:58.500"))', '00:00:01'],
  [
    'FORMATDURATION(DATETIMEVALUE("2020-01-31 23:00:00"), DATETIMEVALUE("2020-02-02 00:30:00"))',
    '1:01:30:00',
  ],
  ['FORMATDURATION(NULL, NOW())', null],
  ['"a" & BR() & "b"', 'a\nb'],
  ['HTMLENCODE("<a>")', '&lt;a&gt;'],
  ['HTMLENCODE("© 😀")', '&copy; &#128512;'],
  ['JSENCODE("a\'/* */ !--<")', "a\\'\\/\\* \\*\\/ \\!--\\u003C"],
  ['URLENCODE("a b&c")', 'a+b%26c'],
  ['IMAGEPROXYURL("https://example.com/x.png")', 'https://example.com/x.png'],
  ['HYPERLINK("/x", "X", "_top")', '<a href="/x" target="_top">X</a>'],
])

table('numbers', [
  ['ROUND(2.5, 0)', '3'],
  ['ROUND(-2.5, 0)', '-3'],
  ['ROUND(1234.5, -2)', '1200'],
  ['ROUND(1.005, 2)', '1.01'],
  ['TRUNC(-2.7)', '-2'],
  ['CEILING(-0.4)', '-1'],
  ['MCEILING(-0.4)', '0'],
  ['FLOOR(-0.4)', '0'],
  ['MFLOOR(-0.4)', '-1'],
  ['CEILING((1/9)*9)', '1'],
  ['MOD(-7, 3)', '-1'],
  ['MAX(1, 3, 2) + MIN(1, 3, 2)', '4'],
  ['ABS(-1.5)', '1.5'],
  ['SQRT(16)', '4'],
  ['0 ^ 0', '1'],
  ['2 ^ -2', '0.25'],
  ['ROUND(1.5, 123456789)', '1.5'],
  ['ROUND(PI(), 4)', '3.1416'],
])

table('dates and times', [
  ['TODAY()', '2026-03-04'],
  ['NOW()', '2026-03-04T12:30:00.000Z'],
  ['DATE(2024, 2, 29) + 1', '2024-03-01'],
  ['1 + DATE(2024, 2, 28)', '2024-02-29'],
  ['DATE(2024, 3, 1) - DATE(2024, 2, 1)', '29'],
  ['NOW() - 0.5', '2026-03-04T00:30:00.000Z'],
  ['(NOW() - DATETIMEVALUE("2026-03-04 00:30:00")) * 24', '12'],
  ['ADDMONTHS(DATE(2024, 1, 31), 1)', '2024-02-29'],
  ['ADDMONTHS(DATE(2024, 2, 29), 1)', '2024-03-31'],
  ['WEEKDAY(DATE(2026, 3, 1))', '1'],
  ['YEAR(TODAY()) * 10000 + MONTH(TODAY()) * 100 + DAY(TODAY())', '20260304'],
  ['ISOWEEK(DATE(2021, 1, 3)) * 10000 + ISOYEAR(DATE(2021, 1, 3))', '532020'],
  ['DAYOFYEAR(DATE(2024, 12, 31))', '366'],
  ['HOUR(TIMEVALUE("10:40:55.666")) + MINUTE(TIMEVALUE(NOW()))', '40'],
  ['TIMEVALUE("23:00:00.000") + 7200000', '01:00:00.000Z'],
  ['DATEVALUE("2005-1-2")', '2005-01-02'],
  ['UNIXTIMESTAMP(FROMUNIXTIME(86400))', '86400'],
  ['FORMATDURATION(3661)', '01:01:01'],
])

test('TODAY and DATEVALUE go by the zone of the org', () => {
  const org = { ...DEFAULT_ORG_SETTINGS, id: 'x', timeZone: 'Pacific/Auckland' }
  assert.equal(resultOf('TODAY()', {}, { org, now: NOON }), '2026-03-05')
  assert.equal(resultOf('DATEVALUE(NOW())', {}, { org, now: NOON }), '2026-03-05')
})

test('CASE wants a result for each value and one for the rest', () => {
  assert.equal(resultOf('CASE(Text__c, "a", 1, "b", 2, 3)', { Text__c: 'b' }), '2')
  assert.equal(resultOf('CASE(MONTH(TODAY()), 3, "spring", "other")'), 'spring')
  assert.equal(codeOf('CASE(1, 2, 3)'), 'FORMULA_ARGUMENT_COUNT')
  assert.equal(codeOf('CASE(1, 2, 3, 4, 5)'), 'FORMULA_ARGUMENT_TYPE')
})

test('ISCHANGED compares values, not spellings, and is false for a new record', () => {
  const changed = (before: FieldValues, after: FieldValues, isNew = false) => {
    const [name] = Object.keys(after)
    return resultOf(`ISCHANGED(${name})`, after, { isNew, before: isNew ? null : thing(before) })
  }
  assert.equal(changed({ Text__c: 'a' }, { Text__c: 'b' }), true)
  assert.equal(changed({ Text__c: 'a\r\nb' }, { Text__c: 'a\nb' }), false)
  assert.equal(changed({ Number__c: '20' }, { Number__c: '20.00' }), false)
  assert.equal(changed({ Number__c: null }, { Number__c: '0' }), true)
  assert.equal(changed({ Number__c: '1' }, { Number__c: null }), true)
  assert.equal(changed({ Check__c: true }, { Check__c: false }), true)
  assert.equal(changed({}, { Text__c: 'b' }, true), false)
})

test('PRIORVALUE of a new record is its present value', () => {
  const before = thing({ Number__c: '5', Stage__c: 'New' })
  const more = { isNew: false, before }
  assert.equal(resultOf('Number__c - PRIORVALUE(Number__c)', { Number__c: '7' }, more), '2')
  assert.equal(resultOf('PRIORVALUE(Double__c)', { Number__c: '7' }, more), '10')
  assert.equal(resultOf('PRIORVALUE(Number__c)', { Number__c: '7' }), '7')
  assert.equal(resultOf('ISNEW()', {}, more), false)
  assert.equal(resultOf('ISNEW()'), true)
})

test('what a function cannot take is refused when the formula is compiled', () => {
  assert.equal(codeOf('NONSENSE(1)'), 'FORMULA_UNKNOWN_FUNCTION')
  assert.equal(codeOf('constructor(1)'), 'FORMULA_UNKNOWN_FUNCTION')
  assert.equal(codeOf('LEFT("a")'), 'FORMULA_ARGUMENT_COUNT')
  assert.equal(codeOf('TODAY(1)'), 'FORMULA_ARGUMENT_COUNT')
  assert.equal(codeOf('NOT(TRUE, FALSE)'), 'FORMULA_ARGUMENT_COUNT')
  for (const formula of [
    'LEFT(1, 2)',
    '"a" + 1',
    '1 - "a"',
    'TRUE + TRUE',
    'Number__c = "5"',
    'Date__c = Moment__c',
    'Check__c > TRUE',
    'IF(1, 2, 3)',
    'IF(TRUE, 2, "3")',
    'NOT(5)',
    '-"a"',
    'AND(TRUE, "x")',
    'ISBLANK(Check__c)',
    'ISCHANGED(Parent__r.Name)',
    'ISPICKVAL(Stage__c, Text__c)',
    'YEAR(NOW())',
    'TEXT(TRUE)',
    'Date__c + Date__c',
  ]) {
    assert.equal(codeOf(formula), 'FORMULA_ARGUMENT_TYPE', formula)
  }
  const options = { object: THING, objects, blanks: 'asNull', returnType: 'Boolean' } as const
  const wrong = compileFormula('1 + 1', options)
  assert.equal(wrong.kind === 'broken' && wrong.error.errorCode, 'FORMULA_RETURN_TYPE')
})
