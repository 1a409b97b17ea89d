import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineIdOf, placeRun } from './run-place.ts'

const CONFIG = { jobConfigId: 'accounts', ordering: 'record', ownUserIds: [] } as const
const NOON = Date.UTC(2025, 11, 5, 12)

function place(fields: Readonly<Record<string, string>>, config = {}) {
  return placeRun(
    { ...CONFIG, ...config },
    { organizationId: '00D1', recordId: '0011', valueOf: (field) => fields[field] ?? null },
  )
}

test('a run stands in the line of its record, of its config, or in none', () => {
  assert.equal(lineIdOf(CONFIG, '00D1/0011'), '00D1/0011/accounts')
  assert.equal(lineIdOf(CONFIG, null), null)
  assert.equal(lineIdOf({ ...CONFIG, ordering: 'config' }, null), '*/accounts')
  assert.equal(lineIdOf({ ...CONFIG, ordering: 'none' }, '00D1/0011'), null)
  assert.equal(place({}).recordKey, '00D1/0011')
})

test('the stamp is SystemModstamp, or else LastModifiedDate, to the millisecond and in any zone', () => {
  const stampOf = (fields: Readonly<Record<string, string>>) => place(fields).stamp
  const LastModifiedDate = '2025-12-05T11:00:00.000Z'
  assert.deepEqual(stampOf({ SystemModstamp: '2025-12-05T12:00:00.001Z', LastModifiedDate }), {
    field: 'SystemModstamp',
    at: NOON + 1,
  })
  assert.deepEqual(stampOf({ LastModifiedDate }), {
    field: 'LastModifiedDate',
    at: NOON - 3_600_000,
  })
  assert.equal(stampOf({ SystemModstamp: '2025-12-05T13:00:00+01:00' })?.at, NOON)
})

test('what is no instant is no stamp', () => {
  for (const SystemModstamp of ['', 'now', '2025-12-05', '2025-13-45T12:00:00Z', '12']) {
    assert.equal(place({ SystemModstamp }).stamp, null)
  }
  const none = { organizationId: '00D1', recordId: null, valueOf: () => '2025-12-05T12:00:00Z' }
  assert.equal(placeRun(CONFIG, none).stamp, null)
})

test('a change is an own one where its user is one of the config’s, by 15 or 18 characters', () => {
  const ownUserIds = ['0055e000000AbcDAAS']
  const isOwn = (LastModifiedById: string) =>
    place({ LastModifiedById }, { ownUserIds }).isOwnChange
  assert.equal(isOwn('0055e000000AbcDAAS'), true)
  assert.equal(isOwn('0055e000000AbcD'), true)
  assert.equal(isOwn('0055e000000abcD'), false)
  assert.equal(isOwn('0055e000000AbcDAA'), false)
  assert.equal(isOwn(''), false)
  assert.equal(place({}, { ownUserIds }).isOwnChange, false)
})
