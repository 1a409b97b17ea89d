import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANNA,
  contextOf,
  fireContext,
  KIND,
  objects,
  recordOf,
  THING,
  thing,
} from '../../../test/support/rules-org.ts'
import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import { compileCriteria } from './compile-criteria.ts'
import type { CriteriaSettings } from './criteria-settings.ts'

/** A value of each type, and alternatives that are it, below it and above it; null where there is no order. */
type Row = {
  readonly name: string
  readonly value: FieldValue
  readonly same: string
  readonly below: string | null
  readonly above: string | null
}

const BOSS = recordOf('Parent__c', 7, { Name: 'Boss' })
const ROWS: readonly Row[] = [
  { name: 'Text__c', value: 'mango', same: 'MANGO', below: 'apple', above: 'pear' },
  { name: 'Stage__c', value: 'HOT', same: 'very hot', below: 'New', above: 'Zero' },
  { name: 'Number__c', value: '7.5', same: '7.50', below: '7', above: '8' },
  { name: 'Amount__c', value: '25000', same: '"USD 25,000"', below: 'EUR 1', above: '99999999' },
  { name: 'Percent__c', value: '12.5', same: '12.5%', below: '12', above: '13' },
  { name: 'Date__c', value: '2026-03-04', same: '3/4/2026', below: 'YESTERDAY', above: 'TOMORROW' },
  {
    name: 'Moment__c',
    value: '2026-03-04T10:00:00.000Z',
    same: 'TODAY',
    below: '3/4/2026 9:59 AM',
    above: '3/4/2026 10:01 AM',
  },
  { name: 'Time__c', value: '10:30:00.000Z', same: '10:30 AM', below: '9:00', above: '11:00 PM' },
  { name: 'Colors__c', value: 'A;B', same: 'A;B', below: null, above: null },
  { name: 'OwnerId', value: ANNA.recordId, same: 'anna ek', below: 'Adam', above: 'Zoe' },
  { name: 'RecordTypeId', value: KIND.recordId, same: 'Big One', below: 'A', above: 'Z' },
  { name: 'Parent__c', value: BOSS.recordId, same: 'boss', below: 'A', above: 'Z' },
]

type Asked = {
  readonly object?: string
  readonly fields?: FieldValues
  readonly rules?: CriteriaSettings['rules']
}

function isMet(name: string, operation: string, value: string, asked: Asked = {}): boolean {
  const { object = 'Thing__c', fields = {}, rules = {} } = asked
  const compiled = compileCriteria([{ field: `${object}.${name}`, operation, value }], null, {
    object: THING,
    objects: (wanted) => (wanted === 'Parent__c' ? PARENT : objects(wanted)),
    formulaFields: new Map(),
    settings: { locale: 'en_US', rules },
  })
  assert.ok(compiled.kind === 'compiled', `${name} ${operation} ${value}`)
  assert.deepEqual(compiled.warnings, [])
  return compiled.holds(contextOf(thing(fields), fireContext([BOSS])))
}

/** Parent__c with the fields of Thing__c: each row is asked of a parent, too. */
const PARENT: ObjectDefinition = { ...THING, name: 'Parent__c' }

for (const { name, value, same, below, above } of ROWS) {
  const given = { fields: { [name]: value } }
  const other = above ?? 'C'

  test(`${name} with a value: equals one of a list, notEqual none of it`, () => {
    assert.equal(isMet(name, 'equals', same, given), true)
    assert.equal(isMet(name, 'equals', other, given), false)
    assert.equal(isMet(name, 'equals', `${other},${same}`, given), true)
    assert.equal(isMet(name, 'equals', '', given), false)
    assert.equal(isMet(name, 'notEqual', same, given), false)
    assert.equal(isMet(name, 'notEqual', other, given), true)
    assert.equal(isMet(name, 'notEqual', `${other},${same}`, given), false)
    assert.equal(isMet(name, 'notEqual', '', given), true)
  })

  test(`${name} in order: below, the same and above`, () => {
    if (below === null || above === null) return
    const orders = [below, same, above].map((alternative) =>
      ['greaterThan', 'greaterOrEqual', 'lessThan', 'lessOrEqual'].map((operation) => {
        return isMet(name, operation, alternative, given)
      }),
    )
    assert.deepEqual(orders, [
      [true, true, false, false],
      [false, true, false, true],
      [false, false, true, true],
    ])
  })

  test(`${name} blank: equals blank, notEqual a value unless that is switched off, nothing in order`, () => {
    const isReference = name === 'OwnerId' || name === 'Parent__c'
    const strict = { rules: { strictBlankNotEqual: true } }
    assert.equal(isMet(name, 'equals', ''), true)
    assert.equal(isMet(name, 'equals', `${same},`), true)
    assert.equal(isMet(name, 'notEqual', ''), false)
    assert.equal(isMet(name, 'equals', same), false)
    // An empty lookup has no name: its record is a missing parent.
    assert.equal(isMet(name, 'notEqual', same), !isReference)
    assert.equal(isMet(name, 'notContain', same), !isReference)
    assert.equal(isMet(name, 'notEqual', same, strict), false)
    for (const operation of ['greaterThan', 'greaterOrEqual', 'lessThan', 'lessOrEqual']) {
      if (above !== null) assert.equal(isMet(name, operation, above), false)
    }
  })

  test(`${name} of a parent that is not there meets nothing, not even blank`, () => {
    const parent = { object: 'Parent__c' }
    for (const operation of ['equals', 'notEqual', 'contains', 'notContain', 'startsWith']) {
      for (const alternative of [same, '']) {
        assert.equal(isMet(name, operation, alternative, parent), false, operation)
      }
    }
  })
}

test('a checkbox is never blank: unchecked is False', () => {
  assert.equal(isMet('Check__c', 'equals', 'False'), true)
  assert.equal(isMet('Check__c', 'notEqual', 'True'), true)
  assert.equal(isMet('Check__c', 'equals', 'fAlSe,TRUE', { fields: { Check__c: true } }), true)
  assert.equal(isMet('Check__c', 'notEqual', '0', { fields: { Check__c: true } }), true)
  assert.equal(isMet('Check__c', 'equals', 'True', { object: 'Parent__c' }), false)
})

test('a day of a date-time is that of the zone, 23 hours long where clocks go on', () => {
  const compiled = compileCriteria(
    [{ field: 'Thing__c.Moment__c', operation: 'equals', value: 'TODAY' }],
    null,
    { object: THING, objects, formulaFields: new Map(), settings: { locale: 'en_US' } },
  )
  assert.ok(compiled.kind === 'compiled')
  const base = fireContext()
  const isToday = (moment: string) =>
    compiled.holds(
      contextOf(thing({ Moment__c: moment }), {
        now: Date.parse('2026-03-08T18:00:00Z'),
        org: { ...base.org, timeZone: 'America/New_York' },
      }),
    )
  assert.equal(isToday('2026-03-08T04:59:59.000Z'), false)
  assert.equal(isToday('2026-03-08T05:00:00.000Z'), true)
  assert.equal(isToday('2026-03-09T03:59:59.000Z'), true)
  assert.equal(isToday('2026-03-09T04:00:00.000Z'), false)
})
