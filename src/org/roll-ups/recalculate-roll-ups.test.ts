import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  sendableMessage,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { ofOrders, ROLLED_UP_OBJECTS } from '../../../test/support/rolled-up-objects.ts'
import { type StoreUnderTest, storesUnderTest } from '../../../test/support/stores.ts'
import type { ObjectDefinition, Summary } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields } from '../save/record-edit.ts'
import { openRollUpRecalculation } from './recalculate-roll-ups.ts'

/** The objects with other roll-ups than theirs, by field; null has none. */
function objectsWith(summaries: Readonly<Record<string, Summary | null>>) {
  return ROLLED_UP_OBJECTS.map((object): ObjectDefinition => {
    const fields = object.fields.map((field) => {
      const wanted = summaries[`${object.name}.${field.name}`]
      if (wanted === undefined) return field
      const { summary: _, ...bare } = field
      return wanted === null ? bare : { ...bare, summary: wanted }
    })
    return { ...object, fields }
  })
}

const NONE = {
  'City__c.Turnover__c': null,
  'Shop__c.Turnover__c': null,
  'Shop__c.Orders__c': null,
  'Shop__c.Most__c': null,
  'Shop__c.Least__c': null,
  'Shop__c.Last__c': null,
}

async function define(house: TestOrg, objects: readonly ObjectDefinition[]): Promise<void> {
  await house.stores.org.replaceDefinitions('project', asDefinitions({ objects }))
  await house.org.refresh()
}

/** Turns until nothing is left, past the time in which older definitions may still be at work. */
async function recalculate(house: TestOrg, slice = 2): Promise<void> {
  const { turn } = openRollUpRecalculation(house.org, { slice })
  await turn()
  house.clock.at += 3000
  while ((await turn()) === 'worked');
}

async function shopsBefore(t: TestContext, store?: StoreUnderTest) {
  const house = await openTestOrg(t, {
    ...(store ? { store } : {}),
    definitions: asDefinitions({ objects: objectsWith(NONE) }),
  })
  const city = await house.create('City__c', { Name: 'Rome' })
  const shops: RecordId[] = []
  for (const amounts of [[1, 2], [], [10, 20, 30], [5], [7]]) {
    const shop = await house.create('Shop__c', { Name: 'S', City__c: city })
    shops.push(shop)
    for (const amount of amounts) await order(house, shop, amount)
  }
  return { ...house, city, shops }
}

function order(house: TestOrg, shop: RecordId, amount: number, status = 'Paid') {
  return house.create('Order__c', { Shop__c: shop, Amount__c: amount, Status__c: status })
}

async function valuesOf({ org }: TestOrg, objectName: string, field: string) {
  const { records } = await org.store.readRecords([{ kind: 'all', objectName, limit: 100 }])
  return records.map(({ fields }) => fields[field])
}

for (const store of storesUnderTest()) {
  test(`${store.name}: roll-ups that are new are calculated over what is there, those above after those below`, async (t) => {
    const house = await shopsBefore(t, store)

    await define(house, ROLLED_UP_OBJECTS)
    await recalculate(house)

    assert.deepEqual(await valuesOf(house, 'Shop__c', 'Orders__c'), ['2', '0', '3', '1', '1'])
    assert.deepEqual(await valuesOf(house, 'Shop__c', 'Turnover__c'), ['3', '0', '60', '5', '7'])
    assert.deepEqual(await valuesOf(house, 'Shop__c', 'Least__c'), ['1', null, '10', '5', '7'])
    assert.deepEqual(await valuesOf(house, 'Shop__c', 'Most__c'), ['2.4', null, '36', '6', '8.4'])
    assert.deepEqual(await valuesOf(house, 'City__c', 'Turnover__c'), ['75'])
  })
}

test('a roll-up that means something else is calculated anew, and so is what rolls it up', async (t) => {
  const house = await shopsBefore(t)
  await define(house, ROLLED_UP_OBJECTS)
  await recalculate(house)

  const above = [{ field: 'Order__c.Amount__c', operation: 'greaterThan', value: '6' }]
  await define(house, objectsWith({ 'Shop__c.Turnover__c': ofOrders('sum', 'Amount__c', above) }))
  await recalculate(house)

  assert.deepEqual(await valuesOf(house, 'Shop__c', 'Turnover__c'), ['0', '0', '60', '0', '7'])
  assert.deepEqual(await valuesOf(house, 'City__c', 'Turnover__c'), ['67'])
})

test('what was begun goes on where it stopped, and what is right is not written again', async (t) => {
  const house = await shopsBefore(t)
  await define(house, objectsWith({ ...NONE, 'Shop__c.Orders__c': ofOrders('count', null) }))
  const first = openRollUpRecalculation(house.org, { slice: 2 })
  assert.equal(await first.turn(), 'idle')
  house.clock.at += 3000
  assert.equal(await first.turn(), 'worked')
  assert.deepEqual(await valuesOf(house, 'Shop__c', 'Orders__c'), ['2', '0', null, null, null])

  const second = openRollUpRecalculation(house.org, { slice: 2 })
  assert.equal(await second.turn(), 'worked')
  assert.deepEqual(await valuesOf(house, 'Shop__c', 'Orders__c'), ['2', '0', '3', '1', null])
  while ((await second.turn()) === 'worked');
  await recalculate(house)

  const { records } = await house.org.store.readRecords([
    { kind: 'all', objectName: 'Shop__c', limit: 9 },
  ])
  assert.deepEqual(
    records.map(({ version }) => version),
    [2, 2, 2, 2, 2],
  )
})

test('details that are saved meanwhile are counted once', async (t) => {
  const house = await shopsBefore(t)
  const [shop] = house.shops
  assert.ok(shop)
  await define(house, ROLLED_UP_OBJECTS)
  await order(house, shop, 100) // before its turn, onto a value that is not right yet

  await Promise.all([
    recalculate(house),
    ...Array.from({ length: 10 }, () => order(house, shop, 1)),
  ])
  await order(house, shop, 1000)

  assert.deepEqual((await valuesOf(house, 'Shop__c', 'Turnover__c'))[0], '1113')
  assert.deepEqual((await valuesOf(house, 'Shop__c', 'Orders__c'))[0], '14')
  assert.deepEqual(await valuesOf(house, 'City__c', 'Turnover__c'), ['1185'])
})

test('no rule fires for it, and the master keeps who modified it and when', async (t) => {
  const house = await shopsBefore(t)
  const before = await valuesOf(house, 'Shop__c', 'LastModifiedDate')
  await house.stores.org.replaceDefinitions(
    'project',
    asDefinitions({
      objects: ROLLED_UP_OBJECTS,
      rules: [workflowRule({ objectName: 'Shop__c' })],
      messages: [sendableMessage({ objectName: 'Shop__c' })],
    }),
  )
  await house.org.refresh()

  await recalculate(house)

  assert.deepEqual(await valuesOf(house, 'Shop__c', 'LastModifiedDate'), before)
  assert.deepEqual(await house.stores.outbox.list({ limit: 9 }), [])
  await house.save([
    {
      kind: 'update',
      objectName: 'Shop__c',
      recordId: house.shops[0] ?? '',
      fields: rawFields({ Note__c: 'x' }),
    },
  ])
  assert.equal((await house.stores.outbox.list({ limit: 9 })).length, 1)
})
