import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Contribution, type RollUpKind, rollUpAll, rollUpChanges } from './roll-up.ts'

const amounts = (operation: RollUpKind['operation']): RollUpKind => ({
  operation,
  type: 'currency',
})
const value = (text: string | null) => ({ kind: 'value' as const, value: text })

test('a count counts details, blank or not; a sum takes blanks for nothing', () => {
  assert.equal(rollUpAll(amounts('count'), ['1', null, undefined]), '2')
  assert.equal(rollUpAll(amounts('sum'), ['0.1', '0.2', null, undefined]), '0.3')
  assert.equal(rollUpAll(amounts('count'), []), '0')
  assert.equal(rollUpAll(amounts('sum'), []), '0')
})

test('a minimum and a maximum of blanks are blank; numbers compare as numbers, days as days', () => {
  assert.equal(rollUpAll(amounts('min'), [null, undefined]), null)
  assert.equal(rollUpAll(amounts('max'), ['9', '10', null]), '10')
  assert.equal(rollUpAll(amounts('min'), ['-2', '-10']), '-10')
  const days: RollUpKind = { operation: 'max', type: 'date' }
  assert.equal(rollUpAll(days, ['2026-01-09', '2025-12-31']), '2026-01-09')
})

test('a sum stays exact where doubles are not', () => {
  const changes = Array.from({ length: 1000 }, () => ({ before: undefined, after: '0.1' }))
  assert.deepEqual(
    rollUpChanges(amounts('sum'), '9999999999999900.05', changes),
    value('10000000000000000.05'),
  )
})

test('the others are asked for only when the least has gone and nothing takes its place', () => {
  const least = amounts('min')
  const change = (before: Contribution, after: Contribution) => [{ before, after }]
  assert.deepEqual(rollUpChanges(least, '5', change(undefined, '7')), value('5'))
  assert.deepEqual(rollUpChanges(least, '5', change('7', undefined)), value('5'))
  assert.deepEqual(rollUpChanges(least, '5', change('5', '3')), value('3'))
  assert.deepEqual(rollUpChanges(least, '5', change('5', '6')), { kind: 'details wanted' })
  assert.deepEqual(rollUpChanges(least, '5', change('5', undefined)), { kind: 'details wanted' })
})

test('what changed, added to the old value, gives what all details give', () => {
  const contribution = fc.option(
    fc.oneof(
      fc.constant(null),
      fc.integer({ min: -9, max: 9 }).map((cents) => String(cents / 4)),
    ),
    { nil: undefined },
  )
  const details = fc.array(fc.record({ before: contribution, after: contribution }), {
    maxLength: 6,
  })
  const operation = fc.constantFrom('count', 'sum', 'min', 'max')
  fc.assert(
    fc.property(
      operation,
      details,
      fc.array(contribution, { maxLength: 4 }),
      (name, changes, others) => {
        const kind = amounts(name as RollUpKind['operation'])
        const old = rollUpAll(kind, [...others, ...changes.map(({ before }) => before)])
        const rolled = rollUpChanges(kind, old, changes)
        if (rolled.kind === 'value') {
          const all = [...others, ...changes.map(({ after }) => after)]
          assert.equal(rolled.value, rollUpAll(kind, all))
        }
      },
    ),
  )
})
