import type { NotificationFilter } from '../../../../outbox/outbox-store.ts'
import type { Dialect, SqlValue } from '../../op.ts'

/** A condition on the notification `n`, to put after WHERE. */
export type Condition = { readonly sql: string; readonly params: readonly SqlValue[] }

/** A filter by what leaves few notifications: their ids, or a record. All others are walked, see `walk.ts`. */
export type NarrowFilter = NotificationFilter &
  ({ readonly notificationIds: object } | { readonly recordId: string })

/** Whether the filter says which records or ids. */
export function isNarrow(filter: NotificationFilter): filter is NarrowFilter {
  return filter.notificationIds !== undefined || filter.recordId !== undefined
}

/** What a narrow filter means. */
export function conditionOf(d: Dialect, filter: NarrowFilter): Condition {
  // The concatenation keeps the planners on the index of the ids, or of the record.
  const message = "n.outbound_message_id || ''"
  const conditions: string[] = []
  const params: SqlValue[] = []
  const add = (condition: string, param: SqlValue | undefined) => {
    if (param === undefined) return
    conditions.push(condition)
    params.push(param)
  }
  add(d.inList('n.notification_id'), filter.notificationIds)
  add('n.record_id = ?', filter.recordId)
  add(`${message} = ?`, filter.outboundMessageId)
  add('n.created_at >= ?', filter.createdFrom)
  add(
    `${message} IN (SELECT r.outbound_message_id FROM lane_message r
      WHERE ${d.inList('r.lane_id')})`,
    filter.laneIds,
  )
  if (filter.state === 'held') {
    conditions.push(`n.state = 'waiting' AND ${message} IN (
      SELECT r.outbound_message_id FROM lane_message r JOIN lane h ON h.lane_id = r.lane_id
        WHERE r.held_at IS NOT NULL OR h.held_at IS NOT NULL)`)
  } else {
    add('n.state = ?', filter.state)
  }
  return { sql: conditions.join(' AND '), params }
}
