import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { readSetting, writeSetting } from '../sql/org/people.ts'
import { select } from '../sql/org/query/select.ts'
import { openSqlite } from './open-sqlite.ts'

const ENDLESS =
  'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n'
const READONLY = { errorCode: 'STORE_UNAVAILABLE', message: /readonly database/ }

async function open(t: TestContext) {
  const store = await openSqlite(join(temporaryFolder(t), 'obm.db'))
  afterTest(t, () => store.close())
  return store
}

const setting = (value: string) => ({ name: 'Greeting', value })

test('a read sees what was answered before it was asked, by whichever thread it is answered', async (t) => {
  const store = await open(t)
  // Reads that find the writer at work are what a thread for reading is started for.
  for (let round = 1; round <= 30; round += 1) {
    const [, read] = await Promise.all([
      store.write(writeSetting, setting(`round ${round}`)),
      store.read(readSetting, 'Greeting'),
    ])
    const either = [`round ${round}`, round === 1 ? null : `round ${round - 1}`]
    assert.ok(either.includes(read), `${read} in round ${round}`)
    assert.equal(await store.read(readSetting, 'Greeting'), `round ${round}`)
  }
})

test('a read can write nothing, alone or among writes', async (t) => {
  const store = await open(t)

  await assert.rejects(store.read(writeSetting, setting('by a read')), READONLY)
  const together = await Promise.allSettled([
    store.write(writeSetting, setting('first')),
    store.read(writeSetting, setting('by a read')),
    store.write(writeSetting, setting('second')),
  ])

  assert.deepEqual(
    together.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(await store.read(readSetting, 'Greeting'), 'second')
})

test('a query that runs too long is ended, and the next one is answered', async (t) => {
  const store = await open(t)
  const ask = (sql: string, deadlineMs: number) =>
    store.readWithin(select, { sql, params: [] }, deadlineMs)

  await assert.rejects(ask(ENDLESS, 100), { errorCode: 'QUERY_TIMEOUT' })

  assert.equal((await ask('SELECT 1 AS one', 30_000)).length, 1)
})

test('a store that is opened after another was closed knows nothing of it', async (t) => {
  const count = 'SELECT count(*) AS count FROM setting'
  const countAt = async (store: Awaited<ReturnType<typeof open>>) =>
    store.readWithin(select, { sql: count, params: [] }, 30_000)
  const first = await open(t)
  await first.write(writeSetting, setting('of the first'))
  assert.deepEqual(await countAt(first), [{ count: 1 }])
  await first.close()

  const second = await open(t)

  assert.equal(await second.read(readSetting, 'Greeting'), null)
  assert.deepEqual(await countAt(second), [{ count: 0 }])
})

test('a closed store says so to whoever asks, and to whoever waited behind what was under way', async (t) => {
  const store = await open(t)
  const asked = ['under way', 'waiting'].map((value) => store.write(writeSetting, setting(value)))
  const closing = store.close()
  const late = [
    store.write(writeSetting, setting('late')),
    store.read(readSetting, 'Greeting'),
    store.readWithin(select, { sql: 'SELECT 1 AS one', params: [] }, 30_000),
  ]

  for (const each of late) await assert.rejects(each, { errorCode: 'STORE_CLOSED' })
  const [underWay, waiting] = await Promise.allSettled(asked)
  await closing

  assert.equal(underWay?.status, 'fulfilled')
  assert.equal(waiting?.status === 'rejected' && waiting.reason.errorCode, 'STORE_CLOSED')
})
