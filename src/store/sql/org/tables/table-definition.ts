import { type Dialect, type Op, rows, run } from '../../op.ts'
import {
  DELETED_COLUMN,
  keyColumn,
  type ObjectColumn,
  type ObjectTable,
  quoteName,
  sqlType,
  VERSION_COLUMN,
} from './columns.ts'

/**
 * Creates or extends an object's table. A field whose kind of value changed gets a new column, and the old
 * one stays beside it under another name: a definition never destroys data.
 */
export function* defineTable(dialect: Dialect, table: ObjectTable): Op<void> {
  const found = yield* rows(
    'SELECT column_name, kind, scale FROM object_column WHERE table_name = ?',
    table.name,
  )
  const known = new Map(found.map((row) => [String(row['column_name']), row]))
  if (known.size === 0) yield* createTable(dialect, table)
  for (const column of known.size === 0 ? [] : table.columns) {
    const row = known.get(column.name)
    if (row && row['kind'] === column.kind)
      yield* rescale(dialect, table, column, Number(row['scale']))
    if (row && row['kind'] !== column.kind) yield* setAside(table, column)
    if (row?.['kind'] !== column.kind) yield* addColumn(dialect, table, column)
  }
  yield* createIndexes(dialect, table)
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

function* rememberAs(
  table: ObjectTable,
  { name, kind, scale }: { name: string; kind: string; scale: number },
): Op<void> {
  yield* run(
    `INSERT INTO object_column (table_name, column_name, kind, scale) VALUES (?, ?, ?, ?)
     ON CONFLICT (table_name, column_name) DO UPDATE SET kind = excluded.kind, scale = excluded.scale`,
    table.name,
    name,
    kind,
    scale,
  )
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
  yield* run(`DROP INDEX IF EXISTS ${quoteName(indexName(table, column))}`)
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

function* createIndexes(dialect: Dialect, table: ObjectTable): Op<void> {
  for (const column of table.columns) {
    const { field } = column
    const owner = table.object.customSetting === 'hierarchy' && field.name === 'SetupOwnerId'
    if (!field.unique && !field.externalId && !owner) continue
    const unique = field.unique || owner ? 'UNIQUE ' : ''
    const name = quoteName(indexName(table, column))
    yield* run(
      `CREATE ${unique}INDEX IF NOT EXISTS ${name} ON ${quoteName(table.name)} (${quoteName(keyColumn(column))}) WHERE ${quoteName(DELETED_COLUMN)} = 0`,
    )
  }
  if (dialect.name === 'postgres') {
    yield* run(`ALTER TABLE ${quoteName(table.name)} SET (autovacuum_vacuum_scale_factor = 0.05)`)
  }
}

function indexName(table: ObjectTable, column: ObjectColumn): string {
  return `${table.name}$${column.name}`.slice(0, 63)
}
