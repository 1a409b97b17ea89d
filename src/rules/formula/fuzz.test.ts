import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bounded } from '../../../test/support/bounded.ts'
import { contextOf, objects, THING, thing } from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { compileFormula } from './compile-formula.ts'
import { FormulaRuntimeError } from './errors.ts'
import { FORMULA_FUNCTIONS } from './functions/table.ts'
import { compilePattern } from './regex/pattern.ts'

const RECORD: FieldValues = {
  Text__c: 'some text, with 12.5 in it',
  Number__c: '-12.5',
  Amount__c: '123456789012345.67',
  Percent__c: '33.3',
  Check__c: true,
  Date__c: '2024-02-29',
  Moment__c: '1999-12-31T23:59:59.000Z',
  Time__c: '23:59:59.999Z',
  Stage__c: 'New',
  Colors__c: 'A;C',
}

/** Compiles and evaluates; anything thrown but the two coded errors fails the test. */
function tryFormula(text: string): void {
  const compiled = compileFormula(text, { object: THING, objects, blanks: 'asNull' })
  if (compiled.kind === 'broken') {
    assert.ok(compiled.error.at.line >= 1 && compiled.error.at.column >= 1)
    return
  }
  for (const record of [thing(RECORD), thing()]) {
    try {
      compiled.evaluate(contextOf(record, { before: thing(), isNew: false }))
    } catch (error) {
      if (!(error instanceof FormulaRuntimeError)) throw error
    }
  }
}

const WORDS = [
  ...FORMULA_FUNCTIONS.keys(),
  ...'( ) , + - * / ^ & = == <> != < > <= >= && || ! NOT TRUE FALSE NULL /* */'.split(' '),
  ...'0 1 12.5 99999999999999999999 "a" \'b\' "" "2020-01-01" $User.Name $Profile.Name'.split(' '),
  ...'Text__c Number__c Amount__c Percent__c Check__c Date__c Moment__c Time__c Stage__c'.split(
    ' ',
  ),
  ...'Colors__c Double__c IsBig__c Circle__c Broken__c Parent__r.Name Owner:User.Email X__c'.split(
    ' ',
  ),
]

const value: fc.Arbitrary<string> = fc.constantFrom(
  ...'0 1 -2 3.7 1000000 NULL TRUE "" "a,b" "(a+)+" "2020-02-29" "10:40:55.666" TODAY() NOW()'.split(
    ' ',
  ),
  ...WORDS.filter((word) => word.includes('__') && !/Circle|Broken/.test(word)),
)

const expression = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    value,
    fc
      .tuple(fc.constantFrom(...FORMULA_FUNCTIONS.keys()), fc.array(tie('tree'), { maxLength: 4 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('+', '-', '*', '/', '^', '&', '=', '<>', '<', '>='),
        tie('tree'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
  ),
})).tree

type Typed = { number: string; text: string; truth: string; day: string }

