import type { NotificationFilter, NotificationView } from '../../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, rows } from '../../op.ts'
import { NOTIFICATION_COLUMNS, readNotification } from '../enqueue.ts'
import { conditionOf, isNarrow } from './filter.ts'
import { byAge, byDue, firstOf, queuesOf, startAt } from './walk.ts'

/** Lists notifications that wait or were given up, with where they go and what holds them. */
export const list = defineOp('outbox.list', function* (d: Dialect, filter: NotificationFilter): Op<
  readonly NotificationView[]
> {
  const { limit } = filter
  const isByDue = filter.order === 'dueAt'
  const { sql, params } = conditionOf(
    d,
    isNarrow(filter) ? filter : { notificationIds: yield* firstIds(d, filter), limit },
  )
  const found = yield* rows(
    `SELECT ${NOTIFICATION_COLUMNS}, n.state, n.expired_at, n.lease_token, m.lane_id, m.message_key,
          coalesce(m.held_reason, m.definition_reason, l.held_reason) AS held_reason
        FROM notification n
        LEFT JOIN lane_message m ON m.outbound_message_id = n.outbound_message_id
        LEFT JOIN lane l ON l.lane_id = m.lane_id
        WHERE ${sql} ${isByDue ? "AND n.state = 'waiting' AND n.lease_token IS NULL" : ''}
        ORDER BY ${isByDue ? 'n.due_at' : 'n.created_at'}, n.notification_id LIMIT ?`,
    ...params,
    limit,
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

function* firstIds(d: Dialect, filter: NotificationFilter): Op<readonly RecordId[]> {
  const { limit, createdFrom } = filter
  const queues = yield* queuesOf(d, filter)
  const ids = yield* filter.order === 'dueAt'
    ? firstOf(
        queues.filter(({ state }) => state === 'waiting'),
        limit,
        (queue, after, size) => {
          return byDue(queue, after ?? startAt(undefined), { limit: size, createdFrom })
        },
      )
    : firstOf(queues, limit, (queue, after, size) => {
        return byAge(queue, after ?? startAt(createdFrom), size)
      })
  return ids as readonly RecordId[]
}
