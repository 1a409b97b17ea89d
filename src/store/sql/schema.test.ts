import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterTest } from '../../../test/support/after-test.ts'
import { storesUnderTest, temporaryFolder } from '../../../test/support/stores.ts'
import { migratePostgres } from '../postgres/migrate.ts'
import { migrate } from '../sqlite/migrate.ts'
import { MIGRATIONS } from './migrations.ts'

/** A next version, as it will be: a table more, a column more, a row changed. */
const NEXT = [
  'CREATE TABLE made_later (name TEXT PRIMARY KEY)',
  'ALTER TABLE setting ADD COLUMN changed_at BIGINT',
  "UPDATE setting SET changed_at = 7 WHERE name = 'greeting'",
]
const BROKEN = ['CREATE TABLE half_made (name TEXT)', 'CREATE TABLE half_made (name TEXT)']

const TABLES = MIGRATIONS.flat().flatMap(
  (sql) => /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/.exec(sql)?.[1] ?? [],
)

test('every table is on the page that says what keeps it from growing for ever', () => {
  const page = readFileSync(
    fileURLToPath(new URL('../../../docs/guarantees.md', import.meta.url)),
    'utf8',
  )
  const part = /Every table of the store[\s\S]*?\n\n### /.exec(page)?.[0] ?? ''
  const told = [...part.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)

  assert.ok(TABLES.length > 20)
  assert.deepEqual(
    TABLES.filter((name) => !told.includes(name)),
    [],
  )
  assert.deepEqual(
    told.filter((name) => !TABLES.includes(name)),
    [],
  )
})

test('SQLite: a store of the first version goes forward with its rows, or stays as it was, and never back', (t) => {
  const db = new DatabaseSync(join(temporaryFolder(t), 'obm.db'))
  afterTest(t, () => db.close())
  const database = { db, statements: new Map() }
  const version = () => db.prepare('PRAGMA user_version').get()?.['user_version']
  const first = MIGRATIONS.slice(0, 1)
  migrate(database, first)
  db.exec("INSERT INTO setting (name, value) VALUES ('greeting', 'hello')")
  for (const count of MIGRATIONS.keys()) migrate(database, MIGRATIONS.slice(0, count + 1))

  assert.throws(() => migrate(database, [...MIGRATIONS, BROKEN]), /half_made/)
  assert.equal(version(), MIGRATIONS.length)
  assert.deepEqual(db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'half_made'").all(), [])
  migrate(database, [...MIGRATIONS, NEXT])
  assert.deepEqual(
    { ...db.prepare('SELECT name, value, changed_at FROM setting').get() },
    { name: 'greeting', value: 'hello', changed_at: 7 },
  )
  assert.throws(() => migrate(database, MIGRATIONS), {
    errorCode: 'STORE_TOO_NEW',
    message: /start a newer program/,
  })
  assert.equal(version(), MIGRATIONS.length + 1)
})

const [, postgres] = storesUnderTest()

test('PostgreSQL: a store of the first version goes forward with its rows, or stays as it was, and never back, by whoever comes first', async (t) => {
  const pool = new pg.Pool({ connectionString: await postgres?.url(t), max: 4 })
  pool.on('error', () => {}) // its database is dropped with whoever is connected
  afterTest(t, () => pool.end())
  const version = async () => (await pool.query('SELECT version FROM schema_version')).rows
  const first = MIGRATIONS.slice(0, 1)
  await Promise.all([1, 2, 3].map(() => migratePostgres(pool, first)))
  await pool.query("INSERT INTO setting (name, value) VALUES ('greeting', 'hello')")
  for (const count of MIGRATIONS.keys()) await migratePostgres(pool, MIGRATIONS.slice(0, count + 1))

  await assert.rejects(migratePostgres(pool, [...MIGRATIONS, BROKEN]), /half_made/)
  assert.equal((await pool.query("SELECT to_regclass('half_made') AS made")).rows[0].made, null)
  await Promise.all([1, 2, 3].map(() => migratePostgres(pool, [...MIGRATIONS, NEXT])))
  const { rows } = await pool.query('SELECT name, value, changed_at::int FROM setting')
  assert.deepEqual(rows, [{ name: 'greeting', value: 'hello', changed_at: 7 }])
  await assert.rejects(migratePostgres(pool, MIGRATIONS), { errorCode: 'STORE_TOO_NEW' })
  assert.equal(Number((await version())[0]?.version), MIGRATIONS.length + 1)
})
