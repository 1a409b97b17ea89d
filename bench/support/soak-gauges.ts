import { readdirSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { residentMb } from './process-cost.ts'

/** What is read of the program and of its store at one moment. */
export type Gauge = {
  /** Resident memory of the program with its children. */
  readonly rssMb: number
  /** Open files and sockets of the program; NaN where there is no `/proc`. */
  readonly files: number
  readonly storeMb: number
  readonly walMb: number
  /** Rows by table. */
  readonly rows: Readonly<Record<(typeof TABLES)[number], number>>
  /** Notifications that wait, and the oldest one's age. */
  readonly waiting: number
  readonly oldestMs: number
}

/** The tables that a load writes to. */
export const TABLES = ['notification', 'attempt', 'attempt_notification', 'trace'] as const

type Facts = Pick<Gauge, 'storeMb' | 'walMb' | 'rows' | 'oldestMs'>

/** Opens what reads them, on a connection of its own. */
export async function openGauges(
  scope: AsyncDisposableStack,
  { storeUrl, pid }: { readonly storeUrl: string; readonly pid: number },
): Promise<{ read(): Promise<Gauge> }> {
  const facts = storeUrl.startsWith('sqlite:')
    ? ofFile(scope, storeUrl.slice('sqlite:'.length))
    : await ofServer(scope, storeUrl)
  return {
    read: async () => {
      const found = await facts()
      const waiting = found.rows.notification
      return { rssMb: residentMb(pid), files: openFiles(pid), waiting, ...found }
    },
  }
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

const COUNTS = TABLES.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')
const OLDEST = 'SELECT min(created_at) AS at FROM notification'
const MB = 1024 * 1024

function ofFile(scope: AsyncDisposableStack, path: string): () => Promise<Facts> {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  scope.defer(() => db.close())
  return async () => ({
    storeMb: statSync(path).size / MB,
    walMb: (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) / MB,
    rows: rowsOf(db.prepare(`SELECT ${COUNTS}`).get() ?? {}),
    oldestMs: ageOf(db.prepare(OLDEST).get()?.['at']),
  })
}

async function ofServer(scope: AsyncDisposableStack, url: string): Promise<() => Promise<Facts>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  scope.defer(() => client.end())
  return async () => {
    const { rows } = await client.query(
      `SELECT pg_database_size(current_database()) AS store,
        (SELECT sum(size) FROM pg_ls_waldir()) AS wal, (${OLDEST}) AS at, ${COUNTS}`,
    )
    const [found] = rows
    return {
      storeMb: Number(found.store) / MB,
      walMb: Number(found.wal) / MB,
      rows: rowsOf(found),
      oldestMs: ageOf(found.at),
    }
  }
}

function rowsOf(found: Readonly<Record<string, unknown>>): Gauge['rows'] {
  const [notification = 0, attempt = 0, attempted = 0, trace = 0] = TABLES.map((table) =>
    Number(found[table]),
  )
  return { notification, attempt, attempt_notification: attempted, trace }
}

function ageOf(createdAt: unknown): number {
  return createdAt === null || createdAt === undefined ? 0 : Date.now() - Number(createdAt)
}
