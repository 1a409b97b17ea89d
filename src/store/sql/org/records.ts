import type { RecordAsk } from '../../../org/org-store.ts'
import type { FieldValue } from '../../../schema/field-value.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { Cipher } from '../../cipher.ts'
import { type Dialect, defineOp, oneRow, rows, type SqlValue } from '../op.ts'
import { type PackedRows, packRows } from '../pack-rows.ts'
import { readPending } from '../time/entry-rows.ts'
import { fromColumn, readExpression } from './tables/column-values.ts'
import {
  DELETED_COLUMN,
  fold,
  keyColumn,
  type ObjectColumn,
  type ObjectTable,
  quoteName,
  VERSION_COLUMN,
} from './tables/columns.ts'

/** A RecordAsk as SQL. */
export type ReadStatement = { readonly sql: string; readonly params: readonly SqlValue[] }

type ReadAsk = {
  readonly statements: readonly ReadStatement[]
  readonly timedIds: readonly RecordId[]
}

/** Reads records by several statements, with pending time entries and the definitions' version. */
export const readRecords = defineOp(
  'org.readRecords',
  function* (dialect: Dialect, { statements, timedIds }: ReadAsk) {
    const version = yield* oneRow('SELECT version FROM definition_version')
    const found: PackedRows[] = []
    for (const { sql, params } of statements) found.push(packRows(yield* rows(sql, ...params)))
    const timeEntries = yield* readPending(dialect, timedIds)
    return { found, timeEntries, definitionsVersion: Number(version?.['version'] ?? 0) }
  },
)

/** What reads the records an ask names, in the order of their ids. */
export function readStatement(dialect: Dialect, table: ObjectTable, ask: RecordAsk): ReadStatement {
  const select = selectList(dialect, table, askedColumns(table, ask))
  const alive = `r.${quoteName(DELETED_COLUMN)} = 0`
  switch (ask.kind) {
    case 'ids': {
      const among = dialect.inList('r."id"')
      const where = ask.includeDeleted ? among : `${among} AND ${alive}`
      return { sql: `${select} WHERE ${where} ORDER BY r."id"`, params: [ask.ids] }
    }
    case 'key': {
      const column = table.byField.get(ask.field.toLowerCase())
      if (!column) throw new Error(`${ask.objectName} has no field ${ask.field} to look for`)
      const key = `r.${quoteName(keyColumn(column))}`
      const among = ask.firstOnly
        ? `r."id" IN (SELECT min(r."id") FROM ${quoteName(table.name)} r
            WHERE ${dialect.inList(key)} AND ${alive} GROUP BY ${key})`
        : dialect.inList(key)
      const folds = keyColumn(column) === column.folded
      const values = folds ? ask.values.map(fold) : ask.values
      const limit = ask.limit === undefined ? '' : ` LIMIT ${Math.floor(ask.limit)}`
      return {
        sql: `${select} WHERE ${among} AND ${alive}${beyond(ask)} ORDER BY r."id"${limit}`,
        params: [values, ...afterOf(ask)],
      }
    }
    case 'all':
      return {
        sql: `${select} WHERE ${alive}${beyond(ask)} ORDER BY r."id" LIMIT ?`,
        params: [...afterOf(ask), ask.limit],
      }
  }
}

type Paged = { readonly after?: RecordId }

function beyond({ after }: Paged): string {
  return after === undefined ? '' : ' AND r."id" > ?'
}

function afterOf({ after }: Paged): readonly SqlValue[] {
  return after === undefined ? [] : [after]
}

/** The columns that an ask wants, the id among them. */
export function askedColumns(table: ObjectTable, ask: RecordAsk): readonly ObjectColumn[] {
  if (ask.kind === 'all' || ask.fields === undefined) return table.columns
  const wanted = new Set(['id', ...ask.fields.map((name) => name.toLowerCase())])
  return table.columns.filter(({ field }) => wanted.has(field.name.toLowerCase()))
}

/** The list of all columns of a table, by the table: it is made anew with each definition. */
const wholeLists = new WeakMap<ObjectTable, string>()

function selectList(dialect: Dialect, table: ObjectTable, asked: readonly ObjectColumn[]): string {
  const known = asked === table.columns ? wholeLists.get(table) : undefined
  if (known !== undefined) return known
  const columns = asked.map(
    (column) => `${readExpression(column, 'r', dialect)} AS ${quoteName(column.name)}`,
  )
  const version = `r.${quoteName(VERSION_COLUMN)} AS ${quoteName(VERSION_COLUMN)}`
  const list = `SELECT ${[version, ...columns].join(', ')} FROM ${quoteName(table.name)} r`
  if (asked === table.columns) wholeLists.set(table, list)
  return list
}

/** The records that rows of `readStatement` keep. */
export function toRecords(
  table: ObjectTable,
  found: PackedRows,
  { cipher, columns }: { cipher: Cipher; columns: readonly ObjectColumn[] },
): readonly OrgRecord[] {
  const valuesOf = (name: string) => found.columns[found.names.indexOf(name)] ?? []
  const ids = valuesOf('id')
  const versions = valuesOf(VERSION_COLUMN)
  const read = columns.map((column) => ({ column, values: valuesOf(column.name) }))
  return ids.map((recordId, at) => {
    const fields: Record<string, FieldValue> = {}
    for (const { column, values } of read) {
      fields[column.field.name] = fromColumn(column, values[at], cipher)
    }
    return {
      objectName: table.object.name,
      recordId: recordId as RecordId,
      version: Number(versions[at]),
      fields,
    }
  })
}
