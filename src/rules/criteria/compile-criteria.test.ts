import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ANNA,
  contextOf,
  fireContext,
  KIND,
  objects,
  QUEUE,
  recordOf,
  THING,
  thing,
} from '../../../test/support/rules-org.ts'
import { field as fieldOfType } from '../../schema/define-field.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import type { RunningUser } from '../evaluation-context.ts'
import { NOBODY } from '../evaluation-context.ts'
import { compileCriteria } from './compile-criteria.ts'
import type { CriteriaSettings } from './criteria-settings.ts'

const SETTINGS: CriteriaSettings = { locale: 'en_US' }
const BOSS = recordOf('Parent__c', 7, { Name: 'Boss', Limit__c: '40', Stage__c: null })

type Given = { fields?: FieldValues; settings?: Partial<CriteriaSettings>; user?: RunningUser }

function compile(
  field: string,
  operation: string,
  value: string,
  settings: Partial<CriteriaSettings> = {},
) {
  return compileCriteria([{ field, operation, value }], null, {
    object: THING,
    objects,
    formulaFields: new Map(),
    settings: { ...SETTINGS, ...settings },
  })
}

function isMet(field: string, operation: string, value: string, given: Given = {}): boolean {
  const name = field.includes('.') ? field : `Thing__c.${field}`
  const compiled = compile(name, operation, value, given.settings)
  assert.ok(
    compiled.kind === 'compiled',
    compiled.kind === 'broken' ? compiled.problem.message : '',
  )
  return compiled.holds(
    contextOf(thing(given.fields), { ...fireContext([BOSS]), user: given.user ?? NOBODY }),
  )
}

function table(
  name: string,
  rows: readonly [
    field: string,
    operation: string,
    value: string,
    met: boolean,
    fields?: FieldValues,
  ][],
): void {
  describe(name, () => {
    for (const [field, operation, value, met, fields = {}] of rows) {
      const where =
        Object.keys(fields).length > 0 ? ` where ${JSON.stringify(fields)}` : ' where it is blank'
      test(`${field} ${operation} ${JSON.stringify(value)} is ${met}${where}`, () => {
        assert.equal(isMet(field, operation, value, { fields }), met)
      })
    }
  })
}

const NEW = { Stage__c: 'New' }

table('texts and picklists', [
  ['Stage__c', 'equals', 'new', true, NEW],
  ['Stage__c', 'equals', 'Closed,New', true, NEW],
  ['Stage__c', 'notEqual', 'Closed,New', false, NEW],
  ['Stage__c', 'notEqual', 'Closed', true, NEW],
  ['Stage__c', 'equals', 'VERY HOT', true, { Stage__c: 'HOT' }],
  ['Text__c', 'equals', 'a,"b, c"', true, { Text__c: 'B, C' }],
  ['Text__c', 'contains', 'x,LL', true, { Text__c: 'hello' }],
  ['Text__c', 'notContain', 'x,ll', false, { Text__c: 'hello' }],
  ['Text__c', 'startsWith', 'He', true, { Text__c: 'hello' }],
  ['Text__c', 'startsWith', 'lo', false, { Text__c: 'hello' }],
  ['Text__c', 'greaterThan', 'Apple', true, { Text__c: 'banana' }],
  ['Text__c', 'equals', 'FAB 2', true, { Text__c: 'fab 2' }],
  ['Colors__c', 'includes', 'A,C', true, { Colors__c: 'B;C' }],
  ['Colors__c', 'includes', 'A,C', false, { Colors__c: 'B' }],
  ['Colors__c', 'excludes', 'A,C', true, { Colors__c: 'B' }],
  ['Colors__c', 'excludes', 'A,C', false, { Colors__c: 'A;B' }],
])

table('blank fields of the record itself', [
  ['Text__c', 'equals', '', true],
  ['Text__c', 'notEqual', '', false],
  ['Text__c', 'notEqual', '', true, { Text__c: 'a' }],
  ['Text__c', 'equals', '', false, { Text__c: 'a' }],
  ['Text__c', 'equals', 'a,', true],
  ['Text__c', 'notEqual', 'a,', false],
  ['Text__c', 'equals', 'a', false],
  ['Text__c', 'notEqual', 'a', true],
  ['Text__c', 'notContain', 'a', true],
  ['Text__c', 'contains', 'a', false],
  ['Number__c', 'lessThan', '5', false],
  ['Number__c', 'greaterOrEqual', '0', false],
  ['Number__c', 'notEqual', '5', true],
  ['Date__c', 'lessThan', 'TODAY', false],
  ['Colors__c', 'includes', 'A', false],
  ['Colors__c', 'excludes', 'A', true],
  ['Check__c', 'equals', 'False', true],
])

