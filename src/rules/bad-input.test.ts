import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf, objects, ruleOf, thing } from '../../test/support/rules-org.ts'
import { compileRules } from './compile-rules.ts'
import { FormulaRuntimeError } from './formula/errors.ts'
import type { FilterItem, WorkflowRule } from './workflow-rule.ts'

/** The problem that a bad rule is told with; a good rule beside it works all the same. */
function problemOf(bad: Partial<WorkflowRule>) {
  const rules = [
    ruleOf('Before', { formula: 'TRUE' }),
    ruleOf('Bad', bad),
    ruleOf('Behind', {
      criteriaItems: [{ field: 'Thing__c.Check__c', operation: 'equals', value: 'False' }],
    }),
  ]
  const compiled = compileRules({
    rules,
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  const working = compiled.forObject('Thing__c').filter(({ fullName }) => fullName !== 'Bad')
  assert.deepEqual(
    working.map(({ holds }) => holds(contextOf(thing()))),
    [true, true],
  )
  const { problems } = compiled
  const problem = problems.find(({ severity }) => severity === 'error') ?? problems[0]
  assert.ok(problem)
  const isBroken = compiled.outcomes.some(({ kind }) => kind === 'broken')
  assert.equal(isBroken, problem.severity === 'error')
  return problem
}

const criterion = (field: string, operation: string, value: string): FilterItem => {
  return { field: `Thing__c.${field}`, operation, value }
}

test('a bad formula breaks its rule alone, with a code, the line and the column', () => {
  const rows: readonly [what: string, formula: string, code: string, place: string][] = [
    ['malformed', 'AND(\n TRUE,, FALSE)', 'FORMULA_SYNTAX', 'line 2, column 7'],
    ['unfinished text', 'Text__c = "a', 'FORMULA_SYNTAX', 'line 1, column 11'],
    ['unfinished comment', 'TRUE /* x', 'FORMULA_SYNTAX', 'line 1, column 6'],
    ['unknown escape', 'REGEX(Text__c, "\\d+")', 'FORMULA_SYNTAX', 'line 1, column 17'],
    ['strange character', 'Text__c ~ 1', 'FORMULA_SYNTAX', 'line 1, column 9'],
    ['malformed number', '1.2.3 > 1', 'FORMULA_SYNTAX', 'line 1, column 4'],
    ['number without a first digit', 'Number__c > .5', 'FORMULA_SYNTAX', 'line 1, column 13'],
    ['empty', ' ', 'FORMULA_SYNTAX', 'line 1, column 2'],
    ['unknown function', 'TRUE &&\nFOO(1)', 'FORMULA_UNKNOWN_FUNCTION', 'line 2, column 1'],
    ['too many arguments', 'NOT(TRUE, TRUE)', 'FORMULA_ARGUMENT_COUNT', 'line 1, column 1'],
    ['wrong type', 'TRUE && LEFT(1, 1) = ""', 'FORMULA_ARGUMENT_TYPE', 'line 1, column 9'],
    ['no Boolean', '1 + 1', 'FORMULA_RETURN_TYPE', 'line 1, column 1'],
    ['a circle', ' Circle__c > 1', 'FORMULA_FIELD_CYCLE', 'line 1, column 2'],
    ['a broken formula field', 'Broken__c > 1', 'FORMULA_FIELD_BROKEN', 'line 1, column 1'],
  ]
  for (const [what, formula, code, place] of rows) {
    const problem = problemOf({ formula })
    assert.equal(problem.code, code, what)
    assert.ok(problem.message.includes(place), `${what}: ${problem.message}`)
    assert.equal(problem.severity, 'error', what)
  }
  const circle = problemOf({ formula: 'Circle__c > 1' }).message
  assert.match(circle, /Thing__c\.Circle__c → Thing__c\.Wheel__c → Thing__c\.Circle__c/)
})

test('an unknown field is a warning with its place, and the rule works', () => {
  const problem = problemOf({ formula: 'TRUE &&\n ISBLANK(Nowhere__r.No__c)' })
  assert.equal(problem.code, 'FORMULA_UNKNOWN_FIELD')
  assert.equal(problem.severity, 'warning')
  assert.match(problem.message, /line 2, column 10/)
})

test('bad criteria and bad filter logic break their rule alone, and say which', () => {
  const one = [criterion('Text__c', 'equals', 'x')]
  const rows: readonly [Partial<WorkflowRule>, string, RegExp][] = [
    [{ criteriaItems: one, booleanFilter: '1 AND' }, 'FILTER_LOGIC_SYNTAX', /the end/],
    [{ criteriaItems: one, booleanFilter: '(1' }, 'FILTER_LOGIC_SYNTAX', /'\)'/],
    [{ criteriaItems: one, booleanFilter: '1 XOR 1' }, 'FILTER_LOGIC_SYNTAX', /XOR/],
    [{ criteriaItems: one, booleanFilter: '1 OR 2' }, 'FILTER_LOGIC_UNKNOWN_NUMBER', /criterion 2/],
    [{ criteriaItems: one, booleanFilter: '0' }, 'FILTER_LOGIC_UNKNOWN_NUMBER', /criterion 0/],
    [
      { criteriaItems: [...one, criterion('Date__c', 'lessThan', '32/13/2020')] },
      'CRITERIA_INVALID_VALUE',
      /criterion 2: Date__c expects a date/,
    ],
    [
      { criteriaItems: [criterion('Number__c', 'equals', 'many')] },
      'CRITERIA_INVALID_VALUE',
      /criterion 1: Number__c expects a number/,
    ],
    [
      { criteriaItems: [criterion('Text__c', 'resembles', 'x')] },
      'CRITERIA_UNKNOWN_OPERATION',
      /resembles/,
    ],
    [{}, 'RULE_WITHOUT_CRITERIA', /neither/],
    [{ criteriaItems: one, formula: 'TRUE' }, 'RULE_WITH_TWO_CRITERIA', /both|and a formula/],
  ]
  for (const [bad, code, message] of rows) {
    const problem = problemOf(bad)
    assert.equal(problem.code, code)
    assert.match(problem.message, message)
  }
})

test('ten thousand levels of nesting are refused where they get too many', () => {
  for (const open of ['(', 'NOT(', '!', '- ', 'IF(TRUE, TRUE, ', 'NOT ']) {
    const problem = problemOf({ formula: `${open.repeat(10_000)}TRUE` })
    assert.equal(problem.code, 'FORMULA_TOO_DEEP', open)
    assert.match(problem.message, /line 1, column \d+/)
  }
})

test('a formula of a megabyte and a chain of a hundred thousand terms are read in one go', () => {
  const chain = Array.from({ length: 100_000 }, () => 'Check__c').join('||')
  const rules = [
    ruleOf('Chain', { formula: chain }),
    ruleOf('Long', { formula: `Text__c = "${'x'.repeat(999_900)}"` }),
    ruleOf('Too long', { formula: `Text__c = "${'x'.repeat(1_000_000)}"` }),
  ]
  const { outcomes, problems } = compileRules({
    rules,
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['compiled', 'compiled', 'broken'],
  )
  assert.ok(problems.some(({ code }) => code === 'FORMULA_TOO_LONG'))
  const chained = outcomes[0]
  assert.ok(chained?.kind === 'compiled')
  assert.equal(chained.compiled.holds(contextOf(thing({ Check__c: true }))), true)
})

test('a catastrophic regular expression costs what its length does, or is refused', () => {
  const problem = (formula: string, text: string) => {
    const { outcomes } = compileRules({
      rules: [ruleOf('R', { formula })],
      fieldUpdates: [],
      tasks: [],
      alertKeys: [],
      outboundMessageKeys: [],
      objects,
      settings: { locale: 'en_US' },
    })
    const [outcome] = outcomes
    if (outcome?.kind === 'broken') return outcome.problems[0]?.code
    assert.ok(outcome?.kind === 'compiled')
    try {
      return outcome.compiled.holds(contextOf(thing({ Text__c: text })))
    } catch (error) {
      assert.ok(error instanceof FormulaRuntimeError)
      return error.errorCode
    }
  }
  assert.equal(problem('REGEX(Text__c, "(a+)+b")', 'a'.repeat(5_000)), false)
  assert.equal(problem('REGEX(Text__c, "(a|a)*")', 'a'.repeat(5_000)), true)
  assert.equal(problem('REGEX(Text__c, "(x+x+)+y")', 'x'.repeat(5_000)), false)
  assert.equal(problem('REGEX(Text__c, "(a{1000}){1000}")', 'a'), 'FORMULA_INVALID_REGEX')
  assert.equal(problem('REGEX(Text__c, "(")', 'a'), 'FORMULA_INVALID_REGEX')
  assert.equal(problem('REGEX("a", Text__c)', '('), 'FORMULA_INVALID_REGEX')
})
