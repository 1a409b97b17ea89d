import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { contextOf, objects, THING, thing } from '../../../../test/support/rules-org.ts'
import type { FieldValues } from '../../../schema/field-value.ts'
import { DEFAULT_ORG_SETTINGS } from '../../../schema/org-settings.ts'
import { type CompiledFormula, compileFormula } from '../compile-formula.ts'

// Each function against an account of it that shares no code with ours.

const compiled = new Map<string, CompiledFormula>()

function resultOf(formula: string, fields: FieldValues = {}, timeZone = 'UTC') {
  const made =
    compiled.get(formula) ?? compileFormula(formula, { object: THING, objects, blanks: 'asNull' })
  assert.ok(made.kind === 'compiled', formula)
  compiled.set(formula, made)
  const org = { ...DEFAULT_ORG_SETTINGS, timeZone, id: '00D000000000001AAA' }
  return made.evaluate(contextOf(thing(fields), { org }))
}

/** What a text result is when it is blank. */
const text = (value: string) => (value === '' ? null : value)
const words = fc.string({ unit: fc.constantFrom(...'abcAB ;.é\n"\\'), maxLength: 12 })
const small = fc.integer({ min: -3, max: 15 })
const whole = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
const day = fc.integer({ min: -200_000, max: 200_000 }).map((days) => {
  return Temporal.PlainDate.from('1970-01-01').add({ days })
})

test('LEFT, RIGHT and MID are slices', () => {
  fc.assert(
    fc.property(words, small, small, (value, one, other) => {
      const fields = { Text__c: text(value), Number__c: `${one}`, Amount__c: `${other}` }
      const left = one <= 0 ? '' : value.slice(0, one)
      const right = one <= 0 ? '' : value.slice(Math.max(0, value.length - one))
      const start = Math.max(one, 1) - 1
      const middle = other <= 0 ? '' : value.slice(start, start + other)
      assert.equal(resultOf('LEFT(Text__c, Number__c)', fields), text(left))
      assert.equal(resultOf('RIGHT(Text__c, Number__c)', fields), text(right))
      assert.equal(resultOf('MID(Text__c, Number__c, Amount__c)', fields), text(middle))
    }),
  )
})

test('FIND, SUBSTITUTE, CONTAINS and BEGINS look for a text as it is written', () => {
  fc.assert(
    fc.property(
      words,
      fc.string({ unit: fc.constantFrom(...'abA.'), minLength: 1, maxLength: 2 }),
      (value, sought) => {
        const fields = { Text__c: text(value), Name: sought }
        assert.equal(resultOf('FIND(Name, Text__c)', fields), `${value.indexOf(sought) + 1}`)
        assert.equal(
          resultOf('SUBSTITUTE(Text__c, Name, "<>")', fields),
          text(value.split(sought).join('<>')),
        )
        assert.equal(
          resultOf('CONTAINS(Text__c, Name)', fields),
          value === '' ? null : value.includes(sought),
        )
        assert.equal(
          resultOf('BEGINS(Text__c, Name)', fields),
          value === '' ? null : value.startsWith(sought),
        )
      },
    ),
  )
})

test('LPAD and RPAD have the length that is asked for', () => {
  fc.assert(
    fc.property(words, small, fc.constantFrom('x', 'ab', ' '), (value, length, pad) => {
      const fields = { Text__c: text(value), Number__c: `${length}`, Name: pad }
      const padded = (how: 'padStart' | 'padEnd') =>
        value === '' || length <= 0 ? null : value[how](length, pad).slice(0, length)
      assert.equal(resultOf('LPAD(Text__c, Number__c, Name)', fields), padded('padStart'))
      assert.equal(resultOf('RPAD(Text__c, Number__c, Name)', fields), padded('padEnd'))
    }),
  )
})

test('whole numbers add, subtract, multiply and compare exactly', () => {
  fc.assert(
    fc.property(whole, whole, (one, other) => {
      const fields = { Number__c: `${one}`, Amount__c: `${other}` }
      assert.equal(resultOf('Number__c + Amount__c', fields), `${one + other}`)
      assert.equal(resultOf('Number__c - Amount__c', fields), `${one - other}`)
      assert.equal(resultOf('Number__c * Amount__c', fields), `${one * other}`)
      assert.equal(resultOf('Number__c < Amount__c', fields), one < other)
      assert.equal(resultOf('Number__c = Amount__c', fields), one === other)
      if (other !== 0n)
        assert.equal(resultOf('MOD(Number__c, Amount__c)', fields), `${one % other}`)
      assert.equal(resultOf('MAX(Number__c, Amount__c)', fields), `${one > other ? one : other}`)
      assert.equal(resultOf('ABS(Number__c)', fields), `${one < 0n ? -one : one}`)
    }),
  )
})

test('ROUND goes away from zero at a half, FLOOR and CEILING as they do', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -99_999n, max: 99_999n }), (cents) => {
      const sign = cents < 0n ? -1n : 1n
      const size = cents * sign
      const written = `${cents < 0n ? '-' : ''}${size / 100n}.${`${size % 100n}`.padStart(2, '0')}`
      const fields = { Number__c: written }
      const shown = (value: bigint) => `${value}`
      assert.equal(resultOf('ROUND(Number__c, 0)', fields), shown(sign * ((size + 50n) / 100n)))
      assert.equal(resultOf('TRUNC(Number__c)', fields), shown(sign * (size / 100n)))
      assert.equal(resultOf('FLOOR(Number__c)', fields), shown(sign * (size / 100n)))
      assert.equal(resultOf('CEILING(Number__c)', fields), shown(sign * ((size + 99n) / 100n)))
      const up = cents >= 0n ? (cents + 99n) / 100n : -(size / 100n)
      const down = cents >= 0n ? cents / 100n : -((size + 99n) / 100n)
      assert.equal(resultOf('MCEILING(Number__c)', fields), shown(up))
      assert.equal(resultOf('MFLOOR(Number__c)', fields), shown(down))
    }),
  )
})

