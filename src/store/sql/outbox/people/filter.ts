import type { NotificationFilter } from '../../../../outbox/outbox-store.ts'
import type { Dialect, SqlValue } from '../../op.ts'

/** A condition on the notification `n`, to put after WHERE or AND; `''` is met by all. */
export type Condition = { readonly sql: string; readonly params: readonly SqlValue[] }

/**
 * What a person's filter means. `isWalk`: the statement walks all notifications in the order of their ids, a slice
 * at a time, and no index by outbound message may take it off that way.
 */
export function conditionOf(d: Dialect, filter: NotificationFilter, isWalk = false): Condition {
  const message = isWalk ? "n.outbound_message_id || ''" : 'n.outbound_message_id'
  const conditions: string[] = []
  const params: SqlValue[] = []
  const add = (condition: string, param: SqlValue | undefined) => {
    if (param === undefined) return
    conditions.push(condition)
    params.push(param)
  }
  add(d.inList('n.notification_id'), filter.notificationIds)
  add(`${message} = ?`, filter.outboundMessageId)
  add('n.record_id = ?', filter.recordId)
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
  } else if (filter.state !== undefined) {
    conditions.push(`n.state = '${filter.state}'`) // in the text, so that partial indexes are found
  }
  return { sql: conditions.join(' AND '), params }
}
