import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Org, openOrg } from '../../src/org/open-org.ts'
import { type RecordEdit, rawFields } from '../../src/org/save/record-edit.ts'
import { saveRecords } from '../../src/org/save/save-records.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import { openStores } from '../../src/store/open-store.ts'
import { afterTest } from '../support/after-test.ts'
import { interrupted } from '../support/interrupted-store.ts'
import { openTestOrg, type TestOrg } from '../support/open-test-org.ts'
import { asDefinitions } from '../support/org-definitions.ts'
import { ROLLED_UP_OBJECTS } from '../support/rolled-up-objects.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'

const ordering = (shop: RecordId, amount: number, status = 'Paid'): RecordEdit => ({
  kind: 'create',
  objectName: 'Order__c',
  fields: rawFields({ Shop__c: shop, Amount__c: amount, Status__c: status }),
})

async function openShop(t: TestContext, store: StoreUnderTest) {
  const house = await openTestOrg(t, {
    store,
    definitions: asDefinitions({ objects: ROLLED_UP_OBJECTS }),
  })
  const city = await house.create('City__c', { Name: 'Rome' })
  const shop = await house.create('Shop__c', { Name: 'A', City__c: city })
  return { ...house, city, shop }
}

/** The same org as another machine has it: nothing is shared but the store. */
async function openElsewhere(t: TestContext, { stores, clock, org }: TestOrg): Promise<Org> {
  const others = await openStores(stores.url, { secretKey: Buffer.alloc(32, 7) })
  afterTest(t, () => others.close())
  return openOrg({ store: others.org, clock, log: org.log, onQueued: () => {} })
}

async function fieldsOf({ org }: TestOrg, objectName: string, recordId: RecordId) {
  const { records } = await org.store.readRecords([{ kind: 'ids', objectName, ids: [recordId] }])
  return records[0]?.fields ?? {}
}

for (const store of storesUnderTest()) {
  test(`${store.name}: fifty details saved at the same moment are all saved, and all counted`, async (t) => {
    const house = await openShop(t, store)

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => house.save([ordering(house.shop, index + 1)])),
    )

    assert.deepEqual(new Set(results.flat().map(({ kind }) => kind)), new Set(['saved']))
    assert.partialDeepStrictEqual(await fieldsOf(house, 'Shop__c', house.shop), {
      Orders__c: '50',
      Turnover__c: '1275',
      Least__c: '1',
      Most__c: '60',
    })
    assert.equal((await fieldsOf(house, 'City__c', house.city))['Turnover__c'], '1275')
  })

  test(`${store.name}: two machines that change details of one master lose none of it`, async (t) => {
    const house = await openShop(t, store)
    const elsewhere = await openElsewhere(t, house)
    const [least] = await house.save([ordering(house.shop, 1)])
    assert.ok(least?.kind === 'saved')
    const options = { userId: house.adminId, allOrNone: true }
    const untilSaved = async (org: Org, edit: RecordEdit) => {
      for (;;) {
        const [result] = await saveRecords(org, [edit], options)
        if (result?.kind === 'saved') return
        assert.equal(result?.errors[0]?.statusCode, 'UNABLE_TO_LOCK_ROW')
      }
    }

    // The least goes while others come that would be the least then.
    await Promise.all([
      untilSaved(house.org, { kind: 'delete', objectName: null, recordId: least.recordId }),
      ...Array.from({ length: 12 }, (_, index) => {
        return untilSaved(index % 2 ? house.org : elsewhere, ordering(house.shop, 20 - index))
      }),
    ])

    assert.partialDeepStrictEqual(await fieldsOf(house, 'Shop__c', house.shop), {
      Orders__c: '12',
      Turnover__c: '174',
      Least__c: '9',
      Most__c: '24',
    })
  })

  test(`${store.name}: the least leaves at the moment when another becomes what will be the least`, async (t) => {
    const house = await openShop(t, store)
    const results = await house.save(
      [1, 9, 20].map((amount) => ordering(house.shop, amount, 'New')),
    )
    const [least = '', middle = ''] = results.map((each) => {
      return each.kind === 'saved' ? each.recordId : ''
    })
    const changing = (recordId: string, amount: number): RecordEdit => ({
      kind: 'update',
      objectName: 'Order__c',
      recordId,
      fields: rawFields({ Amount__c: amount }),
    })
    // To the shop the rival's change makes no difference yet: least, most, count and sum stay.
    const rival = await openOrg({
      store: interrupted(house.stores.org, () => house.save([changing(middle, 5)])),
      clock: house.clock,
      log: house.org.log,
      onQueued: () => {},
    })

    await saveRecords(rival, [changing(least, 8)], { userId: house.adminId, allOrNone: true })

    assert.equal((await fieldsOf(house, 'Shop__c', house.shop))['Least__c'], '5')
  })
}