/** Expressions whose types fit, so that nearly all of them are evaluated. */
const typed = fc.letrec<Typed>((tie) => {
  const [number, text, truth, day] = [tie('number'), tie('text'), tie('truth'), tie('day')]
  const join = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
    fc
      .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
      .map((words) => words.join(''))
  const one = (names: string) => fc.constantFrom(...names.split(' '))
  const numbers = one(
    '0 1 -1 2.5 1000000000000 0.001 Number__c Amount__c Percent__c Double__c NULL',
  )
  const texts = one(
    '"" "a" "12" "2020-01-31" "10:00:00.000" "a.*" Text__c Name TEXT(Stage__c) NULL',
  )
  return {
    number: fc.oneof(
      { maxDepth: 5 },
      numbers,
      join('(', number, one('+ - * / ^'), number, ')'),
      join(
        one('ABS ROUND TRUNC CEILING FLOOR MCEILING MFLOOR EXP LN LOG SQRT SIN ACOS'),
        '(',
        number,
        ')',
      ),
      join(one('MOD MAX MIN ROUND ATAN2 BLANKVALUE NULLVALUE'), '(', number, ',', number, ')'),
      join(one('LEN VALUE ASCII'), '(', text, ')'),
      join('FIND(', text, ',', text, ',', number, ')'),
      join(one('YEAR MONTH DAY WEEKDAY ISOWEEK ISOYEAR DAYOFYEAR UNIXTIMESTAMP'), '(', day, ')'),
      join('(', day, '-', day, ')'),
      join('IF(', truth, ',', number, ',', number, ')'),
      join('CASE(', text, ',', text, ',', number, ',', number, ')'),
    ),
    text: fc.oneof(
      { maxDepth: 5 },
      texts,
      join('(', text, one('+ &'), text, ')'),
      join(one('LEFT RIGHT LPAD RPAD'), '(', text, ',', number, ')'),
      join('MID(', text, ',', number, ',', number, ')'),
      join(one('UPPER LOWER'), '(', text, ',', one('"tr" "en-aa-aa" "x" NULL Text__c'), ')'),
      join('SUBSTITUTE(', text, ',', text, ',', text, ')'),
      join(one('TRIM UPPER LOWER INITCAP REVERSE HTMLENCODE URLENCODE CASESAFEID'), '(', text, ')'),
      join(one('TEXT FORMATDURATION CHR'), '(', number, ')'),
      join('TEXT(', day, ')'),
    ),
    truth: fc.oneof(
      { maxDepth: 5 },
      one('TRUE FALSE Check__c IsBig__c ISNEW() ISCHANGED(Number__c)'),
      join('(', number, one('= <> < > <= >='), number, ')'),
      join('(', text, one('= <> < > <= >='), text, ')'),
      join('(', day, one('= <> < > <= >='), day, ')'),
      join(one('AND OR'), '(', truth, ',', truth, ')'),
      join('(', truth, one('&& ||'), truth, ')'),
      join('NOT(', truth, ')'),
      join(one('CONTAINS BEGINS REGEX'), '(', text, ',', text, ')'),
      join('ISBLANK(', number, ')'),
    ),
    day: fc.oneof(
      { maxDepth: 5 },
      one('TODAY() Date__c DATE(2024,2,29) DATEVALUE(Moment__c) PRIORVALUE(Date__c)'),
      join('(', day, one('+ -'), number, ')'),
      join('ADDMONTHS(', day, ',', number, ')'),
      join('DATE(', number, ',', number, ',', number, ')'),
      join('DATEVALUE(', text, ')'),
    ),
  }
})

test('any text is compiled or refused with a code and a place', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), tryFormula), {
    numRuns: 1000,
  })
})

test('any words of the language are compiled or refused', () => {
  const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((all) => all.join(' '))
  fc.assert(fc.property(words, tryFormula), { numRuns: 1500 })
})

test('any well-formed expression is evaluated, refused, or has no result', () => {
  fc.assert(fc.property(expression, tryFormula), { numRuns: 2000 })
})

test('any expression whose types fit is evaluated or has no result', () => {
  const any = fc.oneof(typed.number, typed.text, typed.truth, typed.day)
  fc.assert(fc.property(any, tryFormula), { numRuns: 3000 })
})

test('any text is a regular expression or refused', () => {
  const pattern = fc
    .array(fc.constantFrom(...'a b . * + ? ( ) [ ] { } | ^ $ \\ d w p - && 1 , :'.split(' ')), {
      maxLength: 20,
    })
    .map((all) => all.join(''))
  fc.assert(
    fc.property(pattern, fc.string({ maxLength: 30 }), (source, text) => {
      const compiled = compilePattern(source)
      if (compiled.kind === 'pattern') compiled.pattern.matches(text)
    }),
    { numRuns: 1000 },
  )
})

test('a hostile formula takes no longer than its length', () => {
  const nestedIf = `${'IF(Number__c > 1, "a", '.repeat(400)}"b"${')'.repeat(400)}`
  const nested = (open: string, close: string) => `${open.repeat(400)}1${close.repeat(400)}`
  const hostile = [
    nestedIf,
    nested('BLANKVALUE(', ', 1)'),
    nested('NULLVALUE(', ', 1)'),
    nested('CASE(', ', 2, 2, 3, 3, 4, 4, 1)'),
    nested('MAX(1, ', ', 2)'),
    nested('(1 + 2 * 3 - ', ' ^ 1)'),
    Array(50_000).fill('Number__c').join(' + '),
    Array(50_000).fill('(Number__c)').join(' < '),
    `AND(${Array(9_000).fill('Text__c = "a"').join(',')})`,
    `${'9'.repeat(500_000)} * ${'9'.repeat(400_000)}`,
    Array(2_000).fill('99999999999999999999').join(' * '),
    `"${' '.repeat(500_000)}" = "a"`,
    `ISNUMBER("${'1'.repeat(500_000)}x")`,
    `TRIM("${' '.repeat(500_000)}x")`,
    `REGEX("${'a'.repeat(900_000)}", "(a*)*b")`,
    '/*'.repeat(400_000),
    '"\\"'.repeat(300_000),
  ]
  for (const formula of hostile) bounded(formula.slice(0, 40), () => tryFormula(formula))
})
