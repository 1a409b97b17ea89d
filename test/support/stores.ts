import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import pg from 'pg'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { afterTest } from './after-test.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { makeStoreTemplates, type StoreTemplates } from './store-templates.ts'

/** A store to test, fresh for each test and gone after it. `url` opens the same one again. */
export type OpenedStores = Stores & { readonly url: string }

/** One of the two stores, under a name for the test report. */
export type StoreUnderTest = {
  readonly name: 'SQLite' | 'PostgreSQL'
  /** With the standard objects, and nothing else. */
  open(t: TestContext): Promise<OpenedStores>
  /** A fresh, empty store's URL, for tests that start processes. */
  url(t: TestContext): Promise<string>
}

/** A temporary folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'obm-test-'))
  afterTest(t, () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Both stores. PostgreSQL comes from OBM_TEST_POSTGRES_URL, or is started here and stopped at the end. */
export function storesUnderTest(): readonly StoreUnderTest[] {
  return [
    underTest('SQLite', { empty: sqliteUrl, copied: copiedFile }),
    underTest('PostgreSQL', { empty: (t) => newDatabase(t, ''), copied: copiedDatabase }),
  ]
}

type MakeUrl = (t: TestContext) => Promise<string>

function underTest(
  name: StoreUnderTest['name'],
  { empty, copied }: { empty: MakeUrl; copied: MakeUrl },
): StoreUnderTest {
  return {
    name,
    url: empty,
    open: async (t) => {
      const url = await copied(t)
      const stores = await openStores(url, { secretKey: Buffer.alloc(32, 7) })
      afterTest(t, () => stores.close())
      return { ...stores, url }
    },
  }
}

async function sqliteUrl(t: TestContext): Promise<string> {
  return `sqlite:${join(temporaryFolder(t), 'obm.db')}`
}

/** An SQLite store with the standard objects, to be copied. */
export async function standardFile(): Promise<string> {
  return (await templates()).sqlite
}

async function copiedFile(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), 'obm.db')
  copyFileSync(await standardFile(), path)
  return `sqlite:${path}`
}

async function copiedDatabase(t: TestContext): Promise<string> {
  const { postgres } = await templates()
  return newDatabase(t, postgres ?? '')
}

async function newDatabase(t: TestContext, copyOf: string): Promise<string> {
  const client = await serverClient()
  const name = `obm_${randomBytes(6).toString('hex')}`
  await client.query(`CREATE DATABASE ${name}${copyOf}`)
  afterTest(t, () => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(await postgresServer())
  url.pathname = `/${name}`
  return url.href
}

/** One connection makes and drops all databases of this process. */
function serverClient(): Promise<pg.Client> {
  client ??= postgresServer().then(async (url) => {
    const connected = new pg.Client({ connectionString: url })
    await connected.connect()
    return connected
  })
  return client
}

let client: Promise<pg.Client> | null = null
let started: Promise<PostgresServer | null> | null = null
let made: Promise<StoreTemplates> | null = null
let madeIn: string | null = null
// At the top of the file, so that it belongs to no single test: they outlive them all.
after(async () => {
  await (await client)?.end()
  await (await started)?.stop()
  if (madeIn) rmSync(madeIn, { recursive: true, force: true })
})

/** Those that were made for the whole run, else some of this process's own. */
function templates(): Promise<StoreTemplates> {
  made ??= givenOrMade()
  return made
}

async function givenOrMade(): Promise<StoreTemplates> {
  const given = process.env['OBM_TEST_TEMPLATES']
  if (given) return JSON.parse(given) as StoreTemplates
  madeIn = mkdtempSync(join(tmpdir(), 'obm-templates-'))
  const postgresUrl = await postgresServer()
  const database = `obm_template_${randomBytes(6).toString('hex')}`
  return makeStoreTemplates({ folder: madeIn, postgresUrl, database })
}

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
