import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, INVOICE } from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { type RecordEdit, rawFields, type SaveResult } from './record-edit.ts'

const invoices = { definitions: asDefinitions({ objects: [INVOICE] }) }

function creating(objectName: string, fields: object): RecordEdit {
  return { kind: 'create', objectName, fields: rawFields(fields) }
}

function updating(objectName: string, recordId: string, fields: object): RecordEdit {
  return { kind: 'update', objectName, recordId, fields: rawFields(fields) }
}

function upserting(keyValue: string, fields: object): RecordEdit {
  const keyField = 'Number__c'
  return { kind: 'upsert', objectName: 'Invoice__c', keyField, keyValue, fields: rawFields(fields) }
}

function codesOf(results: readonly SaveResult[]): readonly string[] {
  return results.map((each) =>
    each.kind === 'saved' ? 'saved' : (each.errors[0]?.statusCode ?? ''),
  )
}

for (const store of storesUnderTest()) {
  test(`${store.name}: upserts of one key at the same moment make one record`, async (t) => {
    const { org, save } = await openTestOrg(t, { ...invoices, store })

    const results = await Promise.all(
      Array.from({ length: 8 }, (_, amount) => save([upserting('K', { Amount__c: amount })])),
    )

    assert.deepEqual(new Set(results.flatMap(codesOf)), new Set(['saved']))
    const { records } = await org.store.readRecords([
      { kind: 'all', objectName: 'Invoice__c', limit: 9 },
    ])
    assert.equal(records.length, 1)
    assert.equal(records[0]?.version, 8)
  })

  test(`${store.name}: creates with one unique value at the same moment: one is saved, the others are told who has it`, async (t) => {
    const { save } = await openTestOrg(t, { ...invoices, store })

    const results = await Promise.all(
      Array.from({ length: 4 }, () => save([creating('Invoice__c', { Number__c: 'same' })])),
    )

    const codes = results.flatMap(codesOf).sort()
    assert.deepEqual(codes, ['DUPLICATE_VALUE', 'DUPLICATE_VALUE', 'DUPLICATE_VALUE', 'saved'])
    assert.ok(!JSON.stringify(results).includes('unknown'))
  })

  test(`${store.name}: many changes of one record at the same moment are all made, one after the other`, async (t) => {
    const { org, create, save } = await openTestOrg(t, { store })
    const id = await create('Account', { Name: 'Hot' })

    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        save([updating('Account', id, { AccountNumber: `${n}` })]),
      ),
    )

    assert.deepEqual(new Set(results.flatMap(codesOf)), new Set(['saved']))
    const { records } = await org.store.readRecords([
      { kind: 'ids', objectName: 'Account', ids: [id] },
    ])
    assert.equal(records[0]?.version, 21)
  })
}
