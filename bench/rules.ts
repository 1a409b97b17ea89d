// How many rules are evaluated in a second on one core, criteria and formulas? Aims: 200,000 and 100,000.

import type { CompiledRule } from '../src/rules/compile-rule.ts'
import { compileRules } from '../src/rules/compile-rules.ts'
import { ruleFires } from '../src/rules/evaluate-rule.ts'
import type { FilterItem, WorkflowRule } from '../src/rules/workflow-rule.ts'
import { fireContext, objects, recordOf, ruleOf, thing } from '../test/support/rules-org.ts'
import { printTable, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { interleave } from './support/rounds.ts'

const item = (field: string, operation: string, value: string): FilterItem => {
  return { field: field.includes('.') ? field : `Thing__c.${field}`, operation, value }
}

const CRITERIA: readonly Partial<WorkflowRule>[] = [
  {
    criteriaItems: [
      item('Stage__c', 'equals', 'New,HOT'),
      item('Amount__c', 'greaterThan', 'USD 1000'),
    ],
  },
  {
    criteriaItems: [item('Text__c', 'contains', 'urgent,now'), item('Check__c', 'equals', 'True')],
  },
  { criteriaItems: [item('Date__c', 'lessThan', 'TODAY'), item('Text__c', 'notEqual', '')] },
  {
    criteriaItems: [
      item('Parent__c.Name', 'startsWith', 'Bo'),
      item('OwnerId', 'notEqual', 'Support'),
      item('Number__c', 'lessOrEqual', '10'),
    ],
    booleanFilter: '1 AND (2 OR 3)',
  },
]

const FORMULAS: readonly string[] = [
  'AND(ISCHANGED(Stage__c), ISPICKVAL(Stage__c, "New"), Amount__c > 1000)',
  'OR(ISNEW(), ISCHANGED(Text__c)) && NOT(ISBLANK(Text__c))',
  'IF(CONTAINS(Text__c, "urgent"), Number__c * 2 > 10, TODAY() - Date__c > 3)',
  'AND(Parent__r.Limit__c < Number__c, TEXT(PRIORVALUE(Stage__c)) = "HOT", LEFT(Text__c, 4) = "this")',
]

const parent = recordOf('Parent__c', 4, { Name: 'Boss', Limit__c: '3' })
const fields = {
  Stage__c: 'New',
  Amount__c: '1234.5',
  Text__c: 'this is urgent',
  Check__c: true,
  Date__c: '2026-02-01',
  Number__c: '7',
  Parent__c: parent.recordId,
}
const change = { before: thing({ ...fields, Stage__c: 'HOT' }), after: thing(fields) }
const context = fireContext([parent])

type Variant = {
  readonly kind: string
  readonly aim: number
  readonly rules: readonly CompiledRule[]
}

function compiled(definitions: readonly Partial<WorkflowRule>[]): readonly CompiledRule[] {
  const { forObject, problems } = compileRules({
    rules: definitions.map((each, index) => ruleOf(`R${index}`, each)),
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  const rules = forObject('Thing__c')
  if (rules.length !== definitions.length) throw new Error(JSON.stringify(problems))
  return rules
}

const form = readForm()
const measured = await interleave(
  form,
  [
    { kind: 'criteria', aim: 200_000, rules: compiled(CRITERIA) },
    { kind: 'formulas', aim: 100_000, rules: compiled(FORMULAS.map((formula) => ({ formula }))) },
  ] satisfies Variant[],
  ({ rules }) => {
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < form.pick(500, 100)) {
      for (let turn = 0; turn < 100; turn += 1) {
        for (const rule of rules) ruleFires(rule, change, context)
      }
      count += 100 * rules.length
    }
    return { rate: (count / (performance.now() - startedAt)) * 1000 }
  },
)

printTable(
  ['rules', 'rules/s', 'aim'],
  measured.map(({ variant: { kind, aim }, samples }) => [
    kind,
    spread(samples.map(({ rate }) => rate)),
    aim.toLocaleString('en-US'),
  ]),
)