table('checkboxes, numbers and money', [
  ['Check__c', 'equals', 'TRUE', true, { Check__c: true }],
  ['Check__c', 'equals', '1', true, { Check__c: true }],
  ['Check__c', 'notEqual', '0', true, { Check__c: true }],
  ['Number__c', 'equals', '5.0', true, { Number__c: '5' }],
  ['Number__c', 'greaterThan', '4.99', true, { Number__c: '5' }],
  ['Number__c', 'lessOrEqual', '5', true, { Number__c: '5' }],
  ['Number__c', 'equals', '1,2,5', true, { Number__c: '5' }],
  ['Amount__c', 'greaterThan', 'USD 0', true, { Amount__c: '0.01' }],
  ['Amount__c', 'greaterOrEqual', '"USD 25,000"', true, { Amount__c: '25000' }],
  ['Amount__c', 'lessThan', '"EUR 25,000.50"', true, { Amount__c: '25000.49' }],
  ['Percent__c', 'equals', '12.5', true, { Percent__c: '12.5' }],
  ['Double__c', 'equals', '10', true, { Number__c: '5' }],
])

table('dates: a literal is a range', [
  ['Date__c', 'equals', 'LAST 7 DAYS', true, { Date__c: '2026-02-25' }],
  ['Date__c', 'lessThan', 'LAST 7 DAYS', true, { Date__c: '2026-02-24' }],
  ['Date__c', 'greaterThan', 'LAST 7 DAYS', false, { Date__c: '2026-03-04' }],
  ['Date__c', 'greaterThan', 'LAST 7 DAYS', true, { Date__c: '2026-03-05' }],
  ['Date__c', 'lessOrEqual', 'LAST 7 DAYS', true, { Date__c: '2026-03-04' }],
  ['Date__c', 'greaterOrEqual', 'LAST 7 DAYS', false, { Date__c: '2026-02-24' }],
  ['Date__c', 'greaterThan', '3/11/2018', true, { Date__c: '2018-03-12' }],
  ['Date__c', 'equals', '2018-03-11', true, { Date__c: '2018-03-11' }],
  ['Moment__c', 'equals', 'TODAY', true, { Moment__c: '2026-03-04T23:59:59.000Z' }],
  ['Moment__c', 'equals', 'TODAY', false, { Moment__c: '2026-03-05T00:00:00.000Z' }],
  ['Moment__c', 'lessThan', '12/31/2008 10:00 PM', true, { Moment__c: '2008-12-31T21:59:59.000Z' }],
  [
    'Moment__c',
    'greaterThan',
    '"12/31/2008, 10:00 PM"',
    true,
    { Moment__c: '2008-12-31T22:00:01.000Z' },
  ],
])

table('times of day, ids, and picklist values by label or API name', [
  ['Time__c', 'lessThan', '2:15 PM', true, { Time__c: '14:14:59.000Z' }],
  ['Time__c', 'equals', '14:15', true, { Time__c: '14:15:00.000Z' }],
  ['Id', 'equals', BOSS.recordId.slice(0, 15), false],
  ['Id', 'equals', thing().recordId.slice(0, 15), true],
  ['Stage__c', 'equals', 'HOT', true, { Stage__c: 'HOT' }],
  ['Stage__c', 'equals', 'very hot', true, { Stage__c: 'HOT' }],
])

const CHILD = { Parent__c: BOSS.recordId }

table('parents and references', [
  ['Parent__c.Name', 'equals', 'boss', true, CHILD],
  ['Parent__c.Limit__c', 'greaterThan', '39', true, CHILD],
  ['Parent__c.Twice__c', 'equals', '80', true, CHILD],
  ['Parent__c.Stage__c', 'equals', '', true, CHILD],
  ['Parent__c.Stage__c', 'notEqual', 'New', true, CHILD],
  ['Parent__c.Name', 'equals', 'Boss', false],
  ['Parent__c.Name', 'notEqual', 'Boss', false],
  ['Parent__c.Name', 'notContain', 'Boss', false],
  ['Parent__c.Name', 'equals', '', false],
  ['OwnerId', 'equals', 'anna ek', true, { OwnerId: ANNA.recordId }],
  ['OwnerId', 'notEqual', 'Anna Ek,Support', false, { OwnerId: QUEUE.recordId }],
  ['OwnerId', 'contains', 'supp', true, { OwnerId: QUEUE.recordId }],
  ['Parent__c', 'equals', 'Boss', true, CHILD],
  ['Parent__c', 'equals', '', true],
  ['Parent__c', 'notEqual', '', true, CHILD],
  ['Parent__c', 'notEqual', 'Boss', false],
  ['RecordTypeId', 'equals', 'big one', true, { RecordTypeId: KIND.recordId }],
  ['RecordTypeId', 'notEqual', 'Big One', true],
  ['RecordTypeId', 'equals', 'Big', true, { RecordTypeId: KIND.recordId }],
  ['RecordTypeId', 'notEqual', 'Small,BIG', false, { RecordTypeId: KIND.recordId }],
])

