import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../test/support/postgres-server.ts'

/** A store to measure: its name for the table, and the URL of a fresh, empty one. */
export type BenchStore = { readonly name: 'SQLite' | 'PostgreSQL'; readonly url: string }

/** A temporary folder that goes with the bench. */
export function temporaryFolder(scope: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'obm-bench-'))
  scope.defer(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Both stores, empty. PostgreSQL comes from OBM_TEST_POSTGRES_URL (a database is made there), or is started with
 * its own defaults; where there is neither, SQLite is measured alone.
 */
export async function benchStores(scope: AsyncDisposableStack): Promise<readonly BenchStore[]> {
  const sqlite: BenchStore = {
    name: 'SQLite',
    url: `sqlite:${join(temporaryFolder(scope), 'obm.db')}`,
  }
  const server = await postgresUrl(scope)
  if (server === null) {
    console.log('No PostgreSQL here: measured on SQLite alone.\n')
    return [sqlite]
  }
  return [sqlite, { name: 'PostgreSQL', url: await freshDatabase(scope, server, 'obm') }]
}

/** The server to measure on; null where there is none. */
async function postgresUrl(scope: AsyncDisposableStack): Promise<string | null> {
  const given = process.env['OBM_TEST_POSTGRES_URL']
  if (given) return given
  const server = await startPostgres({ durable: true })
  if (server) scope.defer(() => server.stop())
  return server?.url ?? null
}

/** An empty database on the server, which goes with the bench. */
export async function freshDatabase(
  scope: AsyncDisposableStack,
  server: string,
  whose: string,
): Promise<string> {
  const name = `obm_bench_${process.pid}_${whose.replace(/\W/g, '_')}`
  await runPostgres(server, `CREATE DATABASE ${name}`)
  scope.defer(() => runPostgres(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Runs one statement on the PostgreSQL at `url`. */
export async function runPostgres(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Empty stores of the same kinds, beside those. */
export async function freshStores(
  scope: AsyncDisposableStack,
  stores: readonly BenchStore[],
): Promise<readonly BenchStore[]> {
  return Promise.all(
    stores.map(async ({ name, url }) => ({
      name,
      url:
        name === 'SQLite'
          ? `sqlite:${join(temporaryFolder(scope), 'obm.db')}`
          : await freshDatabase(scope, url, 'beside'),
    })),
  )
}
