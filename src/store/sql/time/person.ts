import type {
  EndedEntry,
  TimeEntryFilter,
  TimeEntryView,
} from '../../../org/time-queue/time-queue-store.ts'
import { type Dialect, defineOp, type Op, rows, run, type SqlValue } from '../op.ts'
import { fold } from '../org/tables/columns.ts'
import { ENTRY_COLUMNS, readEntry } from './entry-rows.ts'

/** Lists entries, the next to be tried first: so the index has those that wait. */
export const listEntries = defineOp(
  'time.list',
  function* (d: Dialect, filter: TimeEntryFilter): Op<readonly TimeEntryView[]> {
    const { sql, params } = conditionOf(d, filter)
    const found = yield* rows(
      `SELECT ${ENTRY_COLUMNS}, state, lease_token, ended_at FROM time_entry
        ${sql} ORDER BY attempt_at, entry_id LIMIT ?`,
      ...params,
      filter.limit,
    )
    return found.map((row) => ({
      ...readEntry(row),
      state: row.state as TimeEntryView['state'],
      isLeased: row.lease_token !== null,
      endedAt: row.ended_at as number | null,
    }))
  },
)

type DelAsk = {
  readonly filter: TimeEntryFilter
  readonly end: Pick<EndedEntry, 'reason' | 'endedAt'>
}

/** Ends pending entries by a person's hand. Answers how many. */
export const delEntries = defineOp('time.del', function* (d: Dialect, ask: DelAsk): Op<number> {
  return yield* run(
    `UPDATE time_entry SET state = 'removed', failure_reason = ?, ended_at = ?, lease_token = NULL,
        leased_until = NULL
      WHERE entry_id IN (${pendingIds(d, ask.filter).sql}) AND state = 'pending'`,
    ask.end.reason,
    ask.end.endedAt,
    ...pendingIds(d, ask.filter).params,
  )
})

/** Makes pending entries due now. Answers how many. */
export const hastenEntries = defineOp(
  'time.hasten',
  function* (d: Dialect, ask: { filter: TimeEntryFilter; now: number }): Op<number> {
    const { sql, params } = pendingIds(d, ask.filter)
    return yield* run(
      `UPDATE time_entry SET attempt_at = ?
        WHERE entry_id IN (${sql}) AND state = 'pending' AND lease_token IS NULL`,
      ask.now,
      ...params,
    )
  },
)

/** So many ended entries are forgotten in one op. */
const SLICE = 5000

export const retainEntries = defineOp(
  'time.retain',
  function* (_: Dialect, endedBefore: number): Op<number> {
    return yield* run(
      `DELETE FROM time_entry WHERE entry_id IN
        (SELECT entry_id FROM time_entry WHERE ended_at < ? ORDER BY ended_at LIMIT ${SLICE})`,
      endedBefore,
    )
  },
)

type Sql = { readonly sql: string; readonly params: readonly SqlValue[] }

function pendingIds(d: Dialect, filter: TimeEntryFilter): Sql {
  const { sql, params } = conditionOf(d, { ...filter, state: 'pending' })
  return {
    sql: `SELECT entry_id FROM time_entry ${sql} ORDER BY attempt_at, entry_id LIMIT ?`,
    params: [...params, filter.limit],
  }
}

function conditionOf(d: Dialect, filter: TimeEntryFilter): Sql {
  const conditions: string[] = []
  const params: SqlValue[] = []
  const add = (condition: string, param: SqlValue | undefined) => {
    if (param === undefined) return
    conditions.push(condition)
    params.push(param)
  }
  add(d.inList('entry_id'), filter.entryIds)
  add('record_id = ?', filter.recordId)
  add('lower(object_name) = ?', filter.objectName?.toLowerCase())
  add("source_folded LIKE ? ESCAPE '\\'", partOf(filter.sourceName))
  add('user_id = ?', filter.userId)
  add('due_at < ?', filter.dueBefore)
  add('due_at >= ?', filter.dueFrom)
  add('created_at < ?', filter.createdBefore)
  add('created_at >= ?', filter.createdFrom)
  add('state = ?', filter.state)
  return {
    sql: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    params,
  }
}

function partOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return `%${fold(text).replace(/[\\%_]/g, (char) => `\\${char}`)}%`
}
