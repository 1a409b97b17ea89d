import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { POSTGRES } from '../../src/store/postgres/open-postgres.ts'
import { runOp } from '../../src/store/postgres/run-op.ts'
import { MIGRATIONS } from '../../src/store/sql/migrations.ts'
import type { NamedOp } from '../../src/store/sql/op.ts'

import { runOp as runSqliteOp, SQLITE } from '../../src/store/sqlite/database.ts'
import { afterTest } from './after-test.ts'
import { storesUnderTest } from './stores.ts'

/** How a database went about one statement. */
export type Plan = {
  readonly sql: string
  /** Its plan for people; on PostgreSQL that for the values at hand, and the one for any values. */
  readonly text: string
  /** Blocks of 8 KB that it looked at; 0 on SQLite, which does not tell. */
  readonly blocks: number
}

/** A database whose plans can be seen. */
export type Planned = {
  /** Runs statements that fill it. */
  fill(statements: readonly string[]): Promise<void>
  /** Runs an op, undoes it, and answers how each of its statements was gone about. */
  plansOf<A>(op: NamedOp<A, unknown>, ask: A): Promise<readonly Plan[]>
}

/** SQLite in memory. */
export function plannedSqlite(t: TestContext): Planned {
  const db = new DatabaseSync(':memory:')
  afterTest(t, () => db.close())
  for (const statement of MIGRATIONS.flat()) db.exec(statement)
  const plans: Plan[] = []
  const spied = {
    prepare: (sql: string) => {
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      plans.push({ sql, text: rows.map(({ detail }) => String(detail)).join('\n'), blocks: 0 })
      return db.prepare(sql)
    },
    exec: (sql: string) => db.exec(sql),
  } as DatabaseSync
  return {
    fill: async (statements) => {
      for (const each of statements) db.exec(each)
    },
    plansOf: async (op, ask) => {
      plans.length = 0
      db.exec('BEGIN')
      runSqliteOp({ db: spied, statements: new Map() }, op.body(SQLITE, ask))
      db.exec('ROLLBACK')
      return [...plans]
    },
  }
}

/** A PostgreSQL of its own, with one connection. */
export async function plannedPostgres(t: TestContext): Promise<Planned> {
  const store = storesUnderTest().find(({ name }) => name === 'PostgreSQL')
  if (!store) throw new Error('there is no PostgreSQL to test with')
  const { url } = await store.open(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  afterTest(t, () => client.end())
  const plans: Plan[] = []
  let last: Promise<unknown> = Promise.resolve()
  const spied = {
    query: (asked: { readonly text: string; readonly values: unknown[] }) => {
      const answer = last.then(async () => {
        plans.push(await planOf(client, asked))
        return client.query(asked.text, asked.values)
      })
      last = answer.catch(() => {})
      return answer
    },
  } as unknown as pg.PoolClient
  return {
    fill: async (statements) => {
      for (const each of statements) await client.query(each)
      await client.query('VACUUM ANALYZE')
    },
    plansOf: async (op, ask) => {
      plans.length = 0
      await client.query('BEGIN')
      const unanswered: Promise<unknown>[] = []
      await runOp(spied, op.body(POSTGRES, ask), unanswered)
      await Promise.all(unanswered)
      await client.query('ROLLBACK')
      return [...plans]
    },
  }
}

type Node = {
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
}

async function planOf(
  client: pg.Client,
  { text, values }: { readonly text: string; readonly values: unknown[] },
): Promise<Plan> {
  const explained = async (options: string, given: unknown[]) => {
    const { rows } = await client.query(`EXPLAIN (${options}) ${text}`, given)
    return rows.map((row) => row['QUERY PLAN'])
  }
  await client.query('SAVEPOINT explained')
  const [json] = await explained('ANALYZE, BUFFERS, FORMAT JSON', values)
  await client.query('ROLLBACK TO explained')
  const root: Node = json[0].Plan
  const own = await explained('COSTS OFF', values)
  // What is asked again and again is planned once, without values.
  const tellsGeneric =
    Number((await client.query('SHOW server_version_num')).rows[0]?.server_version_num) >= 160_000
  const generic = tellsGeneric ? await explained('COSTS OFF, GENERIC_PLAN', []) : []
  return {
    sql: text,
    text: [...own, 'for any values:', ...generic].join('\n'),
    blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
  }
}
