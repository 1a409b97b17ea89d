import type { Instant } from '../../../base/clock.ts'
import type {
  AttemptedNotification,
  AttemptRecord,
  SettledBatch,
} from '../../../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../../outbox/settle.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type Op,
  oneRow,
  rows,
  run,
  type SqlColumn,
} from '../op.ts'

const ATTEMPT: readonly SqlColumn[] = [
  { name: 'attempt_id', type: 'text' },
  { name: 'outbound_message_id', type: 'text' },
  { name: 'started_at', type: 'bigint' },
  { name: 'duration_ms', type: 'bigint' },
  { name: 'endpoint_url', type: 'text' },
  { name: 'notification_ids', type: 'text' },
  { name: 'outcome', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'http_status', type: 'bigint' },
  { name: 'request', type: 'text' },
  { name: 'response', type: 'text' },
]

const ATTEMPTED: readonly SqlColumn[] = [
  { name: 'notification_id', type: 'text' },
  { name: 'attempt_id', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'rule_full_name', type: 'text' },
  { name: 'created_at', type: 'bigint' },
]

/** Keeps the attempt of a settled batch, and which notifications of which records were in it. */
export function* insertAttempt({ attempt, settlements }: SettledBatch): Op<void> {
  yield* insert({
    table: 'attempt',
    columns: ATTEMPT,
    rows: [
      [
        attempt.attemptId,
        attempt.outboundMessageId,
        attempt.startedAt,
        attempt.durationMs,
        attempt.endpointUrl,
        JSON.stringify(attempt.notificationIds),
        attempt.outcome,
        attempt.reason,
        attempt.httpStatus,
        attempt.request,
        attempt.response,
      ],
    ],
    onConflict: 'fail',
    returning: 'attempt_id',
  })
  yield* insert({
    table: 'attempt_notification',
    columns: ATTEMPTED,
    rows: settlements.map(({ notification }) => [
      notification.notificationId,
      attempt.attemptId,
      notification.recordId,
      notification.ruleFullName,
      notification.createdAt,
    ]),
    onConflict: 'fail',
    returning: 'notification_id',
  })
}

/** What `attempts` is asked: see `OutboxStore.attempts`. */
type AttemptFilter = {
  readonly attemptId?: string
  readonly notificationId?: RecordId
  readonly limit: number
}

/** Reads attempts, the newest first. */
export const attempts = defineOp(
  'outbox.attempts',
  function* (_: Dialect, filter: AttemptFilter): Op<readonly AttemptRecord[]> {
    const { attemptId, notificationId, limit } = filter
    const conditions: string[] = []
    if (attemptId !== undefined) conditions.push('attempt_id = ?')
    if (notificationId !== undefined) {
      conditions.push(
        'attempt_id IN (SELECT attempt_id FROM attempt_notification WHERE notification_id = ?)',
      )
    }
    const found = yield* rows(
      `SELECT ${ATTEMPT.map((column) => column.name).join(', ')} FROM attempt
        ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
        ORDER BY started_at DESC, attempt_id DESC LIMIT ?`,
      ...[attemptId, notificationId].filter((each) => each !== undefined),
      limit,
    )
    return found.map((row) => ({
      attemptId: row.attempt_id as string,
      outboundMessageId: row.outbound_message_id as RecordId,
      startedAt: row.started_at as number,
      durationMs: row.duration_ms as number,
      endpointUrl: row.endpoint_url as string,
      notificationIds: JSON.parse(row.notification_ids as string) as RecordId[],
      outcome: row.outcome as AttemptOutcome['kind'],
      reason: row.reason as string | null,
      httpStatus: row.http_status as number | null,
      request: row.request as string,
      response: row.response as string,
    }))
  },
)

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
        WHERE r.record_id = ? ORDER BY a.started_at DESC, r.notification_id LIMIT ?`,
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

/** So many attempts (each of up to 100 notifications) and so many dead letters end in one slice. */
const ATTEMPTS_SLICE = 50
const DEAD_LETTERS_SLICE = 5000

/** What `retain` is asked: see `OutboxStore.retain`. */
type RetainAsk = {
  readonly attemptsBefore: Instant
  readonly attemptsMax: number
  readonly deadLettersBefore: Instant
}

/** Ends a slice of what is too old or too much. Answers how many attempts and dead letters. */
export const retain = defineOp('outbox.retain', function* (d: Dialect, ask: RetainAsk): Op<number> {
  const beyond = yield* oneRow(
    'SELECT started_at FROM attempt ORDER BY started_at DESC LIMIT 1 OFFSET ?',
    ask.attemptsMax,
  )
  const before = Math.max(ask.attemptsBefore, beyond ? (beyond.started_at as number) + 1 : 0)
  const old = yield* rows(
    `SELECT attempt_id, notification_ids FROM attempt WHERE started_at < ?
      ORDER BY started_at LIMIT ${ATTEMPTS_SLICE}`,
    before,
  )
  if (old.length > 0) {
    const attemptIds = old.map((row) => row.attempt_id as string)
    const notificationIds = old.flatMap((row) => JSON.parse(row.notification_ids as string))
    yield* run(
      `DELETE FROM attempt_notification
        WHERE ${d.inList('notification_id')} AND ${d.inList('attempt_id')}`,
      notificationIds as string[],
      attemptIds,
    )
    yield* run(`DELETE FROM attempt WHERE ${d.inList('attempt_id')}`, attemptIds)
  }
  const deadLetters = yield* run(
    `DELETE FROM notification WHERE notification_id IN (
      SELECT notification_id FROM notification WHERE state = 'expired' AND expired_at < ?
        LIMIT ${DEAD_LETTERS_SLICE})`,
    ask.deadLettersBefore,
  )
  return old.length + deadLetters
})
