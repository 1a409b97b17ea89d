import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANNA,
  fireContext,
  objects,
  QUEUE,
  recordOf,
  ruleOf,
  thing,
  updateOf,
} from '../../test/support/rules-org.ts'
import type { FieldValues } from '../schema/field-value.ts'
import type { OrgRecord } from '../schema/record.ts'
import { compileRules } from './compile-rules.ts'
import { fireRules, REEVALUATIONS_MAX } from './fire-rules.ts'
import type { FieldUpdate, WorkflowRule } from './workflow-rule.ts'

type Setup = {
  readonly rules: readonly WorkflowRule[]
  readonly updates?: readonly FieldUpdate[]
  readonly others?: readonly OrgRecord[]
}

function fire(
  { rules, updates = [], others = [] }: Setup,
  before: FieldValues | null,
  after: FieldValues,
) {
  const compiled = compileRules({
    rules,
    fieldUpdates: updates,
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: ['Thing__c.Tell'],
    objects,
    settings: { locale: 'en_US' },
  })
  const record = thing(after)
  const change = {
    objectName: 'Thing__c',
    recordId: record.recordId,
    before: before && thing(before),
    after: record,
  }
  return fireRules(compiled, change, fireContext(others))
}

const updates = (...names: readonly string[]) =>
  names.map((name) => ({ name, type: 'FieldUpdate' }))
const TELL = { name: 'Tell', type: 'OutboundMessage' }

test('each fired rule owes its own message, in file order', () => {
  const fired = fire(
    {
      rules: [
        ruleOf('One', { formula: 'TRUE', actions: [TELL] }),
        ruleOf('Two', { formula: 'FALSE', actions: [TELL] }),
        ruleOf('Three', { formula: 'ISNEW()', actions: [TELL] }),
      ],
    },
    null,
    {},
  )
  assert.deepEqual(fired.firedRules, [
    { fullName: 'One', round: 0 },
    { fullName: 'Three', round: 0 },
  ])
  assert.deepEqual(fired.outboundMessages, [
    { key: 'Thing__c.Tell', ruleFullName: 'One' },
    { key: 'Thing__c.Tell', ruleFullName: 'Three' },
  ])
})

test('what is not carried out here is told; what time triggers do is not due yet', () => {
  const timeTriggers = [
    {
      actions: [{ name: 'Later', type: 'Send' }],
      offsetFromField: null,
      timeLength: 3,
      unit: 'Days' as const,
    },
  ]
  const actions = [
    { name: 'Post', type: 'KnowledgePublish' },
    { name: 'Gone', type: 'FieldUpdate' },
  ]
  const { notExecuted } = fire(
    { rules: [ruleOf('R', { formula: 'TRUE', actions, timeTriggers })] },
    null,
    {},
  )
  assert.deepEqual(notExecuted, [{ rule: 'R', action: 'Post', type: 'KnowledgePublish' }])
})

test('every operation of a field update', () => {
  const names = ['Text', 'Check', 'Blank', 'Percent', 'Round', 'Owner', 'Next', 'Date', 'Uncheck']
  const fired = fire(
    {
      rules: [ruleOf('R', { formula: 'TRUE', actions: updates(...names) })],
      updates: [
        updateOf('Text', { literalValue: 'hello' }),
        updateOf('Check', { field: 'Check__c', literalValue: '1' }),
        updateOf('Blank', { field: 'Name', operation: 'Null' }),
        updateOf('Percent', { field: 'Percent__c', operation: 'Formula', formula: '1/3' }),
        updateOf('Round', { field: 'Number__c', operation: 'Formula', formula: '1.005' }),
        updateOf('Owner', {
          field: 'OwnerId',
          operation: 'LookupValue',
          lookupValue: 'Support',
          lookupValueType: 'Queue',
        }),
        updateOf('Next', { field: 'Stage__c', operation: 'NextValue' }),
        updateOf('Date', { field: 'Date__c', operation: 'Formula', formula: 'TODAY() + 1' }),
        updateOf('Uncheck', { field: 'Check__c', operation: 'Null' }),
      ],
    },
    null,
    { Name: 'x', Stage__c: 'New', Check__c: true },
  )
  assert.deepEqual(fired.errors, [])
  assert.deepEqual(fired.fields, {
    Text__c: 'hello',
    Name: null,
    Percent__c: '33.33',
    Number__c: '1.01',
    OwnerId: QUEUE.recordId,
    Stage__c: 'HOT', // the value between is not active
    Date__c: '2026-03-05',
    Check__c: false, // the later of two updates wins
  })
})

test('at the end of the picklist, next and previous change nothing', () => {
  const setup = (operation: 'NextValue' | 'PreviousValue') => ({
    rules: [ruleOf('R', { formula: 'TRUE', actions: updates('Move') })],
    updates: [updateOf('Move', { field: 'Stage__c', operation })],
  })
  assert.deepEqual(fire(setup('NextValue'), null, { Stage__c: 'Closed' }).fields, {})
  assert.deepEqual(fire(setup('PreviousValue'), null, { Stage__c: 'New' }).fields, {})
  assert.deepEqual(fire(setup('PreviousValue'), null, { Stage__c: 'HOT' }).fields, {
    Stage__c: 'New',
  })
  assert.deepEqual(fire(setup('NextValue'), null, {}).fields, {})
})

