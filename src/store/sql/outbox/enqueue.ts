import type { NewNotification, Notification } from '../../../outbox/notification.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { insert, type Op, type SqlColumn, type SqlRow } from '../op.ts'

/** The columns that `readNotification` needs, of a notification table named `n`. */
export const NOTIFICATION_COLUMNS =
  'n.notification_id, n.outbound_message_id, n.object_name, n.record_id, n.rule_full_name, n.created_at, ' +
  'n.expires_at, n.due_at, n.attempt_count, n.refusal_count, n.batch_limit, n.is_regrown, ' +
  'n.failure_reason'

/** Turns a row of `NOTIFICATION_COLUMNS` into the notification it keeps. */
export function readNotification(row: SqlRow): Notification {
  return {
    notificationId: row.notification_id as RecordId,
    outboundMessageId: row.outbound_message_id as RecordId,
    objectName: row.object_name as string,
    recordId: row.record_id as RecordId,
    ruleFullName: row.rule_full_name as string,
    createdAt: row.created_at as number,
    expiresAt: row.expires_at as number,
    dueAt: row.due_at as number,
    attemptCount: row.attempt_count as number,
    refusalCount: row.refusal_count as number,
    batchLimit: row.batch_limit as number,
    isRegrown: row.is_regrown === 1,
    failureReason: row.failure_reason as string | null,
  }
}

const INSERTED: readonly SqlColumn[] = [
  { name: 'notification_id', type: 'text' },
  { name: 'outbound_message_id', type: 'text' },
  { name: 'object_name', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'rule_full_name', type: 'text' },
  { name: 'created_at', type: 'bigint' },
  { name: 'expires_at', type: 'bigint' },
  { name: 'lifetime_ms', type: 'bigint' },
  { name: 'due_at', type: 'bigint' },
]

/**
 * Puts notifications in the outbox, due at once: a part of the org's commit. The lane is not touched, so that
 * saves never wait for each other there; call `OutboxStore.wake` after the commit.
 */
export function* insertNotifications(notifications: readonly NewNotification[]): Op<void> {
  yield* insert({
    table: 'notification',
    columns: INSERTED,
    rows: notifications.map((each) => [
      each.notificationId,
      each.outboundMessageId,
      each.objectName,
      each.recordId,
      each.ruleFullName,
      each.createdAt,
      each.expiresAt,
      each.expiresAt - each.createdAt,
      each.createdAt,
    ]),
    onConflict: 'fail',
    returning: 'notification_id',
  })
}
