import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customObject } from '../../schema/custom-object.ts'
import { picklist, reference } from '../../schema/define-field.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import { permissionsOf } from '../people/permissions.ts'
import { describeField } from './describe-field.ts'

const THING = customObject({
  name: 'Thing__c',
  fields: [
    picklist('Land__c', 'France|Italy|Spain'),
    picklist('City__c', 'Paris|Nice|Turin', {
      controllingField: 'Land__c',
      valueSettings: [
        { value: 'Paris', controllingValues: ['France'] },
        { value: 'Nice', controllingValues: ['France', 'Italy'] },
        { value: 'Turin', controllingValues: ['Italy'] },
      ],
    }),
    reference('Master__c', ['Account'], { masterDetail: true }),
    reference('Keeper__c', ['Account'], { deleteConstraint: 'Restrict' }),
    reference('Look__c', ['Account']),
  ],
})

function described(name: string) {
  const field = fieldOf(THING, name)
  assert.ok(field)
  return describeField(THING, field, permissionsOf('Anybody', undefined))
}

test('a dependent picklist says which of its values go with which controlling value', () => {
  const { controllerName, dependentPicklist, picklistValues } = described('City__c')

  assert.deepEqual([controllerName, dependentPicklist], ['Land__c', true])
  assert.deepEqual(
    (picklistValues as { value: string; validFor: string }[]).map(({ validFor }) => validFor),
    ['gA==', 'wA==', 'QA=='],
  )
  assert.equal(described('Land__c')['dependentPicklist'], false)
})

test('a reference says what becomes of the record when the other is deleted', () => {
  const ends = ['Master__c', 'Keeper__c', 'Look__c', 'Land__c'].map((name) => {
    const { cascadeDelete, restrictedDelete } = described(name)
    return [cascadeDelete, restrictedDelete]
  })

  assert.deepEqual(ends, [
    [true, false],
    [false, true],
    [false, false],
    [false, false],
  ])
})
