import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANNA,
  contextOf,
  fireContext,
  KIND,
  objects,
  QUEUE,
  recordOf,
  THING,
  thing,
} from '../../../../test/support/rules-org.ts'
import { field } from '../../../schema/define-field.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { compileFormula } from '../compile-formula.ts'

const BOSS = recordOf('Parent__c', 7, { Name: 'Boss', Limit__c: '40', OwnerId: ANNA.recordId })

function compile(formula: string) {
  return compileFormula(formula, { object: THING, objects, blanks: 'asNull' })
}

function resultOf(formula: string, record: OrgRecord, more: Partial<EvaluationContext> = {}) {
  const compiled = compile(formula)
  assert.ok(compiled.kind === 'compiled', formula)
  return compiled.evaluate(contextOf(record, { ...fireContext([BOSS]), ...more }))
}

function errorOf(formula: string) {
  const compiled = compile(formula)
  return compiled.kind === 'broken' ? compiled.error : assert.fail(`${formula} was compiled`)
}

test('a path goes over parents to any depth, and the formula says what to read for it', () => {
  const compiled = compile('parent__R.owner:user.EMAIL & Parent__r.Name & Owner.Name')
  assert.ok(compiled.kind === 'compiled')
  assert.deepEqual(compiled.paths, [['Parent__c', 'OwnerId'], ['Parent__c'], ['OwnerId']])

  const child = thing({ Parent__c: BOSS.recordId, OwnerId: QUEUE.recordId })
  assert.equal(
    compiled.evaluate(contextOf(child, fireContext([BOSS]))),
    'anna@example.comBossSupport',
  )
})

test('a parent that is not there, or of the other kind, reads blank', () => {
  assert.equal(resultOf('ISBLANK(Parent__r.Name)', thing()), true)
  assert.equal(resultOf('Parent__r.Limit__c > 1', thing()), null)
  const queued = thing({ OwnerId: QUEUE.recordId })
  assert.equal(resultOf('ISBLANK(Owner:User.Email)', queued), true)
  assert.equal(resultOf('Owner:Queue.DeveloperName', queued), 'Support')
})

test('a formula field of a parent is evaluated for the parent, and what it needs is read too', () => {
  const child = thing({ Parent__c: BOSS.recordId })
  assert.equal(resultOf('Parent__r.Twice__c + 1', child), '81')
  assert.equal(resultOf('Parent__r.OwnerMail__c', child), 'anna@example.com')
  const compiled = compile('Parent__r.OwnerMail__c')
  assert.ok(compiled.kind === 'compiled')
  assert.deepEqual(compiled.paths, [['Parent__c'], ['Parent__c', 'OwnerId']])
})

test('formula fields that refer to each other in a circle are refused, and named', () => {
  const error = errorOf('Circle__c > 1')
  assert.equal(error.errorCode, 'FORMULA_FIELD_CYCLE')
  assert.match(error.message, /Thing__c\.Circle__c → Thing__c\.Wheel__c → Thing__c\.Circle__c/)
})

test('formula fields that multiply each other are refused before they cost a lifetime', () => {
  const doubling = Array.from({ length: 60 }, (_, index) =>
    field(`F${index}__c`, 'double', {
      formula: index === 0 ? '1' : `F${index - 1}__c + F${index - 1}__c`,
    }),
  )
  const object = { ...THING, fields: doubling }
  const options = { object, objects: () => object, blanks: 'asNull' as const }
  const small = compileFormula('F10__c', options)
  assert.equal(small.kind === 'compiled' && small.evaluate(contextOf(thing())), '1024')
  const big = compileFormula('F59__c', options)
  assert.equal(big.kind === 'broken' && big.error.errorCode, 'FORMULA_TOO_BIG')
})

test('a formula field knows nothing of the save', () => {
  const object = {
    ...THING,
    fields: [...THING.fields, field('New__c', 'boolean', { formula: 'ISNEW()' })],
  }
  const compiled = compileFormula('New__c', { object, objects, blanks: 'asNull' })
  assert.equal(compiled.kind === 'broken' && compiled.error.errorCode, 'FORMULA_FIELD_BROKEN')
})

test('a broken formula field breaks the formula that refers to it, with the reason', () => {
  const error = errorOf('1 + Broken__c')
  assert.equal(error.errorCode, 'FORMULA_FIELD_BROKEN')
  assert.match(error.message, /Thing__c\.Broken__c is broken: there is no function "NONSENSE"/)
  assert.deepEqual(error.at, { line: 1, column: 5 })
})

test('an unknown field is a warning with its place, and reads blank in any type', () => {
  const compiled = compile('AND(Nowhere__c > 5, Nowhere__c = "a", Nowhere__r.X + 1 > TODAY())')
  assert.ok(compiled.kind === 'compiled')
  assert.deepEqual(
    compiled.warnings.map(({ code, at }) => [code, at.column]),
    [
      ['FORMULA_UNKNOWN_FIELD', 5],
      ['FORMULA_UNKNOWN_FIELD', 21],
      ['FORMULA_UNKNOWN_FIELD', 39],
    ],
  )
  assert.equal(resultOf('ISBLANK(constructor)', thing()), true)
  assert.equal(resultOf('ISBLANK(toString.valueOf)', thing()), true)
})

test('global variables', () => {
  const user = {
    record: ANNA,
    profile: recordOf('Profile', 1, { Name: 'Admin' }),
    role: null,
    permissions: new Set(['Edit_All']),
  }
  const more: Partial<EvaluationContext> = {
    user,
    setup: (name) => (name === 'Limits__c' ? { Max__c: '9' } : undefined),
    label: (name) => (name === 'Hello' ? 'Hi' : undefined),
  }
  const record = thing({ RecordTypeId: KIND.recordId })
  assert.equal(resultOf('$User.Email', record, more), 'anna@example.com')
  assert.equal(resultOf('$User.Id = CASESAFEID($User.Id)', record, more), true)
  assert.equal(resultOf('$Profile.Name', record, more), 'Admin')
  assert.equal(resultOf('ISBLANK($UserRole.Name)', record, more), true)
  assert.equal(resultOf('$Setup.Limits__c.Max__c + 1', record, more), '10')
  assert.equal(resultOf('$Label.Hello', record, more), 'Hi')
  assert.equal(resultOf('$Permission.Edit_All', record, more), true)
  assert.equal(resultOf('$Permission.Other', record, more), false)
  assert.equal(resultOf('$RecordType.Name', record, more), 'Big One')
  assert.equal(resultOf('$RecordType.DeveloperName', record, more), 'Big')
  assert.equal(resultOf('LEFT($Organization.Id, 3)', record, more), '00D')
  assert.equal(resultOf('YEAR(DATEVALUE($System.OriginDateTime))', record, more), '1900')
})
