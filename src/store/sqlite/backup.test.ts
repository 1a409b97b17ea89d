import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { readSetting, writeSetting } from '../sql/org/people.ts'
import { backUpFile, restoreFile } from './backup.ts'
import { openSqlite } from './open-sqlite.ts'

async function running(t: TestContext, file: string) {
  const store = await openSqlite(file)
  afterTest(t, () => store.close())
  return store
}

const put = (store: Awaited<ReturnType<typeof running>>, value: string) =>
  store.write(writeSetting, { name: 'last', value })

test('a backup under load has all that was acknowledged before it began, and is a store again', async (t) => {
  const folder = temporaryFolder(t)
  const [file, copy, restored] = ['obm.db', 'copy.db', 'again/../restored.db'].map((name) =>
    join(folder, name),
  )
  assert.ok(file && copy && restored)
  const store = await running(t, file)
  let acknowledged = 0
  let isOver = false
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let count = 1; !isOver; count += 1) {
      await store.write(writeSetting, { name: `${writer} ${count}`, value: 'x'.repeat(500) })
      acknowledged += 1
    }
  })
  while (acknowledged < 200) await new Promise((resolve) => setImmediate(resolve))

  const before = acknowledged
  await backUpFile(file, copy)
  await new Promise((resolve) => setImmediate(resolve))
  isOver = true
  await Promise.all(writers)

  assert.ok(acknowledged > before)
  await restoreFile(copy, restored, { replace: false })
  const db = new DatabaseSync(restored)
  afterTest(t, () => db.close())
  assert.ok(Number(db.prepare('SELECT count(*) AS count FROM setting').get()?.['count']) >= before)
  const again = await running(t, restored)
  await put(again, 'goes on')
  assert.equal(await again.read(readSetting, 'last'), 'goes on')
})

test('a store is not replaced while something runs on it, and afterwards it is kept beside the new one', async (t) => {
  const folder = temporaryFolder(t)
  const [file, copy] = [join(folder, 'obm.db'), join(folder, 'copy.db')]
  const store = await openSqlite(file)
  await put(store, 'then')
  await backUpFile(file, copy)
  await put(store, 'later')

  const refused = { errorCode: 'STORE_IN_USE' }
  await assert.rejects(restoreFile(copy, file, { replace: true }), refused)
  assert.equal(await store.read(readSetting, 'last'), 'later')
  await store.close()
  await assert.rejects(restoreFile(copy, file, { replace: false }), { errorCode: 'BACKUP_FAILED' })
  const { kept } = await restoreFile(copy, file, { replace: true })

  const restored = await running(t, file)
  assert.equal(await restored.read(readSetting, 'last'), 'then')
  const old = await running(t, kept ?? '')
  assert.equal(await old.read(readSetting, 'last'), 'later')
})

test('what is damaged, no store, newer, or there already is refused, and nothing is left behind', async (t) => {
  const folder = temporaryFolder(t)
  const [file, copy, to] = ['obm.db', 'copy.db', 'to.db'].map((name) => join(folder, name))
  assert.ok(file && copy && to)
  const failed = { errorCode: 'BACKUP_FAILED' }
  await assert.rejects(backUpFile(file, copy), { errorCode: 'STORE_UNAVAILABLE' })
  const store = await openSqlite(file)
  await put(store, 'x'.repeat(200_000))
  await store.close()
  await backUpFile(file, copy)
  await assert.rejects(backUpFile(file, copy), failed)
  await assert.rejects(backUpFile(file, join(folder, 'nowhere', 'copy.db')), failed)

  const whole = readFileSync(copy)
  const broken = (bytes: Uint8Array) => writeFileSync(copy, bytes)
  broken(Buffer.from('not a database at all'))
  await assert.rejects(restoreFile(copy, to, { replace: false }), failed)
  broken(whole.subarray(0, whole.length / 2))
  await assert.rejects(restoreFile(copy, to, { replace: false }), failed)
  broken(whole)
  const db = new DatabaseSync(copy)
  db.exec('PRAGMA user_version = 999')
  await assert.rejects(restoreFile(copy, to, { replace: false }), { errorCode: 'STORE_TOO_NEW' })
  db.exec('PRAGMA user_version = 0')
  db.close()
  await assert.rejects(restoreFile(copy, to, { replace: false }), failed)
  assert.ok(!existsSync(to) && !existsSync(`${to}.unfinished`))
})
