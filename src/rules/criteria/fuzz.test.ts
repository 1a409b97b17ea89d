import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf, objects, THING, thing } from '../../../test/support/rules-org.ts'
import { compileCriteria } from './compile-criteria.ts'
import { readValueList } from './value-list.ts'

const RECORD = {
  Text__c: 'a',
  Number__c: '5',
  Date__c: '2024-02-29',
  Stage__c: 'New',
  Colors__c: 'A;B',
}
const FIELDS = THING.fields.map((field) => `Thing__c.${field.name}`)
const OPERATIONS =
  'equals notEqual contains notContain startsWith greaterThan lessOrEqual includes excludes'

const value = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ...'"|,|""| |USD|5|25,000|TODAY|LAST|N|DAYS|_|:|3/4/2020|AM|10:00|New|\u00A0|-'.split('|'),
      ),
    )
    .map((parts) => parts.join('')),
)
const item = fc.record({
  field: fc.constantFrom(
    ...FIELDS,
    'User.Name',
    'Parent__c.Name',
    'Parent__c.Twice__c',
    'No.No',
    'x',
  ),
  operation: fc.constantFrom(...OPERATIONS.split(' ')),
  value,
})
const filter = fc.option(
  fc
    .array(fc.constantFrom(...'1 2 3 AND OR NOT ( )'.split(' ')), { maxLength: 12 })
    .map((all) => all.join(' ')),
)

test('any criteria are compiled and evaluated, or refused with a code', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), filter, (items, booleanFilter) => {
      const compiled = compileCriteria(items, booleanFilter, {
        object: THING,
        objects,
        formulaFields: new Map(),
        settings: { locale: 'en_US' },
      })
      if (compiled.kind === 'broken') return assert.notEqual(compiled.problem.message, '')
      for (const record of [thing(RECORD), thing()]) {
        assert.equal(typeof compiled.holds(contextOf(record)), 'boolean')
      }
    }),
    { numRuns: 3000 },
  )
})

test('what no value list needs quotes for is read back as it was', () => {
  const plain = fc.string({ maxLength: 20 }).map((text) => text.replace(/[",]/g, '').trim())
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1 }), (values) => {
      assert.deepEqual(readValueList(values.join(' , ')), values)
      const quoted = values.map((each) => `"${each},"`)
      assert.deepEqual(
        readValueList(quoted.join(', ')),
        values.map((each) => `${each},`),
      )
    }),
  )
})
