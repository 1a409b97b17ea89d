import { decodePercent } from '../../../base/decode-percent.ts'
import type { NewTimeEntry, TimeEntry, TimeSource } from '../../../org/time-queue/time-entry.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, type Op, rows, type SqlColumn, type SqlRow, type SqlValue } from '../op.ts'
import { fold } from '../org/tables/columns.ts'

/** The columns that `readEntry` needs. */
export const ENTRY_COLUMNS =
  'entry_id, source_kind, source_name, source_part, object_name, record_id, user_id, created_at, due_at, chain_index, ' +
  'attempt_at, attempt_count, failure_reason'

/** Turns a row of `ENTRY_COLUMNS` into the entry it keeps. */
export function readEntry(row: SqlRow): TimeEntry {
  return {
    entryId: row.entry_id as string,
    source: sourceOf(row),
    objectName: row.object_name as string,
    recordId: row.record_id as RecordId,
    userId: row.user_id as RecordId,
    createdAt: row.created_at as number,
    dueAt: row.due_at as number,
    chainIndex: row.chain_index as number,
    attemptAt: row.attempt_at as number,
    attemptCount: row.attempt_count as number,
    failureReason: row.failure_reason as string | null,
  }
}

function sourceOf(row: SqlRow): TimeSource {
  const [name, part] = [row.source_name as string, row.source_part as string]
  return row.source_kind === 'rule'
    ? { kind: 'rule', ruleFullName: name, triggerIndex: Number(part) }
    : { kind: 'flow', flowName: name, pathName: part }
}

/** The columns of a new entry; the rest begins with what the table says. */
export const NEW_ENTRY_COLUMNS: readonly SqlColumn[] = [
  { name: 'entry_id', type: 'text' },
  { name: 'source_kind', type: 'text' },
  { name: 'source_name', type: 'text' },
  { name: 'source_folded', type: 'text' },
  { name: 'source_part', type: 'text' },
  { name: 'object_name', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'user_id', type: 'text' },
  { name: 'created_at', type: 'bigint' },
  { name: 'due_at', type: 'bigint' },
  { name: 'chain_index', type: 'bigint' },
  { name: 'attempt_at', type: 'bigint' },
]

/** A new entry as a row of `NEW_ENTRY_COLUMNS`. */
export function newEntryRow(entry: NewTimeEntry): readonly SqlValue[] {
  const { source } = entry
  const [name, part] =
    source.kind === 'rule'
      ? [source.ruleFullName, String(source.triggerIndex)]
      : [source.flowName, source.pathName]
  const named = [source.kind, name, fold(decodePercent(name)), part]
  const { entryId, objectName, recordId, userId, createdAt, dueAt, chainIndex } = entry
  const record = [objectName, recordId, userId]
  return [entryId, ...named, ...record, createdAt, dueAt, chainIndex, dueAt]
}

/** Reads the pending entries of records, in the order in which they were queued. */
export function* readPending(d: Dialect, recordIds: readonly RecordId[]): Op<readonly TimeEntry[]> {
  if (recordIds.length === 0) return []
  const found = yield* rows(
    `SELECT ${ENTRY_COLUMNS} FROM time_entry
      WHERE ${d.inList('record_id')} AND state = 'pending' ORDER BY created_at, entry_id`,
    recordIds,
  )
  return found.map(readEntry)
}
