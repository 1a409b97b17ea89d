import pg from 'pg'
import { errorText } from '../../base/log.ts'
import type { Dialect, NamedOp, OpRunner } from '../sql/op.ts'
import { StoreError } from '../store-error.ts'
import { migratePostgres } from './migrate.ts'
import { runOp, runTransaction } from './run-op.ts'

export const POSTGRES: Dialect = {
  name: 'postgres',
  inList: (expression) => `${expression} = ANY(?::text[])`,
  eachOf: 'unnest(?::text[]) AS each (value)',
  nowMs: 'CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)',
  skipLocked: (table) => ` FOR UPDATE OF ${table} SKIP LOCKED`,
  forShare: () => ' FOR KEY SHARE',
  forUpdate: (table) => (table ? ` FOR UPDATE OF ${table}` : ' FOR UPDATE'),
}

const CONNECTIONS_MAX = 16
const CONNECT_MS = 10_000
const TRIES_MAX = 4

/** Serialization failure, deadlock, unique violation: the op is run again and then sees what came first. */
const RETRYABLE = ['40001', '40P01', '23505']

// Numbers of the queue's own tables are far below 2^53; a record's numbers are NUMERIC and stay text.
pg.types.setTypeParser(20, Number)
for (const textual of [1082, 1114, 1184, 1700]) pg.types.setTypeParser(textual, (text) => text)

/** Opens the store on a PostgreSQL server, for any number of processes. */
export async function openPostgres(url: string): Promise<OpRunner & { close(): Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    pipeline: true, // statements that need not wait for each other share a round trip
    connectionTimeoutMillis: CONNECT_MS,
    options: '-c timezone=UTC -c idle_in_transaction_session_timeout=60000',
  })
  pool.on('error', () => {}) // An idle connection that breaks is replaced at the next ask.
  // One that breaks between two steps of an op fails the next of them; unheard, it would end the program.
  pool.on('connect', (client) => void client.on('error', () => {}))
  await migratePostgres(pool).catch(async (error: unknown) => {
    await pool.end()
    throw asStoreError('open', error)
  })
  let closing: Promise<void> | null = null
  return {
    dialect: POSTGRES,
    write: (op, ask) => writeOp(pool, op, ask),
    read: (op, ask) => withClient(pool, op.name, (client) => runOp(client, op.body(POSTGRES, ask))),
    readWithin: (op, ask, deadlineMs) => readWithin(pool, { op, ask, deadlineMs }),
    close: () => {
      closing ??= pool.end()
      return closing
    },
  }
}

async function writeOp<A, T>(pool: pg.Pool, op: NamedOp<A, T>, ask: A): Promise<T> {
  return withClient(pool, op.name, async (client) => {
    for (let tryCount = 1; ; tryCount += 1) {
      try {
        return await runTransaction(client, op.body(POSTGRES, ask))
      } catch (error) {
        if (tryCount === TRIES_MAX || !RETRYABLE.includes(codeOf(error))) throw error
      }
    }
  })
}

async function readWithin<A, T>(
  pool: pg.Pool,
  { op, ask, deadlineMs }: { op: NamedOp<A, T>; ask: A; deadlineMs: number },
): Promise<T> {
  return withClient(pool, op.name, async (client) => {
    await client.query('BEGIN READ ONLY')
    try {
      await client.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.floor(deadlineMs))}`)
      return await runOp(client, op.body(POSTGRES, ask))
    } finally {
      await client.query('ROLLBACK')
    }
  })
}

async function withClient<T>(
  pool: pg.Pool,
  name: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient | null = null
  let broken = false
  try {
    client = await pool.connect()
    return await work(client)
  } catch (error) {
    broken = codeOf(error) === ''
    throw asStoreError(name, error)
  } finally {
    client?.release(broken)
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : ''
}

function asStoreError(name: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = codeOf(error) === '57014' ? 'QUERY_TIMEOUT' : 'STORE_UNAVAILABLE'
  return new StoreError(code, `${name}: ${errorText(error)}`, error)
}
