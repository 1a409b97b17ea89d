import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import pg from 'pg'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/** A store to test, fresh for each test and gone after it. `url` opens the same one again. */
export type OpenedStores = Stores & { readonly url: string }

/** One of the two stores, under a name for the test report. */
export type StoreUnderTest = {
  readonly name: 'SQLite' | 'PostgreSQL'
  open(t: TestContext): Promise<OpenedStores>
  /** A fresh, empty store's URL, for tests that start processes. */
  url(t: TestContext): Promise<string>
}

/** A temporary folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'obm-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Both stores. PostgreSQL comes from OBM_TEST_POSTGRES_URL, or is started here and stopped at the end. */
export function storesUnderTest(): readonly StoreUnderTest[] {
  return [underTest('SQLite', sqliteUrl), underTest('PostgreSQL', postgresUrl)]
}

function underTest(
  name: StoreUnderTest['name'],
  url: (t: TestContext) => Promise<string>,
): StoreUnderTest {
  return {
    name,
    url,
    open: async (t) => {
      const at = await url(t)
      const stores = await openStores(at, { secretKey: Buffer.alloc(32, 7) })
      t.after(() => stores.close())
      return { ...stores, url: at }
    },
  }
}

async function sqliteUrl(t: TestContext): Promise<string> {
  return `sqlite:${join(temporaryFolder(t), 'obm.db')}`
}

async function postgresUrl(t: TestContext): Promise<string> {
  const server = await postgresServer()
  const name = `obm_${randomBytes(6).toString('hex')}`
  await onServer(server, `CREATE DATABASE ${name}`)
  t.after(() => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

let started: Promise<PostgresServer | null> | null = null
// At the top of the file, so that it belongs to no single test: the server outlives them all.
after(async () => (await started)?.stop())

async function postgresServer(): Promise<string> {
  const given = process.env['OBM_TEST_POSTGRES_URL']
  if (given) return given
  started ??= startPostgres()
  const server = await started
  if (!server) {
    throw new Error('no PostgreSQL server here: set OBM_TEST_POSTGRES_URL, or install postgresql')
  }
  return server.url
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
