import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { openReceivingStore } from '../../src/store/sql/jobs/open-receiving-store.ts'
import { jobConfig } from '../support/receiving.ts'
import { onServer } from '../support/store-templates.ts'
import { configsOf, LANES } from './steps.ts'

type Row = Readonly<Record<string, unknown>>

/** A store of the crash test, looked into while no process of ours, or another's, has it open. */
export type Lane = {
  readonly name: string
  readonly url: string
  ask(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** Stores for all lanes with their job configs, on SQLite in `folder` or on a PostgreSQL server. */
export function openLanes(at: {
  readonly folder: string
  readonly serverUrl: string | null
}): Promise<readonly Lane[]> {
  const run = randomBytes(4).toString('hex')
  return Promise.all(
    LANES.map((name) =>
      at.serverUrl === null
        ? sqliteLane(name, join(at.folder, `${name}.db`))
        : postgresLane(name, { serverUrl: at.serverUrl, database: `obm_crash_${run}_${name}` }),
    ),
  )
}

async function sqliteLane(name: string, file: string): Promise<Lane> {
  const { openSqlite } = await import('../../src/store/sqlite/open-sqlite.ts')
  await prepare(name, await openSqlite(file))
  return {
    name,
    url: `sqlite:${file}`,
    // Opened anew each time: the process that dies must find the file as it left it.
    ask: async (sql) => {
      const db = new DatabaseSync(file, { timeout: 10_000 })
      try {
        return db.prepare(sql).all() as Row[]
      } finally {
        db.close()
      }
    },
    close: async () => {},
  }
}

async function postgresLane(
  name: string,
  { serverUrl, database }: { readonly serverUrl: string; readonly database: string },
): Promise<Lane> {
  await onServer(serverUrl, `CREATE DATABASE ${database}`)
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  const { openPostgres } = await import('../../src/store/postgres/open-postgres.ts')
  await prepare(name, await openPostgres(url.href))
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return {
    name,
    url: url.href,
    ask: async (sql) => (await client.query(sql)).rows as Row[],
    close: async () => {
      await client.end()
      await onServer(serverUrl, `DROP DATABASE ${database} WITH (FORCE)`)
    },
  }
}

async function prepare(
  lane: string,
  opened: Parameters<typeof openReceivingStore>[0] & { close(): Promise<void> },
): Promise<void> {
  const { jobs } = openReceivingStore(opened)
  for (const jobConfigId of configsOf(lane)) {
    // An attempt for each kill that it might meet.
    await jobs.writeConfig(jobConfig({ jobConfigId, attemptsMax: 1_000_000 }))
  }
  await opened.close()
}