test('the parts of a date, its week, and what is some days or months later', () => {
  fc.assert(
    fc.property(day, fc.integer({ min: -400, max: 400 }), (date, count) => {
      const fields = { Date__c: date.toString(), Number__c: `${count}` }
      const number = (formula: string) => Number(resultOf(formula, fields))
      assert.equal(number('YEAR(Date__c)'), date.year)
      assert.equal(number('MONTH(Date__c)'), date.month)
      assert.equal(number('DAY(Date__c)'), date.day)
      assert.equal(number('WEEKDAY(Date__c)'), (date.dayOfWeek % 7) + 1)
      assert.equal(number('DAYOFYEAR(Date__c)'), date.dayOfYear)
      assert.equal(number('ISOWEEK(Date__c)'), date.weekOfYear)
      assert.equal(number('ISOYEAR(Date__c)'), date.yearOfWeek)
      assert.equal(resultOf('TEXT(Date__c)', fields), date.toString())
      assert.equal(resultOf('Date__c + Number__c', fields), date.add({ days: count }).toString())
      const months = date.add({ months: count })
      const isLast = date.day === date.daysInMonth
      const later = isLast ? months.with({ day: months.daysInMonth }) : months
      assert.equal(resultOf('ADDMONTHS(Date__c, Number__c)', fields), later.toString())
      const made = `DATE(${date.year}, ${date.month}, ${date.day}) = Date__c`
      assert.equal(resultOf(made, fields), true)
    }),
  )
})

test('the day of a date-time is that of the zone, also where clocks are changed', () => {
  const zones = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Apia', 'UTC']
  const near = fc.oneof(
    fc.integer({ min: 0, max: 4_000_000_000 }),
    // Around the changes of March and November 2026 in New York.
    fc.integer({ min: 1_772_950_000, max: 1_773_060_000 }),
    fc.integer({ min: 1_793_480_000, max: 1_793_590_000 }),
  )
  fc.assert(
    fc.property(near, fc.constantFrom(...zones), (seconds, zone) => {
      const instant = Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
      const fields = { Moment__c: new Date(seconds * 1000).toISOString() }
      const local = instant.toZonedDateTimeISO(zone).toPlainDate().toString()
      assert.equal(resultOf('DATEVALUE(Moment__c)', fields, zone), local)
      const written = instant
        .toString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
      assert.equal(resultOf('TEXT(Moment__c)', fields, zone), written)
      assert.equal(resultOf('UNIXTIMESTAMP(Moment__c)', fields, zone), `${seconds}`)
    }),
  )
})

test('operators bind as the grammar says: a formula is the same with all its parentheses', () => {
  type Tree = { readonly bare: string; readonly full: string; readonly level: number }
  const levels = [['+', '-'], ['^'], ['*', '/']]
  const leaf = fc.constantFrom('1', '2', '3', 'Number__c').map((it): Tree => {
    return { bare: it, full: it, level: 3 }
  })
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('tree'), fc.integer({ min: 0, max: 2 }), fc.nat(1), tie('tree'))
        .map(([left, level, choice, right]): Tree => {
          const operator = levels[level]![choice % levels[level]!.length]!
          // From the left: the same level needs no parentheses on the left, and some on the right.
          const one = left.level >= level ? left.bare : `(${left.bare})`
          const other = right.level > level ? right.bare : `(${right.bare})`
          return {
            bare: `${one} ${operator} ${other}`,
            full: `((${left.full}) ${operator} (${right.full}))`,
            level,
          }
        }),
    ),
  }))
  const outcome = (formula: string) => {
    try {
      return resultOf(formula, { Number__c: '4' })
    } catch (error) {
      return (error as { errorCode?: string }).errorCode
    }
  }
  fc.assert(
    fc.property(tree, ({ bare, full }) => {
      assert.equal(outcome(bare), outcome(full), bare)
    }),
    { numRuns: 300 },
  )
})

test('a formula is the same in any case, with any blanks and comments between its words', () => {
  const formula = 'IF(AND(Number__c>1,NOT(ISBLANK(Text__c))),LEFT(Text__c,2)&"x",\'y\')'
  const tokens = formula.match(/'[^']*'|"[^"]*"|[A-Za-z_]+|./g) ?? []
  const fields = { Number__c: '2', Text__c: 'abc' }
  const gap = fc.constantFrom('', ' ', '\n', '\t\r\n', '/* a "b */', '/*)*/ ')
  fc.assert(
    fc.property(
      fc.array(gap, { minLength: tokens.length, maxLength: tokens.length }),
      fc.array(fc.boolean(), { minLength: tokens.length, maxLength: tokens.length }),
      (gaps, lower) => {
        const written = tokens.map((token, index) => {
          const isText = /^["']/.test(token)
          return (lower[index] && !isText ? token.toLowerCase() : token) + gaps[index]
        })
        assert.equal(resultOf(written.join(''), fields), 'abx')
      },
    ),
    { numRuns: 200 },
  )
})
