import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeAutoNumber } from './auto-number.ts'
import { computedFields } from './computed-fields.ts'

const NOW_TEXT = '2026-03-02T10:00:00.000Z'

function computed(objectName: string, after: object, before: object | null = null) {
  const values = Object.fromEntries(Object.entries(after))
  const old = before && Object.fromEntries(Object.entries(before))
  return computedFields({
    objectName,
    before: old,
    after: values,
    edited: new Set(Object.keys(after)),
    nowText: NOW_TEXT,
  })
}

test('an auto-number is padded as its format says, and never cut', () => {
  const at = { now: Date.UTC(2026, 11, 31, 23, 30), timeZone: 'Europe/Berlin' }
  assert.equal(writeAutoNumber('A-{0000}', 7, at), 'A-0007')
  assert.equal(writeAutoNumber('A-{0000}', 123_456, at), 'A-123456')
  assert.equal(writeAutoNumber('{YYYY}/{YY}{MM}{DD}-{0}', 7, at), '2027/270101-7')
})

test('people have the name that their first and last name make', () => {
  assert.deepEqual(computed('Contact', { FirstName: 'Ann', LastName: 'Lee' }), { Name: 'Ann Lee' })
  assert.deepEqual(computed('Lead', { FirstName: null, LastName: 'Lee' }), { Name: 'Lee' })
})

test('a case keeps the moment it was closed, and loses it when it is opened again', () => {
  const closed = computed('Case', { Status: 'closed' })
  assert.deepEqual(closed, { IsClosed: true, ClosedDate: NOW_TEXT, IsClosedOnCreate: true })
  const before = { Status: 'Closed', IsClosed: true, ClosedDate: '2025-01-01T00:00:00.000Z' }
  assert.equal(computed('Case', before, before).ClosedDate, '2025-01-01T00:00:00.000Z')
  assert.equal(computed('Case', { ...before, Status: 'New' }, before).ClosedDate, null)
})

test('a stage brings its probability, unless the client gave one', () => {
  const stage = { StageName: 'Prospecting', CloseDate: '2026-12-01' }
  assert.equal(computed('Opportunity', stage).Probability, '10')
  assert.equal(computed('Opportunity', { ...stage, Probability: '33' }).Probability, '33')
  const won = computed('Opportunity', { StageName: 'Deal won', CloseDate: null })
  assert.partialDeepStrictEqual(won, { IsWon: true, IsClosed: true, FiscalYear: null })
})
