import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../test/support/open-test-org.ts'
import { makeRecordId } from '../schema/record-id.ts'
import { openSerials } from './record-ids.ts'
import { openRecordLocks } from './save/record-locks.ts'

test('two processes never hand out the same id or number, also when asked at once', async (t) => {
  const { org, stores } = await openTestOrg(t)
  const both = [org.serials, openSerials({ store: stores.org, clock: org.clock })]

  const asked = both.flatMap((serials) =>
    Array.from({ length: 20 }, () => serials.takeIds('a0z', 70)),
  )
  const ids = (await Promise.all(asked)).flat()
  const numbers = await Promise.all(
    both.flatMap((serials) => [serials.takeNumbers('N', 3, 100), serials.takeNumbers('N', 2, 100)]),
  )

  assert.equal(new Set(ids).size, 2 * 20 * 70)
  assert.equal(new Set(numbers.flat()).size, 10)
  assert.equal(Math.min(...numbers.flat()), 100)
})

test('numbers of records saved one by one have no gaps', async (t) => {
  const { org, clock } = await openTestOrg(t)
  const taken: number[] = []
  for (let count = 0; count < 5; count += 1) {
    taken.push(...(await org.serials.takeNumbers('N', 1, 1)))
    clock.at += 10_000
  }
  const restarted = openSerials(org)

  assert.deepEqual([...taken, ...(await restarted.takeNumbers('N', 1, 1))], [1, 2, 3, 4, 5, 6])
})

test('who holds a record’s lock makes others wait, also when its work fails', async () => {
  const locks = openRecordLocks()
  const order: string[] = []
  const [a, b] = [makeRecordId('001', 1), makeRecordId('001', 2)]

  const first = locks.holding([a], async () => {
    order.push('first begins')
    await Promise.resolve()
    order.push('first ends')
    throw new Error('broken')
  })
  const second = locks.holding([a], async () => order.push('second'))
  const elsewhere = locks.holding([b], async () => order.push('elsewhere'))

  await assert.rejects(first, /broken/)
  await Promise.all([second, elsewhere])
  assert.ok(order.indexOf('second') > order.indexOf('first ends'))
  assert.ok(order.indexOf('elsewhere') < order.indexOf('second'))
})
