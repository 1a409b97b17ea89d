import type { Expectation } from '../../../org/org-store.ts'
import type { EndedEntry, TimeEntryChanges } from '../../../org/time-queue/time-queue-store.ts'
import { type Dialect, insert, type Op, rows, type SqlColumn, update } from '../op.ts'
import { NEW_ENTRY_COLUMNS, newEntryRow } from './entry-rows.ts'

/** What must hold of an entry for a change set to be written. */
export type EntryExpectation = Extract<Expectation, { readonly kind: 'entryPending' }>

/**
 * Answers the expectations that do not hold: entries that ended meanwhile, or are not in the hand of the given
 * token. Those that do are locked until the commit.
 */
export function* checkEntries(
  d: Dialect,
  expectations: readonly EntryExpectation[],
): Op<readonly EntryExpectation[]> {
  if (expectations.length === 0) return []
  const found = yield* rows(
    `SELECT entry_id, lease_token FROM time_entry
      WHERE ${d.inList('entry_id')} AND state = 'pending' ORDER BY entry_id${d.forUpdate()}`,
    expectations.map((each) => each.entryId),
  )
  const tokens = new Map(found.map((row) => [row.entry_id, row.lease_token]))
  return expectations.filter(({ entryId, token }) =>
    token === null ? !tokens.has(entryId) : tokens.get(entryId) !== token,
  )
}

/** Adds, moves and ends entries: a part of the org's commit. */
export function* writeEntries({ added, moved, ended }: TimeEntryChanges): Op<void> {
  yield* insert({
    table: 'timed_object',
    columns: [{ name: 'object_name', type: 'text' }],
    rows: [...new Set(added.map((each) => each.objectName))].sort().map((name) => [name]),
    onConflict: 'ignore',
    returning: 'object_name',
  })
  yield* insert({
    table: 'time_entry',
    columns: NEW_ENTRY_COLUMNS,
    rows: added.map(newEntryRow),
    onConflict: 'fail',
    returning: 'entry_id',
  })
  yield* update({
    table: 'time_entry',
    key: ENTRY_ID,
    guard: null,
    columns: [
      { name: 'due_at', type: 'bigint' },
      { name: 'chain_index', type: 'bigint' },
      { name: 'attempt_at', type: 'bigint' },
      { name: 'attempt_count', type: 'bigint' },
      { name: 'failure_reason', type: 'text' },
      ...NO_LEASE,
    ],
    rows: moved.map(({ entryId, dueAt, chainIndex }) => {
      return [entryId, dueAt, chainIndex, dueAt, 0, null, null, null]
    }),
  })
  yield* endEntries(ended)
}

/** Ends entries, whoever has them in hand. */
export function* endEntries(ended: readonly EndedEntry[]): Op<void> {
  yield* update({
    table: 'time_entry',
    key: ENTRY_ID,
    guard: null,
    columns: [
      { name: 'state', type: 'text' },
      { name: 'failure_reason', type: 'text' },
      { name: 'ended_at', type: 'bigint' },
      ...NO_LEASE,
    ],
    rows: ended.map(({ entryId, state, reason, endedAt }) => [
      entryId,
      state,
      reason,
      endedAt,
      null,
      null,
    ]),
  })
}

const ENTRY_ID: SqlColumn = { name: 'entry_id', type: 'text' }
const NO_LEASE: readonly SqlColumn[] = [
  { name: 'lease_token', type: 'text' },
  { name: 'leased_until', type: 'bigint' },
]
