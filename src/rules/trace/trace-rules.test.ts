import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fireContext,
  objects,
  recordOf,
  ruleOf,
  thing,
  updateOf,
} from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { compileRules } from '../compile-rules.ts'
import { fireRules } from '../fire-rules.ts'
import type { FieldUpdate, FilterItem, WorkflowRule } from '../workflow-rule.ts'
import { traceRule, traceRules } from './trace-rules.ts'

type Setup = {
  readonly rules: readonly WorkflowRule[]
  readonly updates?: readonly FieldUpdate[]
  readonly others?: readonly OrgRecord[]
}

const compiled = ({ rules, updates = [] }: Setup) =>
  compileRules({
    rules,
    fieldUpdates: updates,
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: ['Thing__c.Tell'],
    objects,
    settings: { locale: 'en_US' },
  })

const changeOf = (before: FieldValues | null, after: FieldValues) => ({
  objectName: 'Thing__c',
  recordId: thing().recordId,
  before: before && thing(before),
  after: thing(after),
})

function trace(setup: Setup, before: FieldValues | null, after: FieldValues) {
  const { rules } = traceRules(
    compiled(setup),
    changeOf(before, after),
    fireContext(setup.others ?? []),
  )
  return rules
}

const reasonOf = (more: Partial<WorkflowRule>, before: FieldValues | null, after: FieldValues) =>
  trace({ rules: [ruleOf('R', more)] }, before, after)[0]?.reason

const item = (field: string, operation: string, value: string): FilterItem => ({
  field: `Thing__c.${field}`,
  operation,
  value,
})

const BIG = item('Number__c', 'greaterThan', '10')
const HOT = item('Stage__c', 'equals', 'Very hot,New')

test('the first criterion that is not met is named with the value it saw', () => {
  const more = { criteriaItems: [BIG, HOT] }

  assert.equal(
    reasonOf(more, null, { Number__c: '12', Stage__c: 'Closed' }),
    'did not fire: criterion 2 Thing__c.Stage__c equals Very hot,New: the value is Closed',
  )
  assert.equal(
    reasonOf(more, null, { Stage__c: 'HOT' }),
    'did not fire: criterion 1 Thing__c.Number__c greaterThan 10: the value is blank',
  )
  assert.equal(
    reasonOf(more, null, { Number__c: '12', Stage__c: 'HOT' }),
    'fired: it meets its criteria',
  )
})

test('a filter is told with what it joins', () => {
  const criteriaItems = [BIG, HOT, item('Check__c', 'equals', 'True')]

  assert.equal(
    reasonOf({ criteriaItems, booleanFilter: '1 AND (2 OR 3)' }, null, { Number__c: '12' }),
    'did not fire: its filter logic 1 AND (2 OR 3) is false: criterion 2 Thing__c.Stage__c equals Very hot,New: the value is blank; criterion 3 Thing__c.Check__c equals True: the value is false',
  )
  assert.equal(
    reasonOf({ criteriaItems, booleanFilter: '1 AND NOT 2 AND NOT 3' }, null, {
      Number__c: '12',
      Stage__c: 'New',
    }),
    'did not fire: its filter logic 1 AND NOT 2 AND NOT 3 is false: criterion 1 is met, 2 is met, 3 is not met',
  )
})

test('a reference is told by the name it is compared by, and a missing parent as missing', () => {
  const boss = recordOf('Parent__c', 4, { Name: 'Boss' })
  const rules = [
    ruleOf('Own', { criteriaItems: [item('Parent__c', 'equals', 'Chief')] }),
    ruleOf('Its', {
      criteriaItems: [{ field: 'Parent__c.Name', operation: 'equals', value: 'X' }],
    }),
    ruleOf('Gone', { criteriaItems: [item('Nonsense__c', 'equals', 'X')] }),
  ]
  const reasons = (after: FieldValues) =>
    trace({ rules, others: [boss] }, null, after).map(({ reason }) => reason.split(': ').at(-1))

  assert.deepEqual(reasons({ Parent__c: boss.recordId }), [
    'the value is Boss',
    'the value is Boss',
    'there is no such field',
  ])
  assert.deepEqual(reasons({}), [
    'the value is blank',
    'there is no such parent record',
    'there is no such field',
  ])
  assert.equal(
    reasons({ Parent__c: recordOf('Parent__c', 9).recordId })[0],
    'the record it refers to is not there',
  )
})

