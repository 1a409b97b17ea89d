// How many rules are evaluated in a second on one core, criteria and formulas? Aims: 200,000 and 100,000.
import { compileRules } from '../src/rules/compile-rules.ts'
import { ruleFires } from '../src/rules/evaluate-rule.ts'
import type { FilterItem, WorkflowRule } from '../src/rules/workflow-rule.ts'
import { fireContext, objects, recordOf, ruleOf, thing } from '../test/support/rules-org.ts'

const ROUNDS = 9
const ROUND_MS = 300

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

/** Rules a second, one figure a round. */
function measure(definitions: readonly Partial<WorkflowRule>[]): readonly number[] {
  const compiled = compileRules({
    rules: definitions.map((each, index) => ruleOf(`R${index}`, each)),
    fieldUpdates: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  const rules = compiled.forObject('Thing__c')
  if (rules.length !== definitions.length) throw new Error(JSON.stringify(compiled.problems))
  return Array.from({ length: ROUNDS + 1 }, () => {
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < ROUND_MS) {
      for (let turn = 0; turn < 100; turn += 1) {
        for (const rule of rules) ruleFires(rule, change, context)
      }
      count += 100 * rules.length
    }
    return Math.round((count / (performance.now() - startedAt)) * 1000)
  })
    .slice(1) // the first warms up
    .sort((one, other) => one - other)
}

for (const [name, definitions, aim] of [
  ['criteria rules/s', CRITERIA, 200_000],
  ['formula rules/s', FORMULAS.map((formula) => ({ formula })), 100_000],
] as const) {
  const figures = measure(definitions)
  const [min, median, max] = [figures[0]!, figures[Math.floor(ROUNDS / 2)]!, figures.at(-1)!]
  const met = median >= aim ? 'met' : 'missed'
  console.log(`${name}: min ${min}, median ${median}, max ${max} (aim ${aim}: ${met})`)
}
