import type { AttemptRecord } from '../../../outbox/attempt.ts'
import type { AttemptedNotification, SettledBatch } from '../../../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../../outbox/settle.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, rows, type SqlColumn, type SqlStatement } from '../op.ts'
import { ATTEMPT_COLUMNS, attemptValues, OVERVIEW_NAMES, readOverview } from './attempt-row.ts'

const ATTEMPTED: readonly SqlColumn[] = [
  { name: 'notification_id', type: 'text' },
  { name: 'attempt_id', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'rule_full_name', type: 'text' },
  { name: 'created_at', type: 'bigint' },
]

/**
 * Keeps the attempts of settled batches, and which notifications of which records were in each. One that is known is
 * passed over: nobody may know whether a commit was written, and then it is tried again.
 */
export function insertAttempts(settled: readonly SettledBatch[]): readonly SqlStatement[] {
  return [
    {
      kind: 'insert',
      table: 'attempt',
      columns: ATTEMPT_COLUMNS,
      rows: settled.map(({ attempt }) => attemptValues(attempt)),
      onConflict: 'ignore',
      returning: 'attempt_id',
    },
    {
      kind: 'insert',
      table: 'attempt_notification',
      columns: ATTEMPTED,
      rows: settled.flatMap(({ attempt, settlements }) =>
        settlements.map(({ notification }) => [
          notification.notificationId,
          attempt.attemptId,
          notification.recordId,
          notification.ruleFullName,
          notification.createdAt,
        ]),
      ),
      onConflict: 'ignore',
      returning: 'notification_id',
    },
  ]
}

/** What `attempts` is asked: see `OutboxStore.attempts`. */
type AttemptsAsk = {
  readonly attemptId?: string
  readonly notificationId?: RecordId
  readonly limit: number
}

/** Reads attempts whole, the newest first. */
export const attempts = defineOp('outbox.attempts', function* (_: Dialect, filter: AttemptsAsk): Op<
  readonly AttemptRecord[]
> {
  const { attemptId, notificationId, limit } = filter
  const conditions: string[] = []
  if (attemptId !== undefined) conditions.push('a.attempt_id = ?')
  if (notificationId !== undefined) {
    conditions.push(
      'a.attempt_id IN (SELECT attempt_id FROM attempt_notification WHERE notification_id = ?)',
    )
  }
  const found = yield* rows(
    `SELECT ${OVERVIEW_NAMES}, a.request_headers, a.response_headers, a.request, a.response
        FROM attempt a ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
        ORDER BY a.attempt_id DESC LIMIT ?`,
    ...[attemptId, notificationId].filter((each) => each !== undefined),
    limit,
  )
  return found.map((row) => ({
    ...readOverview(row),
    requestHeaders: row.request_headers as string,
    responseHeaders: row.response_headers as string,
    request: row.request as string,
    response: row.response as string,
  }))
})

/** Reads what was sent of a record, the newest attempt first. */
export const attempted = defineOp(
  'outbox.attempted',
  function* (
    _: Dialect,
    filter: { readonly recordId: RecordId; readonly limit: number },
  ): Op<readonly AttemptedNotification[]> {
    const found = yield* rows(
      `SELECT r.attempt_id, r.notification_id, a.outbound_message_id, r.record_id, r.rule_full_name,
          r.created_at, a.started_at, a.duration_ms, a.outcome, a.reason, a.http_status
        FROM attempt_notification r JOIN attempt a ON a.attempt_id = r.attempt_id
        WHERE r.record_id = ? ORDER BY r.attempt_id DESC, r.notification_id LIMIT ?`,
      filter.recordId,
      filter.limit,
    )
    return found.map((row) => ({
      attemptId: row.attempt_id as string,
      notificationId: row.notification_id as RecordId,
      outboundMessageId: row.outbound_message_id as RecordId,
      recordId: row.record_id as RecordId,
      ruleFullName: row.rule_full_name as string,
      createdAt: row.created_at as number,
      startedAt: row.started_at as number,
      durationMs: row.duration_ms as number,
      outcome: row.outcome as AttemptOutcome['kind'],
      reason: row.reason as string | null,
      httpStatus: row.http_status as number | null,
    }))
  },
)
