import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  fieldUpdate,
  sendableMessage,
  validationRule,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { ROLLED_UP_OBJECTS } from '../../../test/support/rolled-up-objects.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { type RecordEdit, rawFields } from './record-edit.ts'

type Parts = Omit<Parameters<typeof asDefinitions>[0], 'objects'>

async function openShops(t: TestContext, parts: Parts = {}) {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ ...parts, objects: ROLLED_UP_OBJECTS }),
  })
  const city = await house.create('City__c', { Name: 'Rome' })
  const shop = await house.create('Shop__c', { Name: 'A', City__c: city })
  return { ...house, city, shop }
}

const ordering = (shop: RecordId, fields: object): RecordEdit => ({
  kind: 'create',
  objectName: 'Order__c',
  fields: rawFields({ Shop__c: shop, ...fields }),
})
const changing = (recordId: RecordId, fields: object): RecordEdit => ({
  kind: 'update',
  objectName: 'Order__c',
  recordId,
  fields: rawFields(fields),
})

async function save({ save: saveAll }: TestOrg, ...edits: readonly RecordEdit[]) {
  const results = await saveAll(edits)
  return results.map((each) => {
    assert.equal(each.kind, 'saved', JSON.stringify(each))
    return each.kind === 'saved' ? each.recordId : ('' as RecordId)
  })
}

async function fieldsOf({ org }: TestOrg, objectName: string, recordId: RecordId) {
  const { records } = await org.store.readRecords([{ kind: 'ids', objectName, ids: [recordId] }])
  assert.ok(records[0])
  return records[0].fields
}

async function shopNow(house: TestOrg, shop: RecordId) {
  const { Orders__c, Turnover__c, Least__c, Most__c, Last__c } = await fieldsOf(
    house,
    'Shop__c',
    shop,
  )
  return [Orders__c, Turnover__c, Least__c, Most__c, Last__c]
}

test('a master without details has counts and sums of 0, and no least or most', async (t) => {
  const house = await openShops(t)

  assert.deepEqual(await shopNow(house, house.shop), ['0', '0', null, null, null])
})

test('every insert, update and delete of a detail is rolled up in the same commit, filters and formulas counted in', async (t) => {
  const house = await openShops(t)
  const { shop } = house
  const day = '2026-02-03'
  const [one, two] = await save(
    house,
    ordering(shop, { Amount__c: 10, Status__c: 'Paid', Day__c: '2026-02-01' }),
    ordering(shop, { Amount__c: 20.5, Day__c: day }),
  )
  assert.ok(one && two)
  assert.deepEqual(await shopNow(house, shop), ['2', '10', '10', '24.6', day])

  await save(house, changing(two, { Status__c: 'paid' }))
  assert.deepEqual(await shopNow(house, shop), ['2', '30.5', '10', '24.6', day])

  await save(house, changing(one, { Amount__c: 30 }))
  assert.deepEqual(await shopNow(house, shop), ['2', '50.5', '20.5', '36', day])

  await save(house, { kind: 'delete', objectName: null, recordId: one })
  assert.deepEqual(await shopNow(house, shop), ['1', '20.5', '20.5', '24.6', day])

  await save(house, { kind: 'delete', objectName: null, recordId: two })
  assert.deepEqual(await shopNow(house, shop), ['0', '0', null, null, null])
})

test('a detail that gets another master leaves the old one and comes to the new', async (t) => {
  const house = await openShops(t)
  const { shop, city } = house
  const other = await house.create('Shop__c', { Name: 'B', City__c: city })
  const [order] = await save(house, ordering(shop, { Amount__c: 5, Status__c: 'Paid' }))
  assert.ok(order)

  await save(house, changing(order, { Shop__c: other }))

  assert.deepEqual(await shopNow(house, shop), ['0', '0', null, null, null])
  assert.deepEqual(await shopNow(house, other), ['1', '5', '5', '6', null])
})