test('a parent is updated by its reference, from the record that was saved', () => {
  const parent = recordOf('Parent__c', 4, { Limit__c: '1' })
  const setup = {
    rules: [ruleOf('R', { formula: 'TRUE', actions: updates('Up') })],
    updates: [
      updateOf('Up', {
        field: 'Limit__c',
        targetObject: 'Parent__c',
        operation: 'Formula',
        formula: 'Number__c + Parent__r.Limit__c',
        reevaluateOnChange: true,
      }),
    ],
    others: [parent],
  }
  const fired = fire(setup, null, { Number__c: '2', Parent__c: parent.recordId })
  assert.deepEqual(fired.fields, {})
  assert.deepEqual(fired.parentUpdates, [
    { recordId: parent.recordId, objectName: 'Parent__c', field: 'Limit__c', value: '3' },
  ])
  assert.deepEqual(fire(setup, null, {}).parentUpdates, [])
})

/** Rules in a row: each waits for what the one before writes, and stands before it in the file. */
function chain(length: number, reevaluateOnChange: boolean): Setup {
  const numbers = Array.from({ length }, (_, index) => length - 1 - index)
  return {
    rules: numbers.map((n) =>
      ruleOf(`R${n}`, { formula: `Number__c = ${n}`, actions: [...updates(`To${n + 1}`), TELL] }),
    ),
    updates: numbers.map((n) =>
      updateOf(`To${n + 1}`, {
        field: 'Number__c',
        literalValue: String(n + 1),
        reevaluateOnChange,
      }),
    ),
  }
}

test('an update that asks for it has the rules evaluated again, up to five times', () => {
  const fired = fire(chain(9, true), null, { Number__c: '0' })
  assert.equal(fired.firedRules.length, REEVALUATIONS_MAX + 1)
  assert.deepEqual(fired.firedRules.at(-1), { fullName: 'R5', round: 5 })
  assert.deepEqual(fired.fields, { Number__c: '6' })
  assert.equal(fired.outboundMessages.length, 6)
})

test('an update that does not ask for it, or changes nothing, ends the rounds', () => {
  assert.deepEqual(fire(chain(3, false), null, { Number__c: '0' }).firedRules, [
    { fullName: 'R0', round: 0 },
  ])
  const unchanged = {
    rules: [
      ruleOf('Late', { formula: 'Text__c = "done"', triggerType: 'onCreateOnly' }),
      ruleOf('R', { formula: 'TRUE', actions: updates('Same') }),
    ],
    updates: [updateOf('Same', { literalValue: 'same', reevaluateOnChange: true })],
  }
  assert.equal(fire(unchanged, null, { Text__c: 'same' }).firedRules.length, 1)
})

test('a rule fires once in a transaction, however often it is evaluated', () => {
  const fired = fire(
    {
      rules: [ruleOf('Flip', { formula: 'TRUE', actions: [...updates('Add'), TELL] })],
      updates: [
        updateOf('Add', {
          field: 'Number__c',
          operation: 'Formula',
          formula: 'Number__c + 1',
          reevaluateOnChange: true,
        }),
      ],
    },
    null,
    { Number__c: '1' },
  )
  assert.deepEqual(fired.fields, { Number__c: '2' })
  assert.equal(fired.outboundMessages.length, 1)
})

test('in later rounds the event stays what it was, and old values are those before the save', () => {
  const setup = {
    rules: [
      ruleOf('Later', {
        formula:
          'AND(Text__c = "on", ISCHANGED(Number__c), PRIORVALUE(Number__c) = 1, NOT(ISNEW()))',
        actions: [TELL],
      }),
      ruleOf('First', { formula: 'TRUE', actions: updates('On', 'Nine') }),
    ],
    updates: [
      updateOf('On', { literalValue: 'on', reevaluateOnChange: true }),
      updateOf('Nine', { field: 'Number__c', literalValue: '9' }),
    ],
  }
  const fired = fire(setup, { Number__c: '1' }, { Number__c: '2' })
  assert.deepEqual(fired.firedRules.at(-1), { fullName: 'Later', round: 1 })
})

test('a formula without a result does not fire its rule, and keeps no other from firing', () => {
  const fired = fire(
    {
      rules: [
        ruleOf('Bad', { formula: '1 / Number__c > 0', actions: [TELL] }),
        ruleOf('Good', { formula: 'TRUE', actions: [...updates('Wrong', 'Nobody'), TELL] }),
      ],
      updates: [
        updateOf('Wrong', { operation: 'Formula', formula: 'TEXT(VALUE(Name))' }),
        updateOf('Nobody', {
          field: 'OwnerId',
          operation: 'LookupValue',
          lookupValue: 'who@example.com',
          lookupValueType: 'User',
        }),
      ],
    },
    null,
    { Number__c: '0', Name: 'abc' },
  )
  assert.deepEqual(fired.firedRules, [{ fullName: 'Good', round: 0 }])
  assert.equal(fired.outboundMessages.length, 1)
  assert.deepEqual(fired.errors, [
    { rule: 'Bad', message: 'division by zero' },
    { rule: 'Good', message: 'VALUE: not a number: "abc"' },
    { rule: 'Good', message: "there is no User named 'who@example.com'" },
  ])
})

test('a username is looked up for an owner', () => {
  const setup = {
    rules: [ruleOf('R', { formula: 'TRUE', actions: updates('Owner') })],
    updates: [
      updateOf('Owner', {
        field: 'OwnerId',
        operation: 'LookupValue',
        lookupValue: 'anna@example.com',
        lookupValueType: 'User',
      }),
    ],
  }
  assert.deepEqual(fire(setup, null, {}).fields, { OwnerId: ANNA.recordId })
})
