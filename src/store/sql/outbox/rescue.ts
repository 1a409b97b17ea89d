import type { Instant } from '../../../base/clock.ts'
import type { Lease } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, lastly, type Op, rows, run, type SqlStatement } from '../op.ts'
import {
  bringHintsForward,
  FREE_SLOT,
  freeSlots,
  giveBack,
  lockLeases,
  nextDue,
  slotIdOf,
} from './lane-sql.ts'

/** So many lapsed slots are freed at once. */
const LAPSED_MAX = 50

/** Frees slots whose lease lapsed by the store's clock; what they held is claimable as it was. Answers how many slots. */
function* freeLapsed(d: Dialect, now: Instant): Op<number> {
  const lapsed = yield* rows(
    `SELECT s.lane_id, s.lease_token, s.notification_ids FROM lane_slot s
      WHERE s.lease_token IS NOT NULL AND s.leased_until <= ${d.nowMs}
      LIMIT ${LAPSED_MAX} ${d.skipLocked('s')}`,
  )
  if (lapsed.length === 0) return 0
  const tokens = lapsed.map((row) => row.lease_token as string)
  // Renewed or settled since it was read: then the slot keeps its token, and its notifications theirs.
  const freed = yield* run(
    `UPDATE lane_slot SET ${FREE_SLOT} WHERE ${d.inList('lease_token')} AND leased_until <= ${d.nowMs}`,
    tokens,
  )
  if (freed === 0) return 0
  const notificationIds = lapsed.flatMap((row) => JSON.parse(row.notification_ids as string))
  yield* run(
    `UPDATE notification SET lease_token = NULL
      WHERE ${d.inList('notification_id')} AND ${d.inList('lease_token')}
        AND NOT EXISTS (SELECT 1 FROM lane_slot s WHERE s.lease_token = notification.lease_token)`,
    notificationIds as string[],
    tokens,
  )
  yield* hint(
    d,
    lapsed.map((row) => row.lane_id as string),
    now,
  )
  return freed
}

/** Makes lanes look at what waits, from `now` at the latest. */
export function* hint(d: Dialect, laneIds: readonly string[], now: Instant): Op<void> {
  yield* run(
    `UPDATE lane SET next_due_at = ?
      WHERE ${d.inList('lane_id')} AND (next_due_at IS NULL OR next_due_at > ?)`,
    now,
    laneIds,
    now,
  )
}

/** Frees lapsed leases and repairs hints that are missing or too late. Answers how many slots were freed. */
export const rescue = defineOp(
  'outbox.rescue',
  function* (d: Dialect, ask: { now: Instant }): Op<number> {
    const freed = yield* freeLapsed(d, ask.now)
    yield* bringHintsForward()
    return freed
  },
)

/** Prolongs leases from the store's present time on. Answers the tokens that are their slots' no more. */
export const renew = defineOp(
  'outbox.renew',
  function* (
    d: Dialect,
    ask: { leases: readonly Lease[]; leaseMs: number },
  ): Op<readonly string[]> {
    const tokens = ask.leases.map((each) => each.token)
    const renewed = yield* rows(
      `UPDATE lane_slot SET leased_until = ${d.nowMs} + ?
        WHERE ${d.inList('slot_id')} AND ${d.inList('lease_token')} RETURNING lease_token`,
      ask.leaseMs,
      ask.leases.map(slotIdOf),
      tokens,
    )
    const held = new Set(renewed.map((row) => row.lease_token))
    return tokens.filter((token) => !held.has(token))
  },
)

/** What `release` is asked: see `OutboxStore.release`. */
type ReleaseAsk = {
  readonly lease: Lease
  readonly undefinedMessage: {
    readonly outboundMessageId: RecordId
    readonly reason: string
    readonly now: Instant
  } | null
}

/** Gives back a lease and what it took, as it was. */
export const release = defineOp(
  'outbox.release',
  function* (d: Dialect, { lease, undefinedMessage }: ReleaseAsk): Op<void> {
    const held = (yield* lockLeases(d, [lease])).get(lease.token)
    if (!held) return
    const statements: SqlStatement[] = [freeSlots([lease]), giveBack(d, lease, held.takenIds())]
    if (undefinedMessage) {
      statements.push({
        kind: 'run',
        sql: `UPDATE lane_message SET definition_reason = ?, held_at = coalesce(held_at, ?)
          WHERE outbound_message_id = ?`,
        params: [undefinedMessage.reason, undefinedMessage.now, undefinedMessage.outboundMessageId],
      })
    }
    statements.push({
      kind: 'run',
      sql: `UPDATE lane SET next_due_at = ${nextDue('lane.lane_id')} WHERE lane_id = ?`,
      params: [lease.laneId],
    })
    yield* lastly(statements)
  },
)

/** Says that notifications of these outbound messages may be due. */
export const wake = defineOp(
  'outbox.wake',
  function* (d: Dialect, ask: { outboundMessageIds: readonly RecordId[]; now: Instant }): Op<void> {
    yield* run(
      `UPDATE lane SET next_due_at = ?
        WHERE lane_id IN
            (SELECT lane_id FROM lane_message WHERE ${d.inList('outbound_message_id')})
          AND (next_due_at IS NULL OR next_due_at > ?)`,
      ask.now,
      ask.outboundMessageIds,
      ask.now,
    )
  },
)

/** So many notifications expire in one op. */
export const EXPIRY_SLICE = 5000

/**
 * Makes dead letters of what outlived its lifetime: a slice. What is on hold or being sent is passed over. Answers
 * how many.
 */
export const expire = defineOp(
  'outbox.expire',
  function* (d: Dialect, ask: { now: Instant }): Op<number> {
    // Asked message by message, so that a long queue on hold is never walked through.
    const ending = yield* rows(
      `SELECT m.outbound_message_id FROM lane_message m JOIN lane l ON l.lane_id = m.lane_id
        WHERE m.held_at IS NULL AND l.held_at IS NULL AND
          (SELECT n.expires_at FROM notification n
            WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
            ORDER BY n.expires_at LIMIT 1) <= ?`,
      ask.now,
    )
    const ids: string[] = []
    for (const { outbound_message_id } of ending) {
      // What is being sent is settled by its outcome, even when its time is over.
      const found = yield* rows(
        `SELECT n.notification_id FROM notification n
          WHERE n.outbound_message_id = ? AND n.state = 'waiting' AND n.lease_token IS NULL
            AND n.expires_at <= ?
          ORDER BY n.expires_at LIMIT ?`,
        outbound_message_id as string,
        ask.now,
        EXPIRY_SLICE - ids.length,
      )
      ids.push(...found.map((row) => row.notification_id as string))
      if (ids.length >= EXPIRY_SLICE) break
    }
    if (ids.length === 0) return 0
    return yield* run(
      `UPDATE notification SET state = 'expired', expired_at = ?,
          failure_reason = coalesce(failure_reason, 'Its lifetime ended before it was sent.')
        WHERE ${d.inList('notification_id')} AND state = 'waiting' AND lease_token IS NULL`,
      ask.now,
      ids,
    )
  },
)
