import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  contextOf,
  fireContext,
  NOON,
  objects,
  ruleOf,
  thing,
} from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { compileRules } from '../compile-rules.ts'
import type { TimeTrigger } from '../workflow-rule.ts'

function compile(trigger: Partial<TimeTrigger>) {
  const timeTriggers = [
    { actions: [], offsetFromField: null, timeLength: 0, unit: 'Days' as const, ...trigger },
  ]
  const triggerType = 'onCreateOrTriggeringUpdate'
  const compiled = compileRules({
    rules: [ruleOf('R', { formula: 'TRUE', triggerType, timeTriggers })],
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  return { ...compiled, trigger: compiled.timedRule('thing__c', 'R')?.timeTriggers[0] }
}

/** When the trigger is due for a thing with these fields, in the given zone; null when never. */
function due(trigger: Partial<TimeTrigger>, fields: FieldValues, timeZone = 'UTC', now = NOON) {
  const compiled = compile(trigger).trigger ?? assert.fail()
  const { org } = fireContext()
  const at = compiled.dueAt(contextOf(thing(fields), { now, org: { ...org, timeZone } }))
  return at === null ? null : new Date(at).toISOString()
}

const BY_DATE = { offsetFromField: 'Thing__c.Date__c' }
const BY_MOMENT = { offsetFromField: 'Thing__c.Moment__c' }

test('without a field a time trigger counts from the moment the rule fires', () => {
  assert.equal(due({ timeLength: 3 }, {}), '2026-03-07T12:30:00.000Z')
  assert.equal(due({ timeLength: -2, unit: 'Hours' }, {}), '2026-03-04T10:30:00.000Z')
  assert.equal(due({}, {}), new Date(NOON).toISOString())
})

test('a date counts from its beginning in the organisation’s time zone', () => {
  const fields = { Date__c: '2026-06-10' }
  assert.equal(due({ ...BY_DATE, timeLength: -7 }, fields), '2026-06-03T00:00:00.000Z')
  assert.equal(
    due({ ...BY_DATE, timeLength: -7 }, fields, 'Europe/Berlin'),
    '2026-06-02T22:00:00.000Z',
  )
  assert.equal(
    due({ ...BY_DATE, timeLength: 2, unit: 'Hours' }, fields, 'America/Los_Angeles'),
    '2026-06-10T09:00:00.000Z',
  )
})

test('days keep the time of day when the clocks change, hours do not', () => {
  // Berlin goes from UTC+1 to UTC+2 on 29 March 2026, and back on 25 October.
  const spring = { Moment__c: '2026-03-28T12:00:00.000Z' }
  const autumn = { Moment__c: '2026-10-24T12:00:00.000Z' }
  const days = { ...BY_MOMENT, timeLength: 2 }
  const hours = { ...BY_MOMENT, timeLength: 48, unit: 'Hours' as const }
  assert.equal(due(days, spring, 'Europe/Berlin'), '2026-03-30T11:00:00.000Z')
  assert.equal(due(hours, spring, 'Europe/Berlin'), '2026-03-30T12:00:00.000Z')
  assert.equal(due(days, autumn, 'Europe/Berlin'), '2026-10-26T13:00:00.000Z')
  assert.equal(due(hours, autumn, 'Europe/Berlin'), '2026-10-26T12:00:00.000Z')
  const date = { Date__c: '2026-03-28' }
  assert.equal(
    due({ ...BY_DATE, timeLength: 2 }, date, 'Europe/Berlin'),
    '2026-03-29T22:00:00.000Z',
  )
  const fired = Date.UTC(2026, 2, 28, 12)
  assert.equal(due({ timeLength: 2 }, {}, 'Europe/Berlin', fired), '2026-03-30T11:00:00.000Z')
})

test('a time that the clocks skip is the hour after, one that they repeat is its first', () => {
  const skipped = { Moment__c: '2026-03-28T01:30:00.000Z' } // 02:30 in Berlin, which 29 March has not
  const repeated = { Moment__c: '2026-10-24T00:30:00.000Z' } // 02:30, which 25 October has twice
  const day = { ...BY_MOMENT, timeLength: 1 }
  assert.equal(due(day, skipped, 'Europe/Berlin'), '2026-03-29T01:30:00.000Z')
  assert.equal(due(day, repeated, 'Europe/Berlin'), '2026-10-25T00:30:00.000Z')
  // Beirut's 29 March 2026 begins at one o'clock.
  const date = { Date__c: '2026-03-28' }
  assert.equal(due({ ...BY_DATE, timeLength: 1 }, date, 'Asia/Beirut'), '2026-03-28T22:00:00.000Z')
  assert.equal(due({ ...BY_DATE, timeLength: 2 }, date, 'Asia/Beirut'), '2026-03-29T21:00:00.000Z')
})

test('a blank date gives no due time', () => {
  assert.equal(due(BY_DATE, {}), null)
  assert.equal(due(BY_MOMENT, {}), null)
})

test('what cannot be counted from is reported, and never due', () => {
  const broken: readonly (readonly [Partial<TimeTrigger>, RegExp])[] = [
    [{ offsetFromField: 'Thing__c.Text__c' }, /Text__c is no date/],
    [{ offsetFromField: 'Parent__c.Name' }, /is no field of Thing__c/],
    [{ offsetFromField: 'Date__c' }, /is no field of Thing__c/],
    [{ timeLength: 100_001 }, /100001 Days is never due/],
  ]
  for (const [trigger, message] of broken) {
    const { problems } = compile(trigger)
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['TIME_TRIGGER_BROKEN'],
    )
    assert.match(problems[0]?.message ?? '', message)
    assert.equal(due(trigger, { Date__c: '2026-01-01' }), null)
  }
})

test('a date that the project does not know is a warning: the trigger is never due', () => {
  const trigger = { offsetFromField: 'Thing__c.Elsewhere__c' }
  const { problems } = compile(trigger)
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [['CRITERIA_UNKNOWN_FIELD', 'warning']],
  )
  assert.equal(due(trigger, {}), null)
})

test('time triggers name their actions, and those that are not there are told', () => {
  const actions = [
    { name: 'Tell', type: 'OutboundMessage' },
    { name: 'Set', type: 'FieldUpdate' },
  ]
  const { problems, trigger } = compile({ actions })
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ACTION_UNKNOWN', 'ACTION_UNKNOWN'],
  )
  assert.deepEqual([trigger?.fieldUpdates, trigger?.outboundMessages], [[], []])
})