test('a formula is told by the part that decided it', () => {
  const because = (formula: string, before: FieldValues | null, after: FieldValues) =>
    reasonOf({ formula }, before, after)?.replace('did not fire: its formula is ', '')

  assert.equal(
    because('AND(ISCHANGED(Stage__c), Amount__c > 1000)', { Stage__c: 'New' }, { Stage__c: 'New' }),
    'false: ISCHANGED(Stage__c) is false (Stage__c is New as before)',
  )
  assert.equal(
    because('ISNEW() || (Number__c > 5 && NOT(ISBLANK(Text__c)))', {}, { Number__c: '7' }),
    'false (Number__c is 7, Text__c is blank)',
  )
  assert.equal(
    because('Number__c > 5 && NOT(ISBLANK(Text__c))', null, { Number__c: '7' }),
    'false: ISBLANK(Text__c) is true (Text__c is blank)',
  )
  assert.equal(
    because('NOT(Amount__c > 5)', null, {}),
    'null, which counts as false (Amount__c is blank)',
  )
  assert.equal(
    because('1 / Number__c > 1', null, { Number__c: '0' }),
    'did not fire: its formula has no result: division by zero',
  )
})

test('a rule for edits that make it met says so when the old values met it too', () => {
  const more = {
    triggerType: 'onCreateOrTriggeringUpdate' as const,
    criteriaItems: [BIG],
  }
  const [met, anew] = [
    trace({ rules: [ruleOf('R', more)] }, { Number__c: '11' }, { Number__c: '12' })[0],
    trace({ rules: [ruleOf('R', more)] }, { Number__c: '9' }, { Number__c: '12' })[0],
  ]

  assert.equal(met?.verdict, 'not evaluated')
  assert.match(
    met?.reason ?? '',
    /^not evaluated: the record met the criteria before this edit too/,
  )
  assert.deepEqual([met?.newValues?.met, met?.oldValues?.met], [true, true])
  assert.equal(anew?.reason, 'fired: it meets its criteria now, and before the edit did not')

  const reparented = { Number__c: '12', Parent__c: recordOf('Parent__c', 4).recordId }
  assert.equal(
    reasonOf(more, { Number__c: '12' }, reparented),
    'fired: it meets its criteria, and Parent__c leads to another parent now',
  )
})

test('rules that are not looked at say why: inactive, broken, for new records alone', () => {
  const rules = [
    ruleOf('Off', { formula: 'TRUE', active: false }),
    ruleOf('Bad', { formula: 'NONSENSE(' }),
    ruleOf('New', { formula: 'TRUE', triggerType: 'onCreateOnly' }),
    ruleOf('Other', { formula: 'TRUE', objectName: 'Parent__c', active: false }),
  ]
  const told = trace({ rules }, {}, {})

  assert.deepEqual(
    told.map(({ name, verdict, reason }) => [name, verdict, reason]),
    [
      ['New', 'not evaluated', 'not evaluated: it is looked at only when a record is created'],
      ['Off', 'not evaluated', 'not evaluated: the rule is inactive'],
      [
        'Bad',
        'not evaluated',
        'not evaluated: the rule is broken: rule Thing__c Bad: formula line 1, column 10: expected a value, found the end (workflows/Thing__c.workflow-meta.xml:1)',
      ],
    ],
  )
})

test('field updates are told with old and new values, further rounds with what they saw', () => {
  const rules = [
    ruleOf('Later', { formula: 'Text__c = "set"' }),
    ruleOf('First', {
      formula: 'TRUE',
      actions: [
        { name: 'Set', type: 'FieldUpdate' },
        { name: 'Tell', type: 'OutboundMessage' },
        { name: 'Publish', type: 'KnowledgePublish' },
        { name: 'Missing', type: 'Task' },
      ],
    }),
  ]
  const updates = [updateOf('Set', { literalValue: 'set', reevaluateOnChange: true })]
  const told = trace({ rules, updates }, null, { Text__c: 'old' })

  assert.deepEqual(
    told.map(({ name, round, verdict }) => [name, round, verdict]),
    [
      ['Later', 0, 'did not fire'],
      ['First', 0, 'fired'],
      ['Later', 1, 'fired'],
    ],
  )
  assert.deepEqual(told[1]?.fieldUpdates, [
    {
      fullName: 'Set',
      objectName: 'Thing__c',
      recordId: thing().recordId,
      field: 'Text__c',
      outcome: 'changed',
      before: 'old',
      after: 'set',
      reason: null,
    },
  ])
  assert.deepEqual(
    told[1]?.actions.map(({ name, outcome, reason }) => [name, outcome, reason]),
    [
      ['Tell', 'spooled', null],
      ['Publish', 'not executed', 'OBM does not carry out KnowledgePublish actions'],
      ['Missing', 'not executed', 'no definition has this name'],
    ],
  )
})

