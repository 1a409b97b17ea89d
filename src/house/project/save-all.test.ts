import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { rawFields } from '../../org/save/record-edit.ts'
import { RECORDS_MAX } from '../../org/save/save-records.ts'
import { saveAllOnce } from './save-all.ts'

const accounts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'create' as const,
    objectName: 'Account',
    fields: rawFields({ Name: `Account ${index}` }),
  }))

test('first data that a crash cut short is gone on with where its last commit left it', async (t) => {
  const house = await openTestOrg(t)
  const all = accounts(RECORDS_MAX + 3)
  await saveAllOnce(house, all.slice(0, RECORDS_MAX), 'loaded') // then the process died

  await saveAllOnce(house, all, 'loaded')
  await saveAllOnce(house, all, 'loaded')

  const { records } = await house.stores.org.readRecords([
    { kind: 'all', objectName: 'Account', limit: 1000 },
  ])
  assert.equal(records.length, all.length)
  assert.equal(new Set(records.map(({ fields }) => fields['Name'])).size, all.length)
})
