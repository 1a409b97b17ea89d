import type { ChangeSet, RecordWrite } from '../../../org/org-store.ts'
import type { FieldValue } from '../../../schema/field-value.ts'
import type { Cipher } from '../../cipher.ts'
import type { Dialect, SqlColumn, SqlValue } from '../op.ts'
import type { CommitAsk, TableExpectation, TableWrite } from './commit.ts'
import { toColumn } from './tables/column-values.ts'
import {
  DELETED_COLUMN,
  fold,
  keyColumn,
  type ObjectTable,
  quoteName,
  sqlColumn,
  VERSION_COLUMN,
} from './tables/columns.ts'

export type RowWriter = {
  readonly dialect: Dialect
  readonly cipher: Cipher
  tableOf(objectName: string): ObjectTable
}

/** A change set as rows of tables. */
export function toCommitAsk(writer: RowWriter, changeSet: ChangeSet): CommitAsk {
  const groups = new Map<string, RecordWrite[]>()
  for (const write of changeSet.records) {
    const name = `${write.record.objectName} ${write.kind}`
    const group = groups.get(name)
    if (group) group.push(write)
    else groups.set(name, [write])
  }
  return {
    expectations: changeSet.expectations
      .filter((each) => each.kind !== 'entryPending')
      .map((each) => toTableExpectation(writer, each)),
    entryExpectations: changeSet.expectations.filter((each) => each.kind === 'entryPending'),
    writes: [...groups.values()].flatMap((group) => toTableWrite(writer, group)),
    notifications: changeSet.notifications,
    timeEntries: changeSet.timeEntries ?? null,
    setting: changeSet.setting ?? null,
    emails: changeSet.emails ?? [],
  }
}

function toTableWrite(writer: RowWriter, group: readonly RecordWrite[]): TableWrite[] {
  const first = group[0]
  if (!first) return []
  const table = writer.tableOf(first.record.objectName)
  const columns: SqlColumn[] = [
    { name: 'id', type: 'text' },
    { name: VERSION_COLUMN, type: 'bigint' },
    { name: DELETED_COLUMN, type: 'bigint' },
  ]
  for (const column of table.columns) {
    if (column.name === 'id') continue
    columns.push(sqlColumn(column, writer.dialect))
    if (column.folded) columns.push({ name: column.folded, type: 'text' })
  }
  const rows = group.map((write) => toRow(writer, table, write))
  return [{ kind: first.kind, table: table.name, columns, rows }]
}

function toRow(writer: RowWriter, table: ObjectTable, { kind, record }: RecordWrite): SqlValue[] {
  const row: SqlValue[] = [record.recordId, record.version, kind === 'delete' ? 1 : 0]
  for (const column of table.columns) {
    if (column.name === 'id') continue
    const value: FieldValue = record.fields[column.field.name] ?? null
    row.push(toColumn(column, value, writer))
    if (column.folded) row.push(value === null ? null : fold(String(value)))
  }
  return row
}

function toTableExpectation(
  writer: RowWriter,
  expectation: TableExpectation['expectation'],
): TableExpectation {
  const table = writer.tableOf(expectation.objectName)
  const byId = { expectation, table: table.name, column: 'id' }
  switch (expectation.kind) {
    case 'unchanged':
      return { ...byId, key: expectation.recordId }
    case 'exists':
      return { ...byId, key: expectation.referredId }
    case 'unreferred': {
      const column = table.byField.get(expectation.field.toLowerCase())
      if (!column) throw new Error(`no column ${quoteName(expectation.field)} in ${table.name}`)
      return { ...byId, column: column.name, key: expectation.recordId }
    }
    case 'free': {
      const column = table.byField.get(expectation.field.toLowerCase())
      if (!column) throw new Error(`no column ${quoteName(expectation.field)} in ${table.name}`)
      const name = keyColumn(column)
      const key = name === column.folded ? fold(expectation.value) : expectation.value
      return { expectation, table: table.name, column: name, key }
    }
  }
}