test('what a field update takes from a secret is masked, its failure too', () => {
  const secret = (name: string) => {
    const object = objects(name)
    const fields = object?.fields.map((each) =>
      each.name === 'Name' ? { ...each, secret: true } : each,
    )
    return object && { ...object, fields: fields ?? [] }
  }
  const actions = ['Copy', 'Fail'].map((name) => ({ name, type: 'FieldUpdate' }))
  const rules = compileRules({
    rules: [ruleOf('R', { formula: 'TRUE', actions })],
    fieldUpdates: [
      updateOf('Copy', { operation: 'Formula', formula: 'LEFT(Name, 4)' }),
      updateOf('Fail', { operation: 'Formula', formula: 'TEXT(VALUE(Name))' }),
    ],
    tasks: [],
    outboundMessageKeys: [],
    alertKeys: [],
    objects: secret,
    settings: { locale: 'en_US' },
  })

  const told = traceRules(rules, changeOf(null, { Name: 'opensesame' }), fireContext())

  assert.deepEqual(
    told.rules[0]?.fieldUpdates.map(({ outcome, after, reason }) => [outcome, after, reason]),
    [
      ['changed', '******', null],
      ['failed', null, 'its formula has no result'],
    ],
  )
})

test('a rule is tried though it is inactive', () => {
  const rules = compiled({ rules: [ruleOf('Off', { formula: 'Check__c', active: false })] })
  const [outcome] = rules.outcomes
  assert.ok(outcome)

  const told = traceRule(outcome, { before: null, after: thing({ Check__c: true }) }, fireContext())

  assert.deepEqual([told.verdict, told.reason], ['fired', 'fired: its formula is true'])
})

test('what is told of the rules is what they do, whatever the values', () => {
  const rules = [
    ruleOf('A', { criteriaItems: [BIG, HOT], booleanFilter: '1 OR NOT 2' }),
    ruleOf('B', { criteriaItems: [BIG], triggerType: 'onCreateOrTriggeringUpdate' }),
    ruleOf('C', { formula: 'ISCHANGED(Text__c) && 10 / Number__c > 1' }),
    ruleOf('D', { formula: 'NOT(Amount__c > 5)', triggerType: 'onCreateOrTriggeringUpdate' }),
    ruleOf('E', { formula: 'PRIORVALUE(Number__c) < Number__c', triggerType: 'onCreateOnly' }),
    ruleOf('F', {
      formula: 'Text__c <> "set"',
      actions: [{ name: 'Set', type: 'FieldUpdate' }],
    }),
    ruleOf('G', { formula: 'Text__c = "set" && IF(Check__c, Number__c > 3, Stage__c = "New")' }),
  ]
  const updates = [updateOf('Set', { literalValue: 'set', reevaluateOnChange: true })]
  const setup = compiled({ rules, updates })
  const choices: FieldValues[] = ['0', '4', '11', null].flatMap((Number__c) =>
    ['New', 'HOT', null].flatMap((Stage__c) =>
      [true, false].map((Check__c) => ({ Number__c, Stage__c, Check__c, Text__c: Number__c })),
    ),
  )
  for (const before of [null, ...choices]) {
    for (const after of choices) {
      const change = changeOf(before, after)
      const fired = fireRules(setup, change, fireContext())
      const traced = traceRules(setup, change, fireContext())

      assert.deepEqual(traced.fired, fired)
      assert.deepEqual(
        traced.rules
          .filter(({ verdict }) => verdict === 'fired')
          .map(({ fullName, round }) => ({ fullName, round })),
        fired.firedRules,
      )
    }
  }
})
