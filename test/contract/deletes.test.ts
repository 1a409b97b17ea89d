import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openOrg } from '../../src/org/open-org.ts'
import { saveRecords } from '../../src/org/save/save-records.ts'
import { interrupted } from '../support/interrupted-store.ts'
import { openTestOrg } from '../support/open-test-org.ts'
import { asDefinitions } from '../support/org-definitions.ts'
import { ROLLED_UP_OBJECTS } from '../support/rolled-up-objects.ts'
import { storesUnderTest } from '../support/stores.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: a detail that comes while its master is being deleted goes with it`, async (t) => {
    const house = await openTestOrg(t, {
      store,
      definitions: asDefinitions({ objects: ROLLED_UP_OBJECTS }),
    })
    const city = await house.create('City__c', { Name: 'Rome' })
    // A shop without orders adds nothing to its city's turnover: only its reference tells of it.
    const rival = await openOrg({
      store: interrupted(house.stores.org, () => {
        return house.create('Shop__c', { Name: 'Late', City__c: city })
      }),
      clock: house.clock,
      log: house.org.log,
      onQueued: () => {},
    })

    const [result] = await saveRecords(
      rival,
      [{ kind: 'delete', objectName: null, recordId: city }],
      { userId: house.adminId, allOrNone: true },
    )

    assert.equal(result?.kind, 'saved')
    const { records } = await house.org.store.readRecords([
      { kind: 'all', objectName: 'Shop__c', limit: 9 },
    ])
    assert.deepEqual(records, [])
  })
}
