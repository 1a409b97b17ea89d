import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fireContext,
  objects,
  ruleOf,
  taskOf,
  thing,
  updateOf,
} from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { compileRules } from '../compile-rules.ts'
import { fireTimeTrigger } from '../fire-rules.ts'
import type { FieldUpdate, WorkflowRule } from '../workflow-rule.ts'

const TELL = { name: 'Tell', type: 'OutboundMessage' }
const later = (...names: readonly string[]) => ({
  actions: [...names.map((name) => ({ name, type: 'FieldUpdate' })), TELL],
  offsetFromField: null,
  timeLength: 1,
  unit: 'Days' as const,
})

/** What the first time trigger of the rule R does with a thing of these fields. */
function fireLater(
  rules: readonly WorkflowRule[],
  updates: readonly FieldUpdate[],
  fields: FieldValues,
) {
  const compiled = compileRules({
    rules,
    fieldUpdates: updates,
    tasks: [taskOf('Call')],
    alertKeys: [],
    outboundMessageKeys: ['Thing__c.Tell', 'Thing__c.Other'],
    objects,
    settings: { locale: 'en_US' },
  })
  const rule = compiled.timedRule('Thing__c', 'R') ?? assert.fail()
  const actions = rule.timeTriggers[0] ?? assert.fail()
  return fireTimeTrigger(compiled, { rule, actions, record: thing(fields) }, fireContext())
}

test('a time trigger carries out its own actions, not the immediate ones of its rule', () => {
  const trigger = later('Set')
  const withTask = { ...trigger, actions: [...trigger.actions, { name: 'Call', type: 'Task' }] }
  const immediate = [{ name: 'Other', type: 'OutboundMessage' }]
  const rules = [ruleOf('R', { formula: 'TRUE', actions: immediate, timeTriggers: [withTask] })]

  const fired = fireLater(rules, [updateOf('Set', { literalValue: 'later' })], {})

  assert.deepEqual(fired.fields, { Text__c: 'later' })
  assert.deepEqual(fired.outboundMessages, [{ key: 'Thing__c.Tell', ruleFullName: 'R' }])
  assert.deepEqual(
    fired.tasks.map(({ key }) => key),
    ['Thing__c.Call'],
  )
  assert.deepEqual(fired.firedRules, [])
})

test('its field updates see the record as it stands: nothing is new, nothing has changed', () => {
  const formula = 'IF(ISNEW() || ISCHANGED(Text__c), "changed", PRIORVALUE(Text__c) & " still")'
  const rules = [ruleOf('R', { formula: 'TRUE', timeTriggers: [later('Set')] })]

  const updates = [updateOf('Set', { operation: 'Formula', formula })]
  const { fields } = fireLater(rules, updates, { Text__c: 'old' })

  assert.deepEqual(fields, { Text__c: 'old still' })
})

test('rules are evaluated again only where a field update of it asks for that, and its own rule not', () => {
  const rules = [
    ruleOf('R', { formula: 'TRUE', actions: [TELL], timeTriggers: [later('Set')] }),
    ruleOf('Sees', { formula: 'ISCHANGED(Text__c)', actions: [TELL] }),
  ]
  const fire = (reevaluateOnChange: boolean) =>
    fireLater(rules, [updateOf('Set', { literalValue: 'x', reevaluateOnChange })], {})

  assert.deepEqual(fire(false).firedRules, [])
  assert.deepEqual(fire(true).firedRules, [{ fullName: 'Sees', round: 1 }])
  assert.deepEqual(
    fire(true).outboundMessages.map(({ ruleFullName }) => ruleFullName),
    ['R', 'Sees'],
  )
})
