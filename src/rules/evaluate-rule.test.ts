import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fireContext, objects, recordOf, ruleOf, thing } from '../../test/support/rules-org.ts'
import type { FieldValues } from '../schema/field-value.ts'
import { compileRules } from './compile-rules.ts'
import { ruleFires } from './evaluate-rule.ts'
import type { TriggerType, WorkflowRule } from './workflow-rule.ts'

function fires(
  rule: Partial<WorkflowRule>,
  before: FieldValues | null,
  after: FieldValues,
  others: Parameters<typeof fireContext>[0] = [],
): boolean {
  const compiled = compileRules({
    rules: [ruleOf('Rule', rule)],
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  const [only] = compiled.outcomes
  assert.ok(only?.kind === 'compiled', JSON.stringify(compiled.problems))
  const change = { before: before && thing(before), after: thing(after) }
  return ruleFires(only.compiled, change, fireContext(others))
}

const MEETS = { Text__c: 'yes' }
const MISSES = { Text__c: 'no' }
const CRITERIA = [{ field: 'Thing__c.Text__c', operation: 'equals', value: 'yes' }]

describe('when a rule fires', () => {
  const rows: readonly [TriggerType, string, FieldValues | null, FieldValues, boolean][] = [
    ['onCreateOnly', 'a new record that meets the criteria', null, MEETS, true],
    ['onCreateOnly', 'a new record that misses them', null, MISSES, false],
    ['onCreateOnly', 'an edit that makes it meet them', MISSES, MEETS, false],
    ['onCreateOnly', 'an edit of one that meets them', MEETS, MEETS, false],
    ['onAllChanges', 'a new record that meets the criteria', null, MEETS, true],
    ['onAllChanges', 'a new record that misses them', null, MISSES, false],
    ['onAllChanges', 'an edit that makes it meet them', MISSES, MEETS, true],
    ['onAllChanges', 'an edit of one that meets them, nothing changed', MEETS, MEETS, true],
    ['onAllChanges', 'an edit that makes it miss them', MEETS, MISSES, false],
    ['onCreateOrTriggeringUpdate', 'a new record that meets the criteria', null, MEETS, true],
    ['onCreateOrTriggeringUpdate', 'a new record that misses them', null, MISSES, false],
    ['onCreateOrTriggeringUpdate', 'an edit that makes it meet them', MISSES, MEETS, true],
    ['onCreateOrTriggeringUpdate', 'an edit of one that meets them', MEETS, MEETS, false],
    ['onCreateOrTriggeringUpdate', 'an edit that makes it miss them', MEETS, MISSES, false],
    ['OnRecursiveUpdate', 'a new record that meets the criteria', null, MEETS, false],
  ]
  for (const [triggerType, what, before, after, expected] of rows) {
    test(`${triggerType}: ${what} ${expected ? 'fires' : 'does not fire'} it`, () => {
      assert.equal(fires({ triggerType, criteriaItems: CRITERIA }, before, after), expected)
    })
  }
})

test('a rule that is not active never fires', () => {
  assert.equal(fires({ active: false, formula: 'TRUE' }, null, MEETS), false)
})

test('a record that gets another parent fires a rule whose criteria it met before', () => {
  const [one, other] = [recordOf('Parent__c', 1), recordOf('Parent__c', 2)]
  const rule = { triggerType: 'onCreateOrTriggeringUpdate', criteriaItems: CRITERIA } as const
  const under = (parent: typeof one) => ({ ...MEETS, Parent__c: parent.recordId })
  assert.equal(fires(rule, under(one), under(other)), true)
  assert.equal(fires(rule, under(one), under(one)), false)
  assert.equal(fires(rule, under(one), { ...under(other), Text__c: 'no' }), false)
})

test('another owner or record type is no other parent', () => {
  const rule = { triggerType: 'onCreateOrTriggeringUpdate', criteriaItems: CRITERIA } as const
  const owned = (serial: number) => ({ ...MEETS, OwnerId: recordOf('User', serial).recordId })
  assert.equal(fires(rule, owned(1), owned(2)), false)
})

test('a rule that becomes true by time alone does not fire on an unrelated edit', () => {
  const rule = { triggerType: 'onCreateOrTriggeringUpdate', formula: 'Date__c < TODAY()' } as const
  const overdue = { Date__c: '2026-03-01' }
  assert.equal(fires(rule, overdue, { ...overdue, Text__c: 'x' }), false)
  assert.equal(fires(rule, { Date__c: '2026-03-10' }, overdue), true)
})

test('old values for which the formula has no result did not meet it', () => {
  const rule = { triggerType: 'onCreateOrTriggeringUpdate', formula: '1 / Number__c < 1' } as const
  assert.equal(fires(rule, { Number__c: '0' }, { Number__c: '5' }), true)
})

test('a formula that is null does not fire', () => {
  assert.equal(fires({ formula: 'NOT(Amount__c > 5)' }, null, {}), false)
  assert.equal(fires({ formula: 'NOT(AND(Amount__c > 5))' }, null, {}), true)
  assert.equal(fires({ formula: 'Amount__c <> 5' }, null, {}), false)
})
