import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, validationRule } from '../../../test/support/org-definitions.ts'
import { customObject } from '../../schema/custom-object.ts'
import { field, picklist, text } from '../../schema/define-field.ts'
import type { RecordType } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Profile } from '../definitions.ts'
import { describeObject } from '../describe/describe-object.ts'
import { keepNamedRecords } from '../founding/keep-named-records.ts'
import { rawFields, type SaveResult } from './record-edit.ts'

const PARTS: readonly RecordType[] = [
  {
    developerName: 'Small',
    label: 'Small',
    active: true,
    picklists: [
      { field: 'Color__c', values: ['Red', 'Green'], defaults: ['Green'] },
      { field: 'Sizes__c', values: ['S', 'M'], defaults: ['S', 'M'] },
      { field: 'Loose__c', values: ['A'], defaults: [] },
    ],
  },
  { developerName: 'Big', label: 'Big', active: true },
  { developerName: 'Old', label: 'Old', active: false },
  { developerName: 'Secret', label: 'Secret', active: true },
]
const THING = customObject({
  name: 'Thing__c',
  recordTypes: PARTS,
  fields: [
    picklist('Color__c', '*Red|Green|Blue', { restricted: true }),
    field('Sizes__c', 'multipicklist', {
      restricted: true,
      picklist: picklist('x', 'S|M|L').picklist ?? [],
    }),
    picklist('Loose__c', '*A|B'),
    text('Kind__c', 80, { defaultValue: '$RecordType.DeveloperName' }),
  ],
})
const ADMIN: Profile = {
  name: 'Admin',
  unreadable: [],
  readOnly: [],
  userPermissions: [],
  recordTypes: { defaults: ['Thing__c.Small'], hidden: ['Thing__c.Secret'] },
}

async function openThings(t: TestContext, profiles: readonly Profile[] = []) {
  const house = await openTestOrg(t, {
    definitions: [
      ...asDefinitions({
        objects: [THING],
        validationRules: [
          validationRule({
            objectName: 'Thing__c',
            fullName: 'No_big_blue',
            errorConditionFormula:
              'AND($RecordType.Name = "Big", ISPICKVAL(Color__c, "Blue"), Name = "Bad")',
          }),
        ],
      }),
      ...profiles.map((body) => ({ kind: 'profile' as const, key: body.name, body })),
    ],
  })
  await keepNamedRecords(house.org, { queues: [], userId: house.adminId })
  const names = await house.org.namedRecords.names()
  const typeId = (name: string) => names.recordTypeNamed(name, 'Thing__c')
  return { ...house, typeId }
}

async function valuesOf({ org }: TestOrg, recordId: RecordId) {
  const { records } = await org.store.readRecords([
    { kind: 'ids', objectName: 'Thing__c', ids: [recordId] },
  ])
  const { Color__c, Sizes__c, Loose__c, Kind__c } = records[0]?.fields ?? {}
  return [Color__c, Sizes__c, Loose__c, Kind__c]
}

function codeOf(result: SaveResult | undefined) {
  return result?.kind === 'refused' ? result.errors[0]?.statusCode : result?.kind
}

test('a new record gets the values that its record type says, and none where it says none', async (t) => {
  const house = await openThings(t)

  const small = await house.create('Thing__c', { RecordTypeId: house.typeId('Small') })
  const big = await house.create('Thing__c', { RecordTypeId: house.typeId('Big') })
  const master = await house.create('Thing__c', {})

  assert.deepEqual(await valuesOf(house, small), ['Green', 'S;M', null, 'Small'])
  assert.deepEqual(await valuesOf(house, big), ['Red', null, 'A', 'Big'])
  assert.deepEqual(await valuesOf(house, master), ['Red', null, 'A', null])
})

test('a restricted picklist takes the values of the record type alone, an open one takes all', async (t) => {
  const house = await openThings(t)
  const small = await house.create('Thing__c', { RecordTypeId: house.typeId('Small') })
  const update = async (fields: object) => {
    const edit = { kind: 'update', objectName: 'Thing__c', recordId: small } as const
    return codeOf((await house.save([{ ...edit, fields: rawFields(fields) }]))[0])
  }

  assert.equal(await update({ Color__c: 'red' }), 'saved')
  assert.equal(await update({ Color__c: 'Blue' }), 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST')
  assert.equal(await update({ Sizes__c: 'S;L' }), 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST')
  assert.equal(await update({ Loose__c: 'B' }), 'saved')
  assert.equal(await update({ RecordTypeId: house.typeId('Big'), Color__c: 'Blue' }), 'saved')
  // What was not edited stays, also where the record type would not give it.
  assert.equal(await update({ RecordTypeId: house.typeId('Small') }), 'saved')
})

test('the profile says which record type a new record gets, and which it may not', async (t) => {
  const house = await openThings(t, [ADMIN])
  const create = async (name: string) => {
    const fields = rawFields({ RecordTypeId: house.typeId(name) })
    return codeOf((await house.save([{ kind: 'create', objectName: 'Thing__c', fields }]))[0])
  }

  const given = await house.create('Thing__c', {})
  assert.deepEqual((await valuesOf(house, given))[0], 'Green')
  assert.equal(await create('Secret'), 'INVALID_CROSS_REFERENCE_KEY')
  assert.equal(await create('Old'), 'INVALID_CROSS_REFERENCE_KEY')
  assert.equal(await create('Big'), 'saved')
})

test('describe tells which record types the user may give, and which one is given', async (t) => {
  const house = await openThings(t, [ADMIN])

  const described = await describeObject(house.org, 'Thing__c', house.adminId)

  const infos = described?.['recordTypeInfos'] as Record<string, unknown>[]
  assert.deepEqual(
    infos.map((each) => [
      each['developerName'],
      each['available'],
      each['defaultRecordTypeMapping'],
    ]),
    [
      ['Small', true, true],
      ['Big', true, false],
      ['Old', false, false],
      ['Secret', false, false],
      ['Master', true, false],
    ],
  )
  assert.equal(infos[0]?.['recordTypeId'], house.typeId('Small'))
})

test('rules know the record type of a record that is being made', async (t) => {
  const house = await openThings(t)
  const fields = { RecordTypeId: house.typeId('Big'), Color__c: 'Blue', Name: 'Bad' }

  const [result] = await house.save([
    { kind: 'create', objectName: 'Thing__c', fields: rawFields(fields) },
  ])

  assert.equal(codeOf(result), 'FIELD_CUSTOM_VALIDATION_EXCEPTION')
})
