import type { Instant } from '../../../../base/clock.ts'
import type { Deleted, NotificationFilter, Retried } from '../../../../outbox/outbox-store.ts'
import { type Dialect, defineOp, type Op, rows, run, type SqlRow } from '../../op.ts'
import { hint } from '../rescue.ts'
import { conditionOf, isNarrow, type NarrowFilter } from './filter.ts'
import { type Walked, walkOn } from './walk.ts'

/** So many notifications a person's act touches in one op. */
const SLICE = 2000

/** Which notifications, and where this slice begins: `''` at first. */
type SliceAsk = { readonly filter: NotificationFilter; readonly after: string }

/** Where the next slice begins; null when this was the last. */
type Sliced = { readonly next: string | null }

/** What `retry` is asked: see `OutboxStore.retry`. */
type RetryAsk = SliceAsk & { readonly now: Instant }

/** Makes a slice of notifications due now, dead letters among them with a new lifetime. */
export const retry = defineOp('outbox.retry', function* (d: Dialect, ask: RetryAsk): Op<
  Retried & Sliced
> {
  const { found, next } = yield* sliceOf(d, ask)
  const routed = found.filter((row) => row.lane_id !== null)
  const laneIds = [...new Set(routed.map((row) => row.lane_id as string))].sort()
  yield* hint(d, laneIds, ask.now)
  yield* run(
    `UPDATE lane SET probe_at = ? WHERE ${d.inList('lane_id')} AND probe_at > ?`,
    ask.now,
    laneIds,
    ask.now,
  )
  const retried = yield* rows(
    `UPDATE notification SET due_at = ?, expired_at = NULL, state = 'waiting',
        refusal_count = CASE WHEN state = 'expired' THEN 0 ELSE refusal_count END,
        batch_limit = CASE WHEN state = 'expired' THEN 100 ELSE batch_limit END,
        is_regrown = CASE WHEN state = 'expired' THEN 0 ELSE is_regrown END,
        expires_at = CASE WHEN state = 'expired'
          THEN CAST(? AS BIGINT) + (SELECT m.lifetime_ms FROM lane_message m
            WHERE m.outbound_message_id = notification.outbound_message_id)
          ELSE expires_at END
      WHERE ${d.inList('notification_id')} AND lease_token IS NULL RETURNING notification_id`,
    ask.now,
    ask.now,
    routed.map((row) => row.notification_id as string),
  )
  const due = new Set(retried.map((row) => row.notification_id))
  return {
    count: retried.length,
    sendingCount: routed.length - retried.length,
    heldCount: routed.filter((row) => row.is_held === 1 && due.has(row.notification_id)).length,
    unroutedCount: found.length - routed.length,
    next,
  }
})

/** Removes a slice of notifications for good, also those that are being sent. */
export const del = defineOp('outbox.del', function* (d: Dialect, ask: SliceAsk): Op<
  Deleted & Sliced
> {
  const { found, next } = yield* sliceOf(d, ask)
  const count = yield* run(
    `DELETE FROM notification WHERE ${d.inList('notification_id')}`,
    found.map((row) => row.notification_id as string),
  )
  const sendingCount = found.filter((row) => row.lease_token !== null).length
  return { count, sendingCount, next }
})

type Slice = Sliced & { readonly found: readonly SqlRow[] }

function* sliceOf(d: Dialect, { filter, after }: SliceAsk): Op<Slice> {
  const limit = Math.min(SLICE, filter.limit)
  const { ids, next } = isNarrow(filter)
    ? yield* nextNarrow(d, filter, { after, limit })
    : yield* walkOn(d, filter, { after, limit })
  const found = yield* rows(
    `SELECT n.notification_id, n.lease_token, m.lane_id,
        CASE WHEN m.held_at IS NULL AND l.held_at IS NULL THEN 0 ELSE 1 END AS is_held
      FROM notification n
      LEFT JOIN lane_message m ON m.outbound_message_id = n.outbound_message_id
      LEFT JOIN lane l ON l.lane_id = m.lane_id
      WHERE ${d.inList('n.notification_id')}`,
    ids,
  )
  return { found, next }
}

/** The next of a narrow filter, in the order of their ids. */
function* nextNarrow(
  d: Dialect,
  filter: NarrowFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): Op<Walked> {
  const { sql, params } = conditionOf(d, filter)
  const found = yield* rows(
    `SELECT n.notification_id FROM notification n WHERE ${sql} AND n.notification_id > ?
      ORDER BY n.notification_id LIMIT ?`,
    ...params,
    after,
    limit,
  )
  const ids = found.map((row) => row.notification_id as string)
  return { ids, next: ids.length < limit ? null : (ids.at(-1) ?? null) }
}
