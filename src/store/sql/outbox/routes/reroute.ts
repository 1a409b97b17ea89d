import type { Instant } from '../../../../base/clock.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, rows, run } from '../../op.ts'
import { walkOn } from '../people/walk.ts'
import type { MessageHolds } from './hold.ts'

/** So many notifications follow a change of their outbound message in one op. */
const SLICE = 5000

/** A lifetime that an outbound message's notifications have from now on. */
export type NewLifetime = Pick<MessageHolds, 'outboundMessageId' | 'lifetimeMs'>

/** The outbound messages whose lifetime is another after a change of routes; both lists are in the same order. */
export function lifetimesChanged(
  before: readonly MessageHolds[],
  after: readonly MessageHolds[],
): readonly NewLifetime[] {
  return after.filter(({ lifetimeMs }, index) => lifetimeMs !== before[index]?.lifetimeMs)
}

/** The outbound messages that go to another endpoint after a change of routes. */
export function moved(
  before: readonly MessageHolds[],
  after: readonly MessageHolds[],
): readonly RecordId[] {
  return after
    .filter(({ laneId }, index) => laneId !== before[index]?.laneId)
    .map((each) => each.outboundMessageId)
}

/** What `relive` is asked. `after` is where the slice before ended, `''` at first. */
type ReliveAsk = NewLifetime & { readonly after: string }

/**
 * Gives a slice of what waits its new lifetime: its end moves by the difference, so that time on hold stays
 * given back. Answers where the next slice begins, or null. Each row knows the lifetime that it has, so that
 * this may be cut short and run again.
 */
export const relive = defineOp('outbox.relive', function* (d: Dialect, ask: ReliveAsk): Op<
  string | null
> {
  const { ids, next } = yield* walkOn(
    d,
    { outboundMessageId: ask.outboundMessageId, state: 'waiting', limit: SLICE },
    { after: ask.after, limit: SLICE },
  )
  yield* run(
    `UPDATE notification
      SET expires_at = expires_at + CAST(? AS BIGINT) - lifetime_ms, lifetime_ms = ?
      WHERE ${d.inList('notification_id')} AND state = 'waiting' AND lifetime_ms <> ?`,
    ask.lifetimeMs,
    ask.lifetimeMs,
    ids,
    ask.lifetimeMs,
  )
  return next
})

/** What `hastenMessage` is asked. */
type HastenMessageAsk = { readonly outboundMessageId: RecordId; readonly now: Instant }

/** Makes a slice of what waits of an outbound message due: its endpoint is another now. Answers whether there may be more. */
export const hastenMessage = defineOp(
  'outbox.hastenMessage',
  function* (d: Dialect, { outboundMessageId, now }: HastenMessageAsk): Op<boolean> {
    // Ids first: asked in one statement, PostgreSQL prefers to read the whole table for them.
    const found = yield* rows(
      `SELECT n.notification_id FROM notification n
        WHERE n.outbound_message_id = ? AND n.state = 'waiting' AND n.lease_token IS NULL
          AND n.due_at > ? LIMIT ${SLICE}`,
      outboundMessageId,
      now,
    )
    const hastened = yield* run(
      `UPDATE notification SET due_at = ?
        WHERE ${d.inList('notification_id')} AND state = 'waiting' AND lease_token IS NULL`,
      now,
      found.map((row) => row.notification_id as string),
    )
    return found.length >= SLICE && hastened > 0
  },
)
