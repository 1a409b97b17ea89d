import type { NotificationFilter, NotificationView } from '../../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, rows } from '../../op.ts'
import { NOTIFICATION_COLUMNS, readNotification } from '../enqueue.ts'
import { conditionOf } from './filter.ts'

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
    `SELECT ${NOTIFICATION_COLUMNS}, n.state, n.expired_at, n.lease_token, m.lane_id, m.message_key,
          coalesce(m.held_reason, m.definition_reason, l.held_reason) AS held_reason
        FROM notification n
        LEFT JOIN lane_message m ON m.outbound_message_id = n.outbound_message_id
        LEFT JOIN lane l ON l.lane_id = m.lane_id
        ${sql === '' ? '' : `WHERE ${sql}`} ORDER BY ${order}, n.notification_id LIMIT ?`,
    ...params,
    filter.limit,
  )
  return found.map((row) => ({
    ...readNotification(row),
    state: row.state as NotificationView['state'],
    expiredAt: row.expired_at as number | null,
    isLeased: row.lease_token !== null,
    outboundMessage: (row.message_key ?? row.outbound_message_id) as string,
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
        WHERE ${sql === '' ? '' : `${sql} AND`} n.outbound_message_id = ?
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
