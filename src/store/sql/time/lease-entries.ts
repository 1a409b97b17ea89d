import type { WorkAhead } from '../../../base/work-ahead.ts'
import type {
  EndedEntry,
  LeasedEntry,
  PutOffEntry,
} from '../../../org/time-queue/time-queue-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, update } from '../op.ts'
import { ENTRY_COLUMNS, readEntry } from './entry-rows.ts'
import { endEntries } from './write-entries.ts'

type LeaseAsk = {
  readonly token: string
  readonly limit: number
  readonly now: number
  readonly leaseMs: number
}

/** Takes due entries, and first frees those whose lease lapsed by the store's clock. */
export const leaseEntries = defineOp('time.lease', function* (d: Dialect, ask: LeaseAsk): Op<
  readonly LeasedEntry[]
> {
  yield* run(
    `UPDATE time_entry SET lease_token = NULL, leased_until = NULL
      WHERE lease_token IS NOT NULL AND leased_until <= ${d.nowMs}`,
  )
  const due = yield* rows(
    `SELECT e.entry_id FROM time_entry e
      WHERE e.state = 'pending' AND e.lease_token IS NULL AND e.attempt_at <= ?
      ORDER BY e.attempt_at, e.entry_id LIMIT ? ${d.skipLocked('e')}`,
    ask.now,
    ask.limit,
  )
  if (due.length === 0) return []
  const taken = yield* rows(
    `UPDATE time_entry SET lease_token = ?, leased_until = ${d.nowMs} + ?
      WHERE ${d.inList('entry_id')} RETURNING ${ENTRY_COLUMNS}`,
    ask.token,
    ask.leaseMs,
    due.map((row) => row.entry_id as string),
  )
  return taken
    .map((row) => ({ entry: readEntry(row), token: ask.token }))
    .sort(({ entry: one }, { entry: other }) => one.dueAt - other.dueAt || byAge(one, other))
})

/** Of entries due at one moment the older first, and those of one save in the order of their triggers. */
function byAge(one: LeasedEntry['entry'], other: LeasedEntry['entry']): number {
  return one.createdAt - other.createdAt || triggerIndexOf(one) - triggerIndexOf(other)
}

function triggerIndexOf({ source }: LeasedEntry['entry']): number {
  return source.kind === 'rule' ? source.triggerIndex : 0
}

/** Writes down failed tries of those still held. */
export const putOffEntries = defineOp(
  'time.putOff',
  function* (_: Dialect, entries: readonly PutOffEntry[]): Op<void> {
    for (const { entryId, token, attemptAt, reason, isFailure } of entries) {
      yield* run(
        `UPDATE time_entry SET attempt_at = ?, attempt_count = attempt_count + ?, failure_reason = ?,
            lease_token = NULL, leased_until = NULL
          WHERE entry_id = ? AND lease_token = ?`,
        attemptAt,
        isFailure ? 1 : 0,
        reason,
        entryId,
        token,
      )
    }
  },
)

/** Ends those still held, their last try counted. */
export const giveUpEntries = defineOp(
  'time.giveUp',
  function* (_: Dialect, entries: readonly (EndedEntry & { readonly token: string })[]): Op<void> {
    const counted = yield* update({
      table: 'time_entry',
      key: { name: 'entry_id', type: 'text' },
      guard: { name: 'lease_token', type: 'text' },
      columns: [{ name: 'leased_until', type: 'bigint' }],
      rows: entries.map(({ entryId, token }) => [entryId, token, 0]),
    })
    const held = new Set(counted)
    yield* endEntries(entries.filter(({ entryId }) => held.has(entryId)))
  },
)

/** Reads what is leased, and when the next of the rest is tried. */
export const workAhead = defineOp('time.workAhead', function* (): Op<WorkAhead> {
  const row = yield* oneRow(
    `SELECT
      (SELECT count(*) FROM time_entry WHERE lease_token IS NOT NULL) AS leased_count,
      (SELECT attempt_at FROM time_entry WHERE state = 'pending' AND lease_token IS NULL
        ORDER BY attempt_at, entry_id LIMIT 1) AS due_at`,
  )
  return { leasedCount: row?.leased_count as number, dueAt: (row?.due_at ?? null) as number | null }
})
