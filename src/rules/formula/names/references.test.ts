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

test('ids have 15 characters in formulas, so that one of 18 equals none, and CASESAFEID makes 18', () => {
  const record = thing({ OwnerId: ANNA.recordId, Parent__c: BOSS.recordId })
  assert.equal(resultOf('LEN(Id)', record), '15')
  assert.equal(resultOf(`OwnerId = "${ANNA.recordId.slice(0, 15)}"`, record), true)
  assert.equal(resultOf(`OwnerId = "${ANNA.recordId}"`, record), false)
  assert.equal(resultOf('OwnerId = Owner:User.Id', record), true)
  assert.equal(resultOf(`Parent__r.Id & ""`, record), BOSS.recordId.slice(0, 15))
  assert.equal(resultOf('CASESAFEID(Parent__c)', record), BOSS.recordId)
  assert.equal(resultOf('LEFT(PRIORVALUE(OwnerId), 3) = "005"', record, { before: record }), true)
  const long = compileFormula('Id', { object: THING, objects, blanks: 'asNull', ids: 'long' })
  assert.ok(long.kind === 'compiled')
  assert.equal(long.evaluate(contextOf(record)), record.recordId)
})

test('the name of a queue is also its QueueName', () => {
  const queued = thing({ OwnerId: QUEUE.recordId })
  assert.equal(resultOf('Owner:Queue.QueueName = "Support"', queued), true)
})

test('a field whose type is a guess is of unknown type where the formula does not fit the guess', () => {
  const guessed = [
    field('Size__c', 'string', { guessed: true }),
    field('Grown__c', 'double', { formula: 'Size__c * 2' }),
  ]
  const object = { ...THING, fields: [...THING.fields, ...guessed] }
  const compileGuess = (formula: string) => {
    return compileFormula(formula, { object, objects, blanks: 'asNull', formulaFields: new Map() })
  }
  const asText = compileGuess('Size__c & "!"')
  assert.ok(asText.kind === 'compiled')
  assert.equal(asText.evaluate(contextOf(thing({ Size__c: 'XL' }))), 'XL!')
  assert.deepEqual(asText.warnings, [])
  for (const formula of ['Size__c * 2 > 4', 'TODAY() + 1 < Size__c', 'Grown__c > 1']) {
    const compiled = compileGuess(formula)
    assert.ok(compiled.kind === 'compiled', formula)
    assert.equal(compiled.holds(contextOf(thing({ Size__c: '4' }))), false)
  }
  assert.equal(compileGuess('Size__c * 2').kind, 'compiled')
  const broken = compileGuess('TODAY() * Size__c')
  assert.equal(broken.kind === 'broken' && broken.error.errorCode, 'FORMULA_ARGUMENT_TYPE')
})

test('a geolocation is read from its two parts', () => {
  const place = [
    field('Place__c', 'location'),
    field('Place__Latitude__s', 'double'),
    field('Place__Longitude__s', 'double'),
  ]
  const object = { ...THING, fields: [...THING.fields, ...place] }
  const formula = 'DISTANCE(Place__c, GEOLOCATION(0, 0), "km") < 120'
  const compiled = compileFormula(formula, { object, objects, blanks: 'asNull' })
  assert.ok(compiled.kind === 'compiled')
  const at = (latitude: string | null) =>
    contextOf(thing({ Place__Latitude__s: latitude, Place__Longitude__s: '0' }))
  assert.equal(compiled.holds(at('1')), true)
  assert.equal(compiled.holds(at('2')), false)
  assert.equal(compiled.evaluate(at(null)), null)
})

test('global variables', () => {
  const user = {
    record: ANNA,
    profile: recordOf('Profile', 1, { Name: 'Admin' }),
    role: null,
    permissions: new Set(['edit_all']),
  }
  const more: Partial<EvaluationContext> = {
    user,
    setup: (name) => (name === 'Limits__c' ? { Max__c: '9' } : undefined),
    label: (name) => (name === 'Hello' ? 'Hi' : undefined),
  }
  const record = thing({ RecordTypeId: KIND.recordId })
  assert.equal(resultOf('$User.Email', record, more), 'anna@example.com')
  assert.equal(resultOf('LEN($User.Id)', record, more), '15')
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
