import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../jobs/run-limits.ts'
import { readConfigText } from './config-reader.ts'
import { readJobOrder } from './job-order-config.ts'

const read = (job: object) => readJobOrder(readConfigText(JSON.stringify(job), 'obm.config.json'))

test('a job config of the file waits for nothing and has no limits unless it says so', () => {
  assert.deepEqual(read({}), {
    ordering: 'none',
    staleChanges: 'flag',
    ownUserIds: [],
    runPer: 'notification',
    limits: DEFAULT_LIMITS,
  })
  const limits = { concurrencyMax: 2, ratePerSecond: 0.5, retryFirstSeconds: 5 }
  const job = { ordering: 'record', staleChanges: 'skip', ownUserIds: ['0055e000000AbcD'], limits }
  const order = read(job)
  assert.deepEqual([order.ordering, order.staleChanges], ['record', 'skip'])
  assert.equal(order.ownUserIds[0]?.length, 18)
  assert.deepEqual(order.limits, {
    concurrencyMax: 2,
    ratePerSecond: 0.5,
    retryFirstMs: 5_000,
    retryMaxMs: DEFAULT_LIMITS.retryMaxMs,
  })
})

test('mistakes name their place', () => {
  const mistakes: readonly [object, RegExp][] = [
    [{ ordering: 'all' }, /obm\.config\.json: ordering: expected one of none, record, config/],
    [{ staleChanges: 'drop' }, /staleChanges: expected one of flag, skip/],
    [{ ownUserIds: ['001000000000001'] }, /ownUserIds: expected ids of users/],
    [{ limits: { concurrencyMax: 1.5 } }, /limits\.concurrencyMax: expected a whole number from 1/],
    [{ limits: { ratePerSecond: 5_000 } }, /limits\.ratePerSecond: expected a number from 0\.01/],
    [{ limits: { retryFirstSeconds: 0.5 } }, /limits\.retryFirstSeconds: .* 1000 .* milliseconds/],
    [{ limits: { retryFirstSeconds: 9, retryMaxSeconds: 5 } }, /retryMaxSeconds: .* 9000/],
  ]
  for (const [job, message] of mistakes) assert.throws(() => read(job), message)
})
