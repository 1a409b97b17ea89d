import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objects, ruleOf, updateOf } from '../../test/support/rules-org.ts'
import { compileRules } from './compile-rules.ts'
import type { FieldUpdate, WorkflowRule } from './workflow-rule.ts'

function compile(rules: readonly WorkflowRule[], fieldUpdates: readonly FieldUpdate[] = []) {
  return compileRules({
    rules,
    fieldUpdates,
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: ['Thing__c.Tell'],
    objects,
    settings: { locale: 'en_US' },
  })
}

test('a broken rule is reported with its place, and keeps no other from working', () => {
  const place = { file: 'workflows/Thing__c.workflow-meta.xml', line: 12 }
  const compiled = compile([
    ruleOf('Bad%3A one', { formula: 'IF(', place }),
    ruleOf('Good', { formula: 'TRUE' }),
  ])
  assert.deepEqual(compiled.problems, [
    {
      ...place,
      code: 'FORMULA_SYNTAX',
      severity: 'error',
      message: 'rule Thing__c Bad: one: formula line 1, column 4: expected a value, found the end',
    },
  ])
  assert.deepEqual(
    compiled.forObject('thing__C').map((rule) => rule.fullName),
    ['Good'],
  )
  assert.deepEqual(
    compiled.outcomes.map((outcome) => outcome.kind),
    ['broken', 'compiled'],
  )
})

test('every way a rule can be broken or doubtful has its code', () => {
  const item = { field: 'Thing__c.Text__c', operation: 'equals', value: 'x' }
  const trigger = { actions: [], offsetFromField: null, timeLength: 1, unit: 'Hours' as const }
  const rows: readonly [Partial<WorkflowRule>, string][] = [
    [{ objectName: 'Nothing__c', formula: 'TRUE' }, 'RULE_UNKNOWN_OBJECT'],
    [{}, 'RULE_WITHOUT_CRITERIA'],
    [{ formula: 'TRUE', criteriaItems: [item] }, 'RULE_WITH_TWO_CRITERIA'],
    [{ formula: 'Text__c' }, 'FORMULA_RETURN_TYPE'],
    [{ formula: 'ISNEW()', triggerType: 'onCreateOnly' }, 'RULE_HISTORY_FUNCTION'],
    [{ formula: 'TRUE', timeTriggers: [trigger] }, 'RULE_TIME_TRIGGER'],
    [{ formula: `${' '.repeat(4000)}TRUE` }, 'RULE_LIMIT'],
    [{ formula: 'TRUE', actions: [{ name: 'No', type: 'FieldUpdate' }] }, 'ACTION_UNKNOWN'],
    [{ formula: 'TRUE', actions: [{ name: 'No', type: 'OutboundMessage' }] }, 'ACTION_UNKNOWN'],
    [{ criteriaItems: [item], booleanFilter: '2' }, 'FILTER_LOGIC_UNKNOWN_NUMBER'],
    [{ criteriaItems: [item], booleanFilter: '(1' }, 'FILTER_LOGIC_SYNTAX'],
    [{ formula: 'Stage__c = "New"' }, 'FORMULA_PICKLIST_AS_TEXT'],
    [{ formula: 'Stage__c <> "New"' }, 'FORMULA_PICKLIST_AS_TEXT'],
  ]
  for (const [rule, code] of rows) {
    assert.deepEqual(
      compile([ruleOf('R', rule)]).problems.map((problem) => problem.code),
      [code],
    )
  }
})

test('CASE takes a picklist as it is, without a word', () => {
  const formula =
    'CASE(Stage__c, "New", 1, "Closed", 2, 0) > CASE(PRIORVALUE(Stage__c), "New", 1, 0)'
  assert.deepEqual(compile([ruleOf('R', { formula })]).problems, [])
})

test('every way a field update can be broken has its code', () => {
  const rows: readonly [Partial<FieldUpdate>, string][] = [
    [{ objectName: 'Nothing__c' }, 'RULE_UNKNOWN_OBJECT'],
    [{ field: 'Nowhere__c' }, 'FIELD_UPDATE_UNKNOWN_FIELD'],
    [{ targetObject: 'Nowhere__c' }, 'FIELD_UPDATE_UNKNOWN_TARGET'],
    [{ field: 'Number__c', literalValue: 'x' }, 'FIELD_UPDATE_INVALID_VALUE'],
    [{ field: 'Number__c', operation: 'Formula', formula: '"x"' }, 'FORMULA_RETURN_TYPE'],
  ]
  for (const [update, code] of rows) {
    assert.deepEqual(
      compile([], [updateOf('U', update)]).problems.map((problem) => problem.code),
      [code],
    )
  }
})

test('an object says which parents its active rules and their field updates need, each way once', () => {
  const compiled = compile(
    [
      ruleOf('A', { formula: 'Parent__r.Name = "x" && Parent__r.Owner.Name = "y"' }),
      ruleOf('B', {
        criteriaItems: [{ field: 'Thing__c.OwnerId', operation: 'equals', value: 'Anna' }],
        actions: [{ name: 'Up', type: 'FieldUpdate' }],
      }),
      ruleOf('C', { active: false, formula: '$RecordType.Name = "x"' }),
    ],
    [updateOf('Up', { targetObject: 'Parent__c', field: 'Name' })],
  )
  assert.deepEqual(compiled.pathsOf('Thing__c'), [['Parent__c', 'OwnerId'], ['OwnerId']])
  assert.deepEqual(compiled.pathsOf('Parent__c'), [])
})
