import type { SettledBatch } from '../../../outbox/outbox-store.ts'
import type { Regrowth } from '../../../outbox/settle.ts'
import { type Dialect, type Op, rows, run } from '../op.ts'

/** Lets due neighbours of an acknowledged batch, which were halved before, go together in larger messages. */
export function* regrow(
  d: Dialect,
  { outboundMessageId, now }: SettledBatch,
  { batchLimit, crowdMin }: Regrowth,
): Op<void> {
  // Word for word the condition of the index `notification_halved`, so that nothing else is walked through.
  const found = yield* rows(
    `SELECT n.notification_id FROM notification n
      WHERE n.outbound_message_id = ? AND n.state = 'waiting' AND n.lease_token IS NULL
        AND n.batch_limit < 100 AND (n.is_regrown = 0 OR n.batch_limit > 1)
        AND n.due_at <= ? AND n.batch_limit < ?
      ORDER BY n.due_at, n.notification_id LIMIT ?`,
    outboundMessageId,
    now,
    batchLimit,
    Math.max(batchLimit, crowdMin),
  )
  if (found.length < crowdMin) return
  yield* run(
    `UPDATE notification SET batch_limit = ?, is_regrown = 1
      WHERE ${d.inList('notification_id')} AND state = 'waiting' AND lease_token IS NULL`,
    batchLimit,
    found.slice(0, batchLimit).map((row) => row.notification_id as string),
  )
}
