import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANNA,
  fireContext,
  objects,
  ruleOf,
  thing,
  updateOf,
} from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { compileRules } from '../compile-rules.ts'
import { fireRules } from '../fire-rules.ts'

/** What a formula update makes of a record; the org's zone is New York's. */
function updated(field: string, formula: string, given: FieldValues = {}, known = objects) {
  const compiled = compileRules({
    rules: [ruleOf('R', { formula: 'TRUE', actions: [{ name: 'U', type: 'FieldUpdate' }] })],
    fieldUpdates: [updateOf('U', { field, operation: 'Formula', formula })],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects: known,
    settings: { locale: 'en_US' },
  })
  assert.deepEqual(compiled.problems, [])
  const record = thing(given)
  const base = fireContext()
  const context = { ...base, org: { ...base.org, timeZone: 'America/New_York' } }
  const change = { objectName: 'Thing__c', recordId: record.recordId, before: null, after: record }
  return fireRules(compiled, change, context)
}

test('an id that a formula gives is kept with 18 characters', () => {
  const { fields } = updated('OwnerId', `"${ANNA.recordId.slice(0, 15)}"`)
  assert.equal(fields.OwnerId, ANNA.recordId)
})

test('what is no id leaves a lookup as it was, and the log says so', () => {
  const { fields, errors } = updated('OwnerId', '"nobody"')
  assert.deepEqual(fields, {})
  assert.match(errors[0]?.message ?? '', /OwnerId takes an id, the formula gave 'nobody'/)
})

test('numbers are rounded to the field, fractions become percentages, texts picklist values', () => {
  assert.equal(updated('Number__c', '10 / 3').fields.Number__c, '3.33')
  assert.equal(updated('Percent__c', '1 / 3').fields.Percent__c, '33.33')
  assert.equal(updated('Stage__c', '"Closed"').fields.Stage__c, 'Closed')
  assert.equal(updated('Check__c', 'Number__c > 1', { Number__c: '2' }).fields.Check__c, true)
  assert.equal(updated('Check__c', 'Number__c > 1', { Check__c: true }).fields.Check__c, false)
})

test('a date-time that fills a date is the day of the org, a date that fills a date-time its beginning', () => {
  const night = { Moment__c: '2026-03-05T03:30:00.000Z' }
  assert.equal(updated('Date__c', 'Moment__c', night).fields.Date__c, '2026-03-04')
  const day = updated('Moment__c', 'DATE(2026, 7, 1)').fields.Moment__c
  assert.equal(day, '2026-07-01T04:00:00.000Z')
})

test('what has no result tells of no secret that it reads', () => {
  const secretText = (name: string) => {
    const object = objects(name)
    const fields = object?.fields.map((each) =>
      each.name === 'Text__c' ? { ...each, secret: true } : each,
    )
    return object && fields && { ...object, fields }
  }
  const given = { Text__c: 'opensesame' }
  for (const [field, formula] of [
    ['Number__c', 'VALUE(Text__c)'],
    ['Date__c', 'DATEVALUE(LEFT(Text__c, 6))'],
    ['OwnerId', 'Text__c'],
  ] as const) {
    const [told] = updated(field, formula, given, secretText).errors
    assert.match(told?.message ?? '', /no result|takes an id/)
    assert.doesNotMatch(told?.message ?? '', /opens/)
    assert.match(updated(field, formula, given).errors[0]?.message ?? '', /opens/)
  }
})
