import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'

test('a saved record has its defaults, its owner and the moment it was saved', async (t) => {
  const { org, adminId, create } = await openTestOrg(t)

  const id = await create('Case', { Subject: ' Help \r\n me ', Origin: '' })

  const [record] = (await org.store.readRecords([{ kind: 'ids', objectName: 'Case', ids: [id] }]))
    .records
  assert.partialDeepStrictEqual(record?.fields, {
    Id: id,
    Subject: 'Help \r\n me',
    Status: 'New',
    Priority: 'Medium',
    Origin: null,
    CaseNumber: '00000001',
    IsClosed: false,
    OwnerId: adminId,
    CreatedById: adminId,
    CreatedDate: '2026-03-02T10:00:00.000Z',
  })
})
