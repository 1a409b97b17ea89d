import { leadsToDeletable } from '../../../../schema/reference-end.ts'
import { type Op, oneRow, run, type SqlRow } from '../../op.ts'
import {
  DELETED_COLUMN,
  identifier,
  keyColumn,
  type ObjectColumn,
  type ObjectTable,
  quoteName,
} from './columns.ts'
import { rememberAs } from './remember.ts'

/** Indexes of a column, whether there or not: one for unique keys, one for keys to find records by. */
export function indexNames(table: ObjectTable, column: ObjectColumn): readonly string[] {
  return ['u', 'i'].map((kind) => indexName(table, column, kind))
}

/** Makes the indexes that the fields ask for, and drops those they no longer do. */
export function* defineIndexes(table: ObjectTable, known: ReadonlyMap<string, SqlRow>): Op<void> {
  for (const column of table.columns) {
    const wanted = indexKind(table, column)
    for (const kind of ['u', 'i']) {
      const name = indexName(table, column, kind)
      const isThere = known.get(name)?.kind === 'index'
      if (isThere && kind !== wanted) yield* dropIndex(table, name)
      if (!isThere && kind === wanted) yield* createIndex(table, column, name)
    }
  }
}

export function* dropIndex(table: ObjectTable, name: string): Op<void> {
  yield* run(`DROP INDEX IF EXISTS ${quoteName(name)}`)
  yield* run('DELETE FROM object_column WHERE table_name = ? AND column_name = ?', table.name, name)
}

/** Where records share a value already, uniqueness is only asked for when a record is saved, as it can't be kept. */
function* createIndex(table: ObjectTable, column: ObjectColumn, name: string): Op<void> {
  const key = quoteName(keyColumn(column))
  const alive = `${quoteName(DELETED_COLUMN)} = 0`
  const isUnique = indexKind(table, column) === 'u'
  if (isUnique) {
    const shared = yield* oneRow(
      `SELECT ${key} AS key FROM ${quoteName(table.name)} WHERE ${alive} AND ${key} IS NOT NULL
       GROUP BY ${key} HAVING count(*) > 1 LIMIT 1`,
    )
    if (shared) return
  }
  yield* run(
    `CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${quoteName(name)} ON ${quoteName(table.name)} (${key}) WHERE ${alive} AND ${key} IS NOT NULL`,
  )
  yield* rememberAs(table, { name, kind: 'index', scale: 0 })
}

function indexKind(table: ObjectTable, { field, kind }: ObjectColumn): 'u' | 'i' | null {
  if (kind === 'secret') return null
  const isOwner = table.object.customSetting === 'hierarchy' && field.name === 'SetupOwnerId'
  if (field.unique || isOwner) return 'u'
  // As at Salesforce; people and VLOOKUP find records by their names.
  const isName = field.name === 'Name'
  return field.externalId || isName || leadsToDeletable(field) ? 'i' : null
}

function indexName(table: ObjectTable, column: ObjectColumn, kind: string): string {
  return `${identifier(`${table.name}$${column.name}`)}$${kind}`
}