test('many details of one call are one save of the master, whose rules fire once, with its own roll-up above', async (t) => {
  const house = await openShops(t, {
    rules: [
      workflowRule({
        objectName: 'Shop__c',
        formula: 'ISCHANGED(Turnover__c)',
        actions: [
          { name: 'Note', type: 'FieldUpdate' },
          { name: 'Tell_ERP', type: 'OutboundMessage' },
        ],
      }),
    ],
    fieldUpdates: [
      fieldUpdate({
        objectName: 'Shop__c',
        fullName: 'Note',
        field: 'Note__c',
        formula: 'TEXT(PRIORVALUE(Turnover__c)) & " to " & TEXT(Turnover__c)',
      }),
    ],
    messages: [sendableMessage({ objectName: 'Shop__c' })],
  })
  const { shop, city } = house

  const edits = Array.from({ length: 200 }, () => {
    return ordering(shop, { Amount__c: 1.01, Status__c: 'Paid' })
  })
  await save(house, ...edits)

  const fields = await fieldsOf(house, 'Shop__c', shop)
  assert.deepEqual(
    [fields['Orders__c'], fields['Turnover__c'], fields['Note__c']],
    ['200', '202', '0 to 202'],
  )
  assert.equal((await fieldsOf(house, 'City__c', city))['Turnover__c'], '202')
  assert.equal((await house.stores.outbox.list({ limit: 10 })).length, 1)
})

test('where the master is refused its details are, and the others are saved', async (t) => {
  const house = await openShops(t, {
    validationRules: [
      validationRule({
        objectName: 'City__c',
        fullName: 'Too_much',
        errorConditionFormula: 'Turnover__c > 100',
        errorDisplayField: 'Turnover__c',
      }),
    ],
  })
  const quiet = await house.create('City__c', { Name: 'Bern' })
  const other = await house.create('Shop__c', { Name: 'B', City__c: quiet })

  const results = await house.save([
    ordering(house.shop, { Amount__c: 60, Status__c: 'Paid' }),
    ordering(other, { Amount__c: 60, Status__c: 'Paid' }),
    ordering(house.shop, { Amount__c: 60, Status__c: 'Paid' }),
  ])

  const refused = {
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Too much',
    fields: [],
  }
  assert.deepEqual(
    results.map((each) => (each.kind === 'refused' ? each.errors : each.kind)),
    [[refused], 'saved', [refused]],
  )
  assert.deepEqual((await shopNow(house, house.shop))[0], '0')
  assert.deepEqual((await shopNow(house, other))[0], '1')
})

test('a roll-up beyond its field refuses the detail', async (t) => {
  const house = await openShops(t)
  const most = { Amount__c: '9999999999999999.99', Status__c: 'Paid' }
  await save(house, ordering(house.shop, { Amount__c: 1, Status__c: 'Paid' }))

  const [result] = await house.save([ordering(house.shop, most)])

  assert.equal(
    result?.kind === 'refused' && result.errors[0]?.statusCode,
    'NUMBER_OUTSIDE_VALID_RANGE',
  )
})

test('a roll-up is not written by clients', async (t) => {
  const house = await openShops(t)

  const [result] = await house.save([
    {
      kind: 'update',
      objectName: 'Shop__c',
      recordId: house.shop,
      fields: rawFields({ Orders__c: 9 }),
    },
  ])

  assert.equal(
    result?.kind === 'refused' && result.errors[0]?.statusCode,
    'INVALID_FIELD_FOR_INSERT_UPDATE',
  )
})

test('what leaves the roll-ups as they are tells nobody of the master', async (t) => {
  const house = await openShops(t)
  const [order] = await save(house, ordering(house.shop, { Amount__c: 5 }))
  await save(house, ordering(house.shop, { Amount__c: 4, Day__c: '2026-01-01' }))
  house.told.length = 0
  assert.ok(order)

  await save(house, changing(order, { Name: 'Renamed' }))
  await save(house, changing(order, { Day__c: '2025-12-01' })) // rivals may take the latest day away meanwhile

  const saved = house.told.filter(({ event }) => event === 'record.saved')
  assert.deepEqual(
    saved.map(({ fields }) => fields['objectName']),
    ['Order__c', 'Order__c'],
  )
})
