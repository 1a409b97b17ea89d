import { type Dialect, type Op, rows, run, type SqlRow } from '../../op.ts'
import {
  DELETED_COLUMN,
  type ObjectColumn,
  type ObjectTable,
  quoteName,
  sqlType,
  VERSION_COLUMN,
} from './columns.ts'
import { rememberAs } from './remember.ts'
import { defineIndexes, dropIndex, indexNames } from './table-indexes.ts'

/**
 * Creates or extends an object's table. A field whose kind of value changed gets a new column, and the old
 * one stays beside it under another name: a definition never destroys data.
 */
export function* defineTable(dialect: Dialect, table: ObjectTable): Op<void> {
  const known = yield* readKnown(table)
  if (known.size === 0) yield* createTable(dialect, table)
  for (const column of known.size === 0 ? [] : table.columns) {
    const row = known.get(column.name)
    if (row && row['kind'] === column.kind)
      yield* rescale(dialect, table, column, Number(row['scale']))
    if (row && row['kind'] !== column.kind) yield* setAside(table, column)
    if (row?.['kind'] !== column.kind) yield* addColumn(dialect, table, column)
  }
  // Read again: a column that was set aside took its indexes with it.
  yield* defineIndexes(table, yield* readKnown(table))
}

/** What the table has, by name: columns of each kind, and indexes. */
function* readKnown(table: ObjectTable): Op<ReadonlyMap<string, SqlRow>> {
  const found = yield* rows(
    'SELECT column_name, kind, scale FROM object_column WHERE table_name = ?',
    table.name,
  )
  return new Map(found.map((row) => [String(row['column_name']), row]))
}

function* createTable(dialect: Dialect, table: ObjectTable): Op<void> {
  const own = [
    `${quoteName(VERSION_COLUMN)} BIGINT NOT NULL`,
    `${quoteName(DELETED_COLUMN)} BIGINT NOT NULL DEFAULT 0`,
  ]
  const columns = table.columns.flatMap((column) => columnTexts(dialect, column))
  yield* run(
    `CREATE TABLE ${quoteName(table.name)} (${[...own, ...columns].join(', ')}, PRIMARY KEY ("id"))`,
  )
  for (const column of table.columns) yield* remember(table, column)
}

function* addColumn(dialect: Dialect, table: ObjectTable, column: ObjectColumn): Op<void> {
  for (const text of columnTexts(dialect, column)) {
    yield* run(`ALTER TABLE ${quoteName(table.name)} ADD COLUMN ${text}`)
  }
  yield* remember(table, column)
}

function columnTexts(dialect: Dialect, column: ObjectColumn): string[] {
  const type = sqlType(column.kind, dialect).toUpperCase()
  const filled = column.kind === 'boolean' ? ' NOT NULL DEFAULT FALSE' : ''
  const texts = [`${quoteName(column.name)} ${type}${filled}`]
  if (column.folded) texts.push(`${quoteName(column.folded)} TEXT`)
  return texts
}

function* remember(table: ObjectTable, column: ObjectColumn): Op<void> {
  yield* rememberAs(table, { name: column.name, kind: column.kind, scale: column.scale })
  if (column.folded) yield* rememberAs(table, { name: column.folded, kind: 'folded', scale: 0 })
}

/** SQLite keeps scaled integers: with another scale they are other integers. */
function* rescale(
  dialect: Dialect,
  table: ObjectTable,
  column: ObjectColumn,
  before: number,
): Op<void> {
  if (column.kind !== 'number' || before === column.scale) return
  if (dialect.name === 'sqlite') {
    const name = quoteName(column.name)
    const factor = 10 ** Math.abs(column.scale - before)
    const value = column.scale > before ? `${name} * ${factor}` : `${name} / ${factor}`
    yield* run(`UPDATE ${quoteName(table.name)} SET ${name} = ${value}`)
  }
  yield* remember(table, column)
}

function* setAside(table: ObjectTable, column: ObjectColumn): Op<void> {
  const taken = yield* rows(
    'SELECT column_name, kind FROM object_column WHERE table_name = ? AND column_name LIKE ?',
    table.name,
    `${column.name}$%`,
  )
  for (const name of indexNames(table, column)) yield* dropIndex(table, name)
  const folded = taken.some((row) => row['kind'] === 'folded')
  for (const name of folded ? [column.name, `${column.name}$f`] : [column.name]) {
    const aside = `${name}$old${taken.length + 1}`
    yield* run(
      `ALTER TABLE ${quoteName(table.name)} RENAME COLUMN ${quoteName(name)} TO ${quoteName(aside)}`,
    )
    yield* rememberAs(table, { name: aside, kind: 'aside', scale: 0 })
    yield* run(
      'DELETE FROM object_column WHERE table_name = ? AND column_name = ?',
      table.name,
      name,
    )
  }
}
