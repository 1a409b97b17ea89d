import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf, objects, recordOf, THING, thing } from '../../../../test/support/rules-org.ts'
import { compileFormula } from '../compile-formula.ts'

const compile = (text: string) => compileFormula(text, { object: THING, objects, blanks: 'asNull' })
const LIMIT = '$ObjectType.Parent__c.Fields.Limit__c'
const NAME = '$ObjectType.Parent__c.Fields.Name'

test('VLOOKUP gives the field of the record of that name, and is blank where there is none', () => {
  const formula = compile(`VLOOKUP(${LIMIT}, ${NAME}, Text__c)`)
  assert.ok(formula.kind === 'compiled')
  const found = recordOf('Parent__c', 9, { Name: 'A', Limit__c: '10' })
  const recordNamed = (objectName: string, name: string) => {
    return objectName === 'Parent__c' && name === 'A' ? found : undefined
  }

  assert.equal(formula.type, 'Number')
  assert.equal(formula.evaluate(contextOf(thing({ Text__c: 'A' }), { recordNamed })), '10')
  assert.equal(formula.evaluate(contextOf(thing({ Text__c: 'B' }), { recordNamed })), null)
  assert.equal(formula.evaluate(contextOf(thing(), { recordNamed })), null)
})

test('where records may not be looked for, VLOOKUP says so', () => {
  const formula = compile(`VLOOKUP(${LIMIT}, ${NAME}, Text__c)`)
  assert.ok(formula.kind === 'compiled')

  assert.throws(() => formula.evaluate(contextOf(thing({ Text__c: 'A' }))), {
    errorCode: 'FORMULA_NOT_AVAILABLE',
  })
})

test('VLOOKUP takes two stored fields of one object, the second its name', () => {
  for (const args of [
    `Text__c, ${NAME}, "A"`,
    `${LIMIT}, ${LIMIT}, "A"`,
    `$ObjectType.Parent__c.Fields.Twice__c, ${NAME}, "A"`,
    `${LIMIT}, $ObjectType.Thing__c.Fields.Name, "A"`,
  ]) {
    const formula = compile(`VLOOKUP(${args})`)
    assert.equal(
      formula.kind === 'broken' && formula.error.errorCode,
      'FORMULA_ARGUMENT_TYPE',
      args,
    )
  }
  const unknown = compile(`ISBLANK(VLOOKUP($ObjectType.Gone__c.Fields.X__c, ${NAME}, "A"))`)
  assert.deepEqual(unknown.kind === 'compiled' && unknown.warnings.map(({ code }) => code), [
    'FORMULA_UNKNOWN_GLOBAL',
  ])
})
