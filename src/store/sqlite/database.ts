import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Dialect, Op, SqlAnswer, SqlRow, SqlStatement, SqlStep, SqlValue } from '../sql/op.ts'

export const SQLITE: Dialect = {
  name: 'sqlite',
  inList: (expression) => `${expression} IN (SELECT value FROM json_each(?))`,
  eachOf: 'json_each(?) AS each',
  nowMs: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  skipLocked: () => '',
  forShare: () => '',
  forUpdate: () => '',
}

/** An open SQLite file with its prepared statements. Synchronous: it lives in a thread of its own. */
export type Database = {
  readonly db: DatabaseSync
  readonly statements: Map<string, StatementSync>
}

const STATEMENTS_MAX = 500
const BUSY_MS = 10_000

/** Opens the file with WAL and every commit on disk before it answers. */
export function openDatabase(path: string, readOnly: boolean): Database {
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_MS })
  if (!readOnly) db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec(`PRAGMA cache_size = ${readOnly ? -8000 : -16000}; PRAGMA temp_store = MEMORY`)
  if (!readOnly) db.exec('PRAGMA wal_autocheckpoint = 4000')
  return { db, statements: new Map() }
}

/** Runs an op to its end, statement by statement. */
export function runOp<T>(database: Database, op: Op<T>): T {
  let next = op.next()
  while (!next.done) next = op.next(runStep(database, next.value))
  return next.value
}

function runStep(database: Database, step: SqlStep): SqlAnswer {
  if (step.kind !== 'together') return runStatement(database, step)
  const each = step.statements.map((statement) => runStatement(database, statement))
  return { rows: [], changed: 0, each }
}

function runStatement(database: Database, step: SqlStatement): SqlAnswer {
  switch (step.kind) {
    case 'rows': {
      const found = statement(database, step.sql).all(...step.params.map(bind))
      return { rows: found as SqlRow[], changed: 0 }
    }
    case 'run': {
      const result = statement(database, step.sql).run(...step.params.map(bind))
      return { rows: [], changed: Number(result.changes) }
    }
    case 'insert':
      return insertRows(database, step)
    case 'update':
      return updateRows(database, step)
  }
}

function insertRows(database: Database, step: SqlStatement & { kind: 'insert' }): SqlAnswer {
  const names = step.columns.map((column) => quote(column.name))
  const ignore = step.onConflict === 'ignore' ? ' ON CONFLICT DO NOTHING' : ''
  const marks = names.map(() => '?').join(', ')
  const sql = `INSERT INTO ${quote(step.table)} (${names.join(', ')}) VALUES (${marks})${ignore}`
  const returned = step.columns.findIndex((column) => column.name === step.returning)
  const prepared = statement(database, sql)
  const rows: SqlRow[] = []
  for (const row of step.rows) {
    const { changes } = prepared.run(...row.map(bind))
    if (Number(changes) > 0) rows.push({ [step.returning]: row[returned] as string })
  }
  return { rows, changed: rows.length }
}

function updateRows(database: Database, step: SqlStatement & { kind: 'update' }): SqlAnswer {
  const set = step.columns.map((column) => `${quote(column.name)} = ?`).join(', ')
  const guard = step.guard ? ` AND ${quote(step.guard.name)} = ?` : ''
  const where = step.where ? ` AND ${step.where}` : ''
  const prepared = statement(
    database,
    `UPDATE ${quote(step.table)} SET ${set} WHERE ${quote(step.key.name)} = ?${guard}${where}`,
  )
  const keyCount = step.guard ? 2 : 1
  const rows: SqlRow[] = []
  for (const row of step.rows) {
    const values = [...row.slice(keyCount), ...row.slice(0, keyCount)]
    const { changes } = prepared.run(...values.map(bind))
    if (Number(changes) > 0) rows.push({ [step.key.name]: row[0] as string })
  }
  return { rows, changed: rows.length }
}

function statement(database: Database, sql: string): StatementSync {
  const known = database.statements.get(sql)
  if (known) return known
  if (database.statements.size >= STATEMENTS_MAX) database.statements.clear()
  const prepared = database.db.prepare(sql)
  database.statements.set(sql, prepared)
  return prepared
}

function bind(value: SqlValue): string | number | bigint | null | Uint8Array {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (Array.isArray(value)) return JSON.stringify(value)
  return value as string | number | bigint | null | Uint8Array
}

function quote(name: string): string {
  return `"${name}"`
}
