import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobConfig } from '../../../../test/support/receiving.ts'
import type { RunOrdering } from '../../../jobs/job-config.ts'
import { DEFAULT_LIMITS } from '../../../jobs/run-limits.ts'
import { ApiError } from '../../api-error.ts'
import { readJobConfig } from './read-job-config.ts'

const patched = (body: object, ordering: RunOrdering = 'none') =>
  readJobConfig(body, 'accounts', jobConfig({ ordering }))

test('blocking is DataCloud’s word for the ordering of a whole config', () => {
  assert.equal(patched({ blocking: true }).ordering, 'config')
  assert.equal(patched({ blocking: false }, 'config').ordering, 'none')
  assert.equal(patched({ blocking: false }, 'record').ordering, 'record')
  assert.equal(patched({ ordering: 'record' }, 'config').ordering, 'record')
  assert.equal(patched({}, 'config').ordering, 'config')
  assert.equal(patched({ ordering: 'config', blocking: true }).ordering, 'config')
})

test('users and limits are read one by one, and what is absent stays', () => {
  const before = jobConfig({
    ownUserIds: ['0055e000000AbcDAAS'],
    staleChanges: 'skip',
    limits: { ...DEFAULT_LIMITS, concurrencyMax: 2, ratePerSecond: 5 },
  })
  const kept = readJobConfig({}, 'accounts', before)
  assert.deepEqual(
    [kept.ownUserIds, kept.staleChanges, kept.limits],
    [before.ownUserIds, before.staleChanges, before.limits],
  )
  const body = {
    ownUserIds: ['0055e000000AbcE'],
    staleChanges: 'flag',
    limits: { concurrencyMax: null, retryFirstMs: 2_000 },
  }
  const changed = readJobConfig(body, 'accounts', before)
  assert.deepEqual(
    changed.ownUserIds.map((id) => id.length),
    [18],
  )
  assert.equal(changed.staleChanges, 'flag')
  assert.deepEqual(changed.limits, { ...DEFAULT_LIMITS, ratePerSecond: 5, retryFirstMs: 2_000 })
})

test('what cannot be is refused, with its place and what was expected', () => {
  const refusals: readonly [object, RegExp][] = [
    [{ ordering: 'records' }, /^ordering: expected one of none, record, config, found "records"/],
    [{ ordering: 'record', blocking: true }, /^blocking: expected false beside ordering "record"/],
    [{ ordering: 'config', blocking: false }, /^blocking: expected true beside ordering "config"/],
    [{ blocking: 1 }, /^blocking: expected true or false/],
    [{ staleChanges: 'drop' }, /^staleChanges: expected one of flag, skip/],
    [{ ownUserIds: ['0015e000000AbcD'] }, /^ownUserIds: expected ids of users \(005…\)/],
    [{ ownUserIds: ['me'] }, /^ownUserIds: expected ids of users/],
    [{ limits: { concurrencyMax: 0 } }, /^limits\.concurrencyMax: expected a whole number from 1/],
    [{ limits: { concurrencyMax: 1.5 } }, /^limits\.concurrencyMax/],
    [{ limits: { ratePerSecond: 0 } }, /^limits\.ratePerSecond: expected a number from 0\.01/],
    [{ limits: { ratePerSecond: '5' } }, /^limits\.ratePerSecond: expected a number, found "5"/],
    [{ limits: { retryFirstMs: 10 } }, /^limits\.retryFirstMs: expected a whole number from 1000/],
    [{ limits: { retryMaxMs: 5_000 } }, /^limits\.retryMaxMs: expected .* 30000 \(retryFirstMs\)/],
    [{ limits: { perHour: 5 } }, /^limits\.perHour is not known/],
  ]
  for (const [body, message] of refusals) {
    assert.throws(
      () => patched(body),
      (error) => error instanceof ApiError && error.status === 400 && message.test(error.message),
      JSON.stringify(body),
    )
  }
})
