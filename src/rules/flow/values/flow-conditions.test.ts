import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decisionXml,
  flowXml,
  obstaclesOf,
  outboundMessageXml,
  runXml,
} from '../../../../test/support/flows.ts'
import { ANNA, recordOf } from '../../../../test/support/rules-org.ts'
import type { FieldValues } from '../../../schema/field-value.ts'

type Right = string | number | boolean | null
type Row = readonly [
  left: string,
  operator: string,
  right: Right,
  after: FieldValues,
  isMet: boolean,
]

const TELL = outboundMessageXml('Thing__c.Tell', { name: 'Then' })

function isMet(
  conditions: readonly (readonly [string, string, Right])[],
  after: FieldValues,
  {
    before = null,
    logic = 'and',
    more = '',
    body = '',
  }: {
    before?: FieldValues | null
    logic?: string
    more?: string
    body?: string
  } = {},
): boolean {
  const decision = decisionXml(conditions, { logic, more })
  const others = [ANNA, PARENT]
  const ran = runXml(flowXml({ body: `${decision}${TELL}${body}` }), after, { before, others })
  return ran.outboundMessages.length === 1
}

const PARENT = recordOf('Parent__c', 7, { Name: 'Acme', Limit__c: '10' })
const CHILD = { Parent__c: PARENT.recordId }

test('each operator holds for what it says, whatever the case of texts', () => {
  const rows: readonly Row[] = [
    ['$Record.Text__c', 'EqualTo', 'acme', { Text__c: 'ACME' }, true],
    ['$Record.Text__c', 'EqualTo', 'acme', { Text__c: 'Acme Ltd' }, false],
    ['$Record.Text__c', 'NotEqualTo', 'acme', { Text__c: 'ACME' }, false],
    ['$Record.Text__c', 'Contains', 'CME', { Text__c: 'Acme Ltd' }, true],
    ['$Record.Text__c', 'Contains', 'x', { Text__c: 'Acme Ltd' }, false],
    ['$Record.Text__c', 'StartsWith', 'acme', { Text__c: 'Acme Ltd' }, true],
    ['$Record.Text__c', 'StartsWith', 'ltd', { Text__c: 'Acme Ltd' }, false],
    ['$Record.Text__c', 'EndsWith', 'LTD', { Text__c: 'Acme Ltd' }, true],
    ['$Record.Stage__c', 'EqualTo', 'HOT', { Stage__c: 'HOT' }, true],
    ['$Record.Number__c', 'EqualTo', 20, { Number__c: '20.00' }, true],
    ['$Record.Number__c', 'GreaterThan', 20, { Number__c: '20.01' }, true],
    ['$Record.Number__c', 'GreaterThan', 20, { Number__c: '20' }, false],
    ['$Record.Number__c', 'GreaterThanOrEqualTo', 20, { Number__c: '20' }, true],
    ['$Record.Number__c', 'LessThan', 20, { Number__c: '9' }, true],
    ['$Record.Number__c', 'LessThanOrEqualTo', 20, { Number__c: '21' }, false],
    ['$Record.Percent__c', 'EqualTo', 20, { Percent__c: '20' }, true],
    ['$Record.Check__c', 'EqualTo', true, { Check__c: true }, true],
    ['$Record.Check__c', 'EqualTo', '!$GlobalConstant.False', {}, true],
    ['$Record.Date__c', 'LessThan', '!$Flow.CurrentDate', { Date__c: '2026-03-03' }, true],
    ['$Record.Date__c', 'EqualTo', '!$Flow.CurrentDate', { Date__c: '2026-03-04' }, true],
    [
      '$Record.Moment__c',
      'GreaterThan',
      '!$Flow.CurrentDateTime',
      { Moment__c: '2026-03-04T12:30:00.000Z' },
      false,
    ],
    ['$Record.Parent__r.Name', 'EqualTo', 'Acme', CHILD, true],
    ['$Record.Parent__r.Twice__c', 'EqualTo', 20, CHILD, true],
    ['$Record.OwnerId', 'EqualTo', ANNA.recordId.slice(0, 15), { OwnerId: ANNA.recordId }, true],
  ]
  for (const [left, operator, right, after, wanted] of rows) {
    assert.equal(isMet([[left, operator, right]], after), wanted, `${left} ${operator} ${right}`)
  }
})

