import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fireContext, objects, recordOf, thing } from '../../../test/support/rules-org.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { compileValidationRules } from './compile-validation-rules.ts'
import { validateChange } from './validate-change.ts'
import type { ValidationRule } from './validation-rule.ts'

const PLACE = { file: 'objects/Thing__c.object', line: 7 }

function ruleOf(formula: string, more: Partial<ValidationRule> = {}): ValidationRule {
  return {
    kind: 'validationRule',
    objectName: 'Thing__c',
    fullName: 'Rule',
    active: true,
    description: null,
    errorConditionFormula: formula,
    errorDisplayField: null,
    errorMessage: 'No',
    place: PLACE,
    ...more,
  }
}

function compiled(...validationRules: readonly ValidationRule[]) {
  return compileValidationRules({ validationRules, objects, formulaFields: new Map() })
}

function refuses(formula: string, after: OrgRecord, before: OrgRecord | null = null): boolean {
  const { objectName, recordId } = after
  const rules = compiled(ruleOf(formula))
  const { refusedBy } = validateChange(
    rules,
    { objectName, recordId, before, after },
    fireContext([recordOf('Parent__c', 9, { Limit__c: '10' })]),
  )
  return refusedBy.length > 0
}

test('a record for which the formula is true is refused, one for which it is false or blank is not', () => {
  assert.equal(refuses('Number__c > 100', thing({ Number__c: '101' })), true)
  assert.equal(refuses('Number__c > 100', thing({ Number__c: '100' })), false)
  assert.equal(refuses('Number__c > 100', thing()), false)
  assert.equal(refuses('NOT(Number__c > 100)', thing()), false)
})

test('a blank number is blank, not zero', () => {
  assert.equal(refuses('ISBLANK(Number__c)', thing()), true)
  assert.equal(refuses('Number__c = 0', thing()), false)
  assert.equal(refuses('Number__c < 5', thing()), false)
})

test('it may ask what the record was before, whether it is new, and what its parents are', () => {
  const old = thing({ Number__c: '5', Check__c: true })
  assert.equal(refuses('ISNEW()', old), true)
  assert.equal(refuses('ISNEW()', old, old), false)
  const formula = 'AND(ISCHANGED(Number__c), PRIORVALUE(Number__c) > Number__c)'
  assert.equal(refuses(formula, thing({ Number__c: '4' }), old), true)
  assert.equal(refuses(formula, thing({ Number__c: '6' }), old), false)
  const under = thing({ Number__c: '11', Parent__c: recordOf('Parent__c', 9).recordId })
  assert.equal(refuses('Number__c > Parent__r.Limit__c', under), true)
})

test('all rules that refuse are named in file order; inactive ones and other objects stay silent', () => {
  const rules = compiled(
    ruleOf('TRUE', { fullName: 'B' }),
    ruleOf('TRUE', { fullName: 'Off', active: false }),
    ruleOf('FALSE', { fullName: 'Fine' }),
    ruleOf('TRUE', { fullName: 'A' }),
    ruleOf('TRUE', { fullName: 'Other', objectName: 'Parent__c' }),
  )
  const after = thing()
  const change = { objectName: 'Thing__c', recordId: after.recordId, before: null, after }
  const { refusedBy } = validateChange(rules, change, fireContext())

  assert.deepEqual(
    refusedBy.map(({ fullName }) => fullName),
    ['B', 'A'],
  )
})

test('a formula without a result refuses nothing, and says so', () => {
  const rules = compiled(ruleOf('1 / Number__c > 0'))
  const after = thing({ Number__c: '0' })
  const change = { objectName: 'Thing__c', recordId: after.recordId, before: null, after }

  const { refusedBy, errors } = validateChange(rules, change, fireContext())

  assert.deepEqual(refusedBy, [])
  assert.equal(errors[0]?.rule, 'Rule')
})

test('what is wrong with a rule is told with file and line, and the others work on', () => {
  const { problems, outcomes, forObject } = compiled(
    ruleOf('1 +', { fullName: 'Cut' }),
    ruleOf('Number__c + 1', { fullName: 'Sum' }),
    ruleOf('TRUE', { fullName: 'Lost', objectName: 'Nowhere__c' }),
    ruleOf('Gone__c = "x"', { fullName: 'Odd', errorDisplayField: 'Nothing__c' }),
    ruleOf('TRUE', { fullName: 'Good', errorDisplayField: 'number__C' }),
  )

  assert.deepEqual(
    problems.map(({ code, severity, file, line }) => [code, severity, file, line]),
    [
      ['FORMULA_SYNTAX', 'error', PLACE.file, 7],
      ['FORMULA_RETURN_TYPE', 'error', PLACE.file, 7],
      ['RULE_UNKNOWN_OBJECT', 'error', PLACE.file, 7],
      ['FORMULA_UNKNOWN_FIELD', 'warning', PLACE.file, 7],
      ['VALIDATION_RULE_UNKNOWN_FIELD', 'warning', PLACE.file, 7],
    ],
  )
  assert.equal(outcomes.filter(({ kind }) => kind === 'compiled').length, 2)
  assert.equal(forObject('THING__C')[1]?.errorDisplayField, 'Number__c')
})
