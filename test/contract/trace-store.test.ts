import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KeptTrace, TraceStore } from '../../src/org/trace/trace-store.ts'
import { KEY_PREFIX, makeRecordId } from '../../src/schema/record-id.ts'
import { storesUnderTest } from '../support/stores.ts'

const accountId = (serial: number) => makeRecordId(KEY_PREFIX.account, serial)

/** The trace `serial` of account `account`, saved at that many milliseconds. */
function trace(serial: number, account = 1, length = 0): KeptTrace {
  const traceId = String(serial).padStart(8, '0')
  const about = { traceId, recordId: accountId(account), savedAt: serial }
  return { ...about, body: JSON.stringify({ ...about, padding: 'x'.repeat(length) }) }
}

const idsOf = async (traces: TraceStore, account?: number) => {
  const filter = account === undefined ? {} : { recordId: accountId(account) }
  const found = await traces.list({ ...filter, limit: 100 })
  return found.map(({ traceId }) => Number(traceId))
}

for (const store of storesUnderTest()) {
  describe(`trace store: ${store.name}`, { concurrency: true }, () => {
    test('a trace is read back whole, and listed by its record, the newest first', async (t) => {
      const { traces } = await store.open(t)

      await traces.write([trace(1), trace(2, 2), trace(3)], 20)

      assert.deepEqual(await traces.read('00000002'), JSON.parse(trace(2, 2).body))
      assert.equal(await traces.read('00000009'), null)
      assert.deepEqual(await idsOf(traces, 1), [3, 1])
      assert.deepEqual(await idsOf(traces), [3, 2, 1])
    })

    test('of each record the last are kept, and no other record loses any', async (t) => {
      const { traces } = await store.open(t)
      await traces.write([trace(1), trace(2), trace(3, 2)], 2)

      await traces.write([trace(4), trace(5)], 2)

      assert.deepEqual(await idsOf(traces), [5, 4, 3])
    })

    test('what is too old ends, then the oldest until the rest is small enough', async (t) => {
      const { traces } = await store.open(t)
      await traces.write(
        [1, 2, 3, 4, 5, 6].map((serial) => trace(serial, serial, 1000)),
        20,
      )
      const length = trace(1, 1, 1000).body.length

      assert.equal(await traces.retain({ before: 0, lengthMax: 6 * length }), 0)
      assert.equal(await traces.retain({ before: 3, lengthMax: 6 * length }), 2)
      assert.equal(await traces.retain({ before: 3, lengthMax: 3 * length }), 1)

      assert.deepEqual(await idsOf(traces), [6, 5, 4])
    })
  })
}
