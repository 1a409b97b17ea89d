import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, extended } from '../../../test/support/org-definitions.ts'
import { rawFields } from '../../org/save/record-edit.ts'
import { RECORDS_MAX } from '../../org/save/save-records.ts'
import { text } from '../../schema/define-field.ts'
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
  await saveAllOnce(house, [all.slice(0, RECORDS_MAX)], 'loaded') // then the process died

  await saveAllOnce(house, [all], 'loaded')
  await saveAllOnce(house, [all], 'loaded')

  const { records } = await house.stores.org.readRecords([
    { kind: 'all', objectName: 'Account', limit: 1000 },
  ])
  assert.equal(records.length, all.length)
  assert.equal(new Set(records.map(({ fields }) => fields['Name'])).size, all.length)
})

test('what a later list refers to by external id is saved before it', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: [
        extended('Account', [text('Number__c', 20, { unique: true, externalId: true })]),
        extended('Contact', []),
      ],
    }),
  })
  const account = {
    kind: 'create' as const,
    objectName: 'Account',
    fields: rawFields({ Name: 'Acme', Number__c: 'C-1' }),
  }
  const contact = {
    kind: 'create' as const,
    objectName: 'Contact',
    fields: rawFields({ LastName: 'Ek', Account: { Number__c: 'C-1' } }),
  }

  await saveAllOnce(house, [[account], [contact]], 'loaded')

  const { records } = await house.stores.org.readRecords([
    { kind: 'all', objectName: 'Contact', limit: 10 },
  ])
  assert.match(String(records[0]?.fields['AccountId']), /^001/)
})