test('blank equals only blank, is less than nothing, and contains nothing', () => {
  const rows: readonly Row[] = [
    ['$Record.Text__c', 'EqualTo', 'x', {}, false],
    ['$Record.Text__c', 'NotEqualTo', 'x', {}, true],
    ['$Record.Text__c', 'EqualTo', null, {}, true],
    ['$Record.Text__c', 'EqualTo', '!$GlobalConstant.EmptyString', {}, false],
    ['$Record.Text__c', 'EqualTo', '!$Record.Name', {}, true],
    ['$Record.Text__c', 'Contains', 'x', {}, false],
    ['$Record.Number__c', 'EqualTo', 0, {}, false],
    ['$Record.Number__c', 'EqualTo', '!$Record.Amount__c', {}, true],
    ['$Record.Date__c', 'EqualTo', null, {}, true],
    ['$Record.Number__c', 'NotEqualTo', 0, {}, true],
    ['$Record.Number__c', 'LessThan', 1, {}, false],
    ['$Record.Number__c', 'GreaterThan', -1, {}, false],
    ['$Record.Parent__r.Name', 'NotEqualTo', 'Acme', {}, true],
    ['$Record.Text__c', 'IsNull', true, {}, true],
    ['$Record.Text__c', 'IsNull', false, {}, false],
    ['$Record.Text__c', 'IsNull', false, { Text__c: 'x' }, true],
    ['$Record.Check__c', 'IsNull', true, {}, false],
    ['$Record.Parent__r.Name', 'IsNull', true, {}, true],
    ['$Record.Text__c', 'IsBlank', true, {}, true],
    ['$Record.Text__c', 'IsBlank', true, { Text__c: 'x' }, false],
    ['$Record__Prior.Text__c', 'IsNull', true, { Text__c: 'x' }, true],
  ]
  for (const [left, operator, right, after, wanted] of rows) {
    assert.equal(isMet([[left, operator, right]], after), wanted, `${left} ${operator} ${right}`)
  }
})

test('a text of no characters is blank, and is not null', () => {
  const body =
    '<variables><name>Empty</name><dataType>String</dataType><value><elementReference>$GlobalConstant.EmptyString</elementReference></value></variables>'
  assert.equal(isMet([['Empty', 'IsNull', true]], {}, { body }), false)
  assert.equal(isMet([['Empty', 'IsBlank', true]], {}, { body }), true)
  assert.equal(isMet([['Empty', 'EqualTo', '!$GlobalConstant.EmptyString']], {}, { body }), true)
})

test('IsChanged compares with the record before the save, and holds for no new record', () => {
  const changed = (after: FieldValues, before: FieldValues | null) =>
    isMet([['$Record.Number__c', 'IsChanged', true]], after, { before })
  assert.equal(changed({ Number__c: '2' }, { Number__c: '1' }), true)
  assert.equal(changed({ Number__c: '2' }, { Number__c: '2.00' }), false)
  assert.equal(changed({ Number__c: '0' }, {}), true)
  assert.equal(changed({ Number__c: '2' }, null), false)
  const unchanged = [['$Record.Number__c', 'IsChanged', false]] as const
  assert.equal(isMet(unchanged, { Number__c: '2' }, { before: { Number__c: '2' } }), true)
})

test('conditions are joined by and, by or, or by their numbers', () => {
  const conditions = [
    ['$Record.Text__c', 'EqualTo', 'a'],
    ['$Record.Number__c', 'EqualTo', 1],
    ['$Record.Check__c', 'EqualTo', true],
  ] as const
  const met = (logic: string, after: FieldValues) => isMet(conditions, after, { logic })
  assert.equal(met('and', { Text__c: 'a', Number__c: '1' }), false)
  assert.equal(met('or', { Number__c: '1' }), true)
  assert.equal(met('or', {}), false)
  assert.equal(met('1 AND (2 OR 3)', { Text__c: 'a', Check__c: true }), true)
  assert.equal(met('1 AND NOT (2 or 3)', { Text__c: 'a', Check__c: true }), false)
})

test('an outcome that asks for a change is taken by the save that meets its conditions', () => {
  const more =
    '<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>'
  const met = (after: FieldValues, before: FieldValues | null) =>
    isMet([['$Record.Text__c', 'EqualTo', 'a']], after, { before, more })
  assert.equal(met({ Text__c: 'a' }, null), true)
  assert.equal(met({ Text__c: 'a' }, { Text__c: 'b' }), true)
  assert.equal(met({ Text__c: 'a' }, { Text__c: 'a' }), false)
})

test('what cannot be compared for sure keeps the flow from being run', () => {
  const rows: readonly [string, string, Right, RegExp][] = [
    ['$Record.Number__c', 'EqualTo', 'x', /compares Number with Text/],
    ['$Record.Moment__c', 'LessThan', '!$Flow.CurrentDate', /compares DateTime with Date/],
    ['$Record.Text__c', 'EqualTo', '', /an empty text/],
    ['$Record.Text__c', 'In', 'x', /the operator "In"/],
    ['$Record.Text__c', 'IsEmpty', true, /the operator "IsEmpty"/],
    ['$Record.Text__c', 'LessThan', 'x', /it has no order/],
    ['$Record.Number__c', 'Contains', 1, /is no text/],
    ['$Record__Prior.Text__c', 'IsChanged', true, /IsChanged is for fields of \$Record/],
    ['$Record.Nothing__c', 'IsNull', true, /Thing__c has no field "\$Record.Nothing__c"/],
    ['Nobody', 'IsNull', true, /the flow has nothing that is called "Nobody"/],
    ['$Nonsense.X', 'IsNull', true, /there is no/],
    ['$Record.Text__c', 'IsNull', 'true', /IsNull takes true or false, found Text/],
  ]
  for (const [left, operator, right, reason] of rows) {
    const body = `${decisionXml([[left, operator, right]])}${TELL}`
    assert.match(obstaclesOf(flowXml({ body })).join(), reason)
  }
  const logic = { logic: '1 AND 2' }
  const body = `${decisionXml([['$Record.Text__c', 'IsNull', true]], logic)}${TELL}`
  assert.match(obstaclesOf(flowXml({ body })).join(), /names criterion 2/)
})
