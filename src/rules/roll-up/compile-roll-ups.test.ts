import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf, recordOf } from '../../../test/support/rules-org.ts'
import { customObject } from '../../schema/custom-object.ts'
import { currency, field, text } from '../../schema/define-field.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import type { FieldDefinition, Summary } from '../../schema/object-definition.ts'
import { compileRollUps } from './compile-roll-ups.ts'

const PLACE = { file: 'objects/Whole__c.object', line: 9 }

function compile(summary: Partial<Summary>, ...more: readonly FieldDefinition[]) {
  const part = customObject({
    name: 'Part__c',
    fields: [
      field('Whole__c', 'reference', { referenceTo: ['Whole__c'], masterDetail: true }),
      currency('Price__c', 2),
      field('Kind__c', 'picklist'),
      currency('Gross__c', 2, { formula: 'Price__c * 1.195' }),
      currency('Aged__c', 2, { formula: 'Price__c * (TODAY() - DATE(2020, 1, 1))' }),
      currency('Indirect__c', 2, { formula: 'Aged__c + 1' }),
      currency('Parents__c', 2, { formula: 'Whole__r.Limit__c' }),
      ...more,
    ],
  })
  const total: Summary = {
    operation: 'sum',
    childObject: 'Part__c',
    foreignKey: 'Whole__c',
    summarized: 'Price__c',
    filters: [],
    ...summary,
  }
  const whole = customObject({
    name: 'Whole__c',
    fields: [currency('Total__c', 2, { summary: total }), currency('Limit__c', 2)],
  })
  const byName = new Map([part, whole].map((object) => [object.name.toLowerCase(), object]))
  return compileRollUps(byName.values(), {
    objects: (name) => byName.get(name.toLowerCase()),
    settings: { locale: 'en_US' },
    formulaFields: new Map(),
    placeOf: () => PLACE,
  })
}

function contribution(summary: Partial<Summary>, fields: FieldValues) {
  const [rollUp] = compile(summary).ofDetail('PART__C')
  const record = { ...recordOf('Part__c', 1), objectName: 'Part__c', fields }
  return rollUp?.contribution(contextOf(record))
}

test('a detail brings in its field, if it meets the filter', () => {
  const filters = [{ field: 'Part__c.Kind__c', operation: 'equals', value: 'New,Used' }]
  assert.equal(contribution({}, { Price__c: '5' }), '5')
  assert.equal(contribution({}, { Price__c: null }), null)
  assert.equal(contribution({ filters }, { Price__c: '5', Kind__c: 'used' }), '5')
  assert.equal(contribution({ filters }, { Price__c: '5', Kind__c: 'Lost' }), undefined)
  assert.equal(
    contribution({ filters, operation: 'count', summarized: null }, { Kind__c: 'New' }),
    null,
  )
})

test('a formula of the detail is rolled up as its field shows it, without further digits', () => {
  assert.equal(contribution({ summarized: 'Gross__c' }, { Price__c: '1.01' }), '1.21')
})

test('what changes without the detail being saved is told, and not rolled up', () => {
  for (const summarized of ['Aged__c', 'Indirect__c', 'Parents__c']) {
    const { all, problems } = compile({ summarized })
    assert.deepEqual(all, [], summarized)
    assert.partialDeepStrictEqual(problems, [{ ...PLACE, code: 'ROLLUP_NOT_COMPUTED' }])
  }
})

test('a filter of another object, or one that cannot be read, leaves the field blank', () => {
  for (const filter of [
    { field: 'User.Name', operation: 'equals', value: 'x' },
    { field: 'Part__c.Price__c', operation: 'isAbout', value: '1' },
  ]) {
    assert.equal(compile({ filters: [filter] }).problems[0]?.code, 'ROLLUP_NOT_COMPUTED')
  }
})

test('its signature changes with whatever it is made of', () => {
  const signature = (...args: Parameters<typeof compile>) => compile(...args).all[0]?.signature
  const usual = signature({})
  assert.equal(signature({}, text('Other__c', 9)), usual)
  assert.notEqual(signature({ operation: 'max' }), usual)
  const formula = { summarized: 'Deep__c' }
  const deep = (under: string) => [
    currency('Deep__c', 2, { formula: 'Under__c' }),
    currency('Under__c', 2, { formula: under }),
  ]
  assert.notEqual(
    signature(formula, ...deep('Price__c')),
    signature(formula, ...deep('Price__c * 2')),
  )
})
