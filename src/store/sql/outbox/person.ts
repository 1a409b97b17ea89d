import type { Instant } from '../../../base/clock.ts'
import type { NotificationFilter, NotificationView } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, rows, run, type SqlValue } from '../op.ts'
import { NOTIFICATION_COLUMNS, readNotification } from './enqueue.ts'
import { hint } from './rescue.ts'

/** Lists notifications that wait or were given up, with where they go and what holds them. */
export const list = defineOp('outbox.list', function* (d: Dialect, filter: NotificationFilter): Op<
  readonly NotificationView[]
> {
  const isByDue = filter.order === 'dueAt'
  const { sql, params } = conditionOf(
    d,
    isByDue ? { notificationIds: yield* nextDueIds(d, filter), limit: filter.limit } : filter,
  )
  const order = isByDue ? 'n.due_at' : 'n.created_at'
  const found = yield* rows(
    `SELECT ${NOTIFICATION_COLUMNS}, n.state, n.expired_at, n.lease_token, m.lane_id,
          coalesce(m.held_reason, m.definition_reason, l.held_reason) AS held_reason
        FROM notification n
        LEFT JOIN lane_message m ON m.outbound_message_id = n.outbound_message_id
        LEFT JOIN lane l ON l.lane_id = m.lane_id
        ${sql} ORDER BY ${order}, n.notification_id LIMIT ?`,
    ...params,
    filter.limit,
  )
  return found.map((row) => ({
    ...readNotification(row),
    state: row.state as NotificationView['state'],
    expiredAt: row.expired_at as number | null,
    isLeased: row.lease_token !== null,
    laneId: row.lane_id as string | null,
    heldReason: row.held_reason as string | null,
  }))
})

/** The next due notifications over all outbound messages: the index has them in order for each message. */
function* nextDueIds(d: Dialect, filter: NotificationFilter): Op<readonly RecordId[]> {
  const messages = yield* rows('SELECT outbound_message_id FROM lane_message')
  const { sql, params } = conditionOf(d, filter)
  const due: { id: RecordId; dueAt: number }[] = []
  for (const { outbound_message_id } of messages) {
    const found = yield* rows(
      `SELECT n.notification_id, n.due_at FROM notification n
        ${sql === '' ? 'WHERE' : `${sql} AND`} n.outbound_message_id = ?
          AND n.state = 'waiting' AND n.lease_token IS NULL
        ORDER BY n.due_at, n.notification_id LIMIT ?`,
      ...params,
      outbound_message_id as string,
      filter.limit,
    )
    for (const row of found) {
      due.push({ id: row.notification_id as RecordId, dueAt: row.due_at as number })
    }
  }
  due.sort((one, other) => one.dueAt - other.dueAt || (one.id < other.id ? -1 : 1))
  return due.slice(0, filter.limit).map((each) => each.id)
}

/** What `retry` is asked: see `OutboxStore.retry`. */
type RetryAsk = {
  readonly filter: NotificationFilter
  readonly now: Instant
}

/** Makes notifications due now, dead letters among them with a new lifetime. Answers how many. */
export const retry = defineOp('outbox.retry', function* (d: Dialect, ask: RetryAsk): Op<number> {
  const { sql, params } = conditionOf(d, ask.filter)
  const found = yield* rows(
    `SELECT n.notification_id, m.lane_id FROM notification n
      JOIN lane_message m ON m.outbound_message_id = n.outbound_message_id
      ${sql} ORDER BY n.notification_id LIMIT ?`,
    ...params,
    ask.filter.limit,
  )
  const laneIds = [...new Set(found.map((row) => row.lane_id as string))].sort()
  yield* hint(d, laneIds, ask.now)
  yield* run(
    `UPDATE lane SET probe_at = ? WHERE ${d.inList('lane_id')} AND probe_at > ?`,
    ask.now,
    laneIds,
    ask.now,
  )
  return yield* run(
    `UPDATE notification SET due_at = ?, expired_at = NULL, state = 'waiting',
        refusal_count = CASE WHEN state = 'expired' THEN 0 ELSE refusal_count END,
        batch_limit = CASE WHEN state = 'expired' THEN 100 ELSE batch_limit END,
        is_regrown = CASE WHEN state = 'expired' THEN 0 ELSE is_regrown END,
        expires_at = CASE WHEN state = 'expired'
          THEN CAST(? AS BIGINT) + (SELECT m.lifetime_ms FROM lane_message m
            WHERE m.outbound_message_id = notification.outbound_message_id)
          ELSE expires_at END
      WHERE ${d.inList('notification_id')} AND lease_token IS NULL`,
    ask.now,
    ask.now,
    found.map((row) => row.notification_id as string),
  )
})

/** Removes notifications for good, also those that are being sent. Answers how many. */
export const del = defineOp(
  'outbox.del',
  function* (d: Dialect, filter: NotificationFilter): Op<number> {
    const { sql, params } = conditionOf(d, filter)
    return yield* run(
      `DELETE FROM notification WHERE notification_id IN
      (SELECT n.notification_id FROM notification n ${sql} ORDER BY n.notification_id LIMIT ?)`,
      ...params,
      filter.limit,
    )
  },
)

function conditionOf(
  d: Dialect,
  filter: NotificationFilter,
): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const conditions: string[] = []
  const params: SqlValue[] = []
  const add = (condition: string, param: SqlValue | undefined) => {
    if (param === undefined) return
    conditions.push(condition)
    params.push(param)
  }
  add(d.inList('n.notification_id'), filter.notificationIds)
  add('n.outbound_message_id = ?', filter.outboundMessageId)
  add('n.record_id = ?', filter.recordId)
  add('n.state = ?', filter.state)
  const sql = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return { sql, params }
}
