import type { NewEmail } from '../../../mail/email.ts'
import type { Expectation, RecordWrite, Setting } from '../../../org/org-store.ts'
import type { TimeEntryChanges } from '../../../org/time-queue/time-queue-store.ts'
import type { NewNotification } from '../../../outbox/notification.ts'
import { insertEmails } from '../mail/email-rows.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type Op,
  rows,
  type SqlColumn,
  type SqlRow,
  type SqlValue,
  update,
} from '../op.ts'
import { insertNotifications } from '../outbox/enqueue.ts'
import { checkEntries, type EntryExpectation, writeEntries } from '../time/write-entries.ts'
import { upsertSetting } from './people.ts'
import { DELETED_COLUMN, quoteName, VERSION_COLUMN } from './tables/columns.ts'

/** Rows of one table to insert, or to update by their first column. */
export type TableWrite = {
  readonly kind: RecordWrite['kind']
  readonly table: string
  readonly columns: readonly SqlColumn[]
  readonly rows: readonly (readonly SqlValue[])[]
}

type RecordExpectation = Exclude<Expectation, EntryExpectation>

/** An expectation with where to look: its object's table, the column of the key, the key as compared. */
export type TableExpectation = {
  readonly expectation: RecordExpectation
  readonly table: string
  readonly column: string
  readonly key: string
}

export type CommitAsk = {
  readonly expectations: readonly TableExpectation[]
  readonly entryExpectations: readonly EntryExpectation[]
  readonly writes: readonly TableWrite[]
  readonly notifications: readonly NewNotification[]
  readonly timeEntries: TimeEntryChanges | null
  readonly setting: Setting | null
  readonly emails: readonly NewEmail[]
}

/** Checks what must hold, then writes all of the set. Answers the expectations that failed: then nothing is written. */
export const commit = defineOp('org.commit', function* (dialect, ask: CommitAsk) {
  const failed: Expectation[] = []
  for (const group of groupByTable(ask.expectations)) {
    failed.push(...(yield* checkGroup(dialect, group)))
  }
  failed.push(...(yield* checkEntries(dialect, ask.entryExpectations)))
  if (failed.length > 0) return failed

  for (const write of ask.writes) yield* writeRows(write)
  yield* insertNotifications(ask.notifications)
  if (ask.timeEntries) yield* writeEntries(ask.timeEntries)
  if (ask.setting) yield* upsertSetting(ask.setting)
  yield* insertEmails(ask.emails)
  return failed
})

/**
 * Of one kind, one table, one column: asked about in one statement. In the order of names, against deadlocks;
 * but who refers to a deleted record is asked last, when that record is locked and nobody can come any more.
 */
function groupByTable(expectations: readonly TableExpectation[]): TableExpectation[][] {
  const groups = new Map<string, TableExpectation[]>()
  for (const each of expectations) {
    const { kind } = each.expectation
    const name = `${kind === 'unreferred' ? 2 : 1} ${each.table} ${kind} ${each.column}`
    const group = groups.get(name)
    if (group) group.push(each)
    else groups.set(name, [each])
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group)
}

function* checkGroup(dialect: Dialect, group: readonly TableExpectation[]): Op<Expectation[]> {
  const first = group[0]
  if (!first) return []
  const { kind } = first.expectation
  const lock =
    kind === 'unchanged' ? dialect.forUpdate() : kind === 'exists' ? dialect.forShare() : ''
  const column = quoteName(first.column)
  const found = yield* rows(
    `SELECT "id", ${column} AS key, ${quoteName(VERSION_COLUMN)} AS version FROM ${quoteName(first.table)}
     WHERE ${dialect.inList(column)} AND ${quoteName(DELETED_COLUMN)} = 0 ORDER BY "id"${lock}`,
    [...new Set(group.map((each) => each.key))],
  )
  const byKey = Map.groupBy(found, (row) => String(row['key']))
  return group
    .filter((each) => !holds(each.expectation, byKey.get(each.key) ?? []))
    .map((each) => each.expectation)
}

function holds(expectation: RecordExpectation, found: readonly SqlRow[]): boolean {
  switch (expectation.kind) {
    case 'unchanged':
      return Number(found[0]?.['version']) === expectation.version
    case 'exists':
      return found.length > 0
    case 'free':
      return found.every((row) => row['id'] === expectation.recordId)
    case 'unreferred': {
      const written = new Set<unknown>(expectation.written)
      return found.every((row) => written.has(row['id']))
    }
  }
}

function* writeRows(write: TableWrite): Op<void> {
  const { table, columns } = write
  if (write.kind === 'insert') {
    yield* insert({ table, columns, rows: write.rows, onConflict: 'fail', returning: 'id' })
    return
  }
  const [key, ...others] = columns
  if (!key) return
  const changed = yield* update({ table, key, guard: null, columns: others, rows: write.rows })
  if (changed.length !== write.rows.length) {
    throw new Error(`${table}: ${write.rows.length - changed.length} records to update are gone`)
  }
}