test('User.X is the running user, whose profile and role go by their names', () => {
  const profile = recordOf('Profile', 1, { Name: 'Sales' })
  const record = { ...ANNA, fields: { ...ANNA.fields, ProfileId: profile.recordId } }
  const user = { ...NOBODY, record, profile }
  assert.equal(isMet('User.ProfileId', 'equals', 'sales', { user }), true)
  assert.equal(isMet('User.Email', 'contains', 'anna', { user }), true)
  assert.equal(isMet('User.UserRoleId', 'notEqual', 'CEO', { user }), false)
  assert.equal(isMet('User.UserRoleId', 'equals', '', { user }), true)
  assert.equal(isMet('User.Email', 'notEqual', 'x'), false)
})

test('the two disputed answers for blank fields are settings', () => {
  assert.equal(
    isMet('Text__c', 'notEqual', 'a', { settings: { rules: { strictBlankNotEqual: true } } }),
    false,
  )
  assert.equal(
    isMet('Colors__c', 'excludes', 'A', { settings: { rules: { blankIsExcluded: false } } }),
    false,
  )
})

test('criteria say which parents must be read', () => {
  const compiled = compileCriteria(
    [
      { field: 'Parent__c.OwnerMail__c', operation: 'equals', value: 'x' },
      { field: 'Thing__c.OwnerId', operation: 'equals', value: 'x' },
    ],
    '1 OR 2',
    { object: THING, objects, formulaFields: new Map(), settings: SETTINGS },
  )
  assert.ok(compiled.kind === 'compiled')
  assert.deepEqual(compiled.paths, [['Parent__c'], ['Parent__c', 'OwnerId'], ['OwnerId']])
})

test('what cannot be compared is refused with the criterion it concerns', () => {
  for (const [field, operation, value, code] of [
    ['Thing__c.Number__c', 'equals', 'five', 'CRITERIA_INVALID_VALUE'],
    ['Thing__c.Number__c', 'equals', 'USD five', 'CRITERIA_INVALID_VALUE'],
    ['Thing__c.Time__c', 'lessThan', 'noon', 'CRITERIA_INVALID_VALUE'],
    ['Thing__c.Date__c', 'equals', '13/13/2018', 'CRITERIA_INVALID_VALUE'],
    ['Thing__c.Check__c', 'equals', 'maybe', 'CRITERIA_INVALID_VALUE'],
    ['Thing__c.Text__c', 'within', '5', 'CRITERIA_UNKNOWN_OPERATION'],
    ['Twin__c.Name', 'equals', 'x', 'CRITERIA_AMBIGUOUS_PARENT'],
    ['Thing__c.Broken__c', 'equals', '1', 'CRITERIA_BROKEN_FORMULA_FIELD'],
  ] as const) {
    const compiled = compile(field, operation, value)
    assert.ok(compiled.kind === 'broken', field)
    assert.equal(compiled.problem.code, code)
    assert.match(compiled.problem.message, /^criterion 1: /)
  }
})

test('a field, object or parent the definitions do not have is a warning, and never met', () => {
  for (const [field, code] of [
    ['Thing__c.Nowhere__c', 'CRITERIA_UNKNOWN_FIELD'],
    ['Nothing__c.Name', 'CRITERIA_UNKNOWN_OBJECT'],
    ['Limits__c.Max__c', 'CRITERIA_UNKNOWN_PARENT'],
  ] as const) {
    const compiled = compile(field, 'notEqual', 'x')
    assert.ok(compiled.kind === 'compiled', field)
    assert.equal(compiled.warnings[0]?.code, code)
    assert.equal(compiled.holds(contextOf(thing())), false)
  }
})

test('a value that does not fit a type that was only guessed is compared as a text', () => {
  const object = {
    ...THING,
    fields: [...THING.fields, fieldOfType('Due_Date__c', 'date', { guessed: true })],
  }
  const scope = { object, objects, formulaFields: new Map(), settings: SETTINGS }
  const items = [{ field: 'Thing__c.Due_Date__c', operation: 'equals', value: 'soon' }]
  const compiled = compileCriteria(items, null, scope)
  assert.ok(compiled.kind === 'compiled')
  assert.equal(compiled.holds(contextOf(thing({ Due_Date__c: 'Soon' }))), true)
})
