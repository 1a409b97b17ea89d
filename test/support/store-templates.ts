import { join } from 'node:path'
import pg from 'pg'
import { STANDARD_OBJECTS } from '../../src/schema/standard-objects.ts'
import { openStores } from '../../src/store/open-store.ts'

/** Stores with the tables of the standard objects: what most tests would make anew, each for itself. */
export type StoreTemplates = {
  /** A file to copy. */
  readonly sqlite: string
  /** What CREATE DATABASE is told to copy it; null where there is no server. */
  readonly postgres: string | null
}

/** Makes them in the folder and on the server. Nobody may be connected to the database while it is copied. */
export async function makeStoreTemplates(ask: {
  readonly folder: string
  readonly postgresUrl: string | null
  readonly database: string
}): Promise<StoreTemplates> {
  const sqlite = join(ask.folder, 'template.db')
  await fill(`sqlite:${sqlite}`)
  if (ask.postgresUrl === null) return { sqlite, postgres: null }
  await onServer(ask.postgresUrl, `CREATE DATABASE ${ask.database}`)
  const url = new URL(ask.postgresUrl)
  url.pathname = `/${ask.database}`
  await fill(url.href)
  return { sqlite, postgres: ` TEMPLATE ${ask.database}${await strategy(ask.postgresUrl)}` }
}

/** Copying whole files costs half of copying pages, where the server does not wait for its disk. */
async function strategy(url: string): Promise<string> {
  const [{ version, fsync }] = await onServer(
    url,
    "SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync",
  )
  return version >= 150_000 && fsync === 'off' ? ' STRATEGY FILE_COPY' : ''
}

async function fill(url: string): Promise<void> {
  const stores = await openStores(url, { secretKey: Buffer.alloc(32, 7) })
  const objects = STANDARD_OBJECTS.map((body) => ({
    kind: 'object' as const,
    key: body.name,
    body,
  }))
  await stores.org.replaceDefinitions('built-in', objects)
  await stores.close()
}

/** Runs a statement on the server's own database. */
export async function onServer(url: string, sql: string): Promise<pg.QueryResult['rows']> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
