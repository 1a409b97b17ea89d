import type { Instant } from '../../../base/clock.ts'
import type { Lease } from '../../../outbox/outbox-store.ts'
import { type Dialect, type Op, oneRow, run } from '../op.ts'

// Locks are taken in one order everywhere: lane, slot, outbound message, notification.

/** When the first claimable notification of the outbound message `m` is due; null when none waits. */
export const FIRST_DUE = `(SELECT n.due_at FROM notification n
  WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting' AND n.lease_token IS NULL
  ORDER BY n.due_at, n.notification_id LIMIT 1)`

/** The same over all messages of a lane that are not on hold. `laneId` is an SQL expression. */
export function nextDue(laneId: string): string {
  return `(SELECT min(${FIRST_DUE}) FROM lane_message m WHERE m.lane_id = ${laneId} AND m.held_at IS NULL)`
}

/** Frees slots of a lane: appended to `UPDATE lane_slot SET`. */
export const FREE_SLOT =
  "lease_token = NULL, leased_until = NULL, owner = NULL, is_probe = 0, notification_ids = '[]'"

/** The lane of a lease that still holds, locked for the rest of the op. */
export type LeasedLane = {
  readonly failureCount: number
  readonly probeAt: Instant | null
  readonly nextDueAt: Instant | null
  readonly isProbe: boolean
  readonly notificationIds: readonly string[]
}

/** Locks the lane and the slot of a lease, or answers null: the token is not the slot's any more. */
export function* lockLease(d: Dialect, lease: Lease): Op<LeasedLane | null> {
  const row = yield* oneRow(
    `SELECT l.failure_count, l.probe_at, l.next_due_at, s.is_probe, s.notification_ids
      FROM lane l JOIN lane_slot s ON s.lane_id = l.lane_id
      WHERE s.lane_id = ? AND s.slot = ? AND s.lease_token = ? ${d.forUpdate()}`,
    lease.laneId,
    lease.slot,
    lease.token,
  )
  if (!row) return null
  return {
    failureCount: row.failure_count as number,
    probeAt: row.probe_at as number | null,
    nextDueAt: row.next_due_at as number | null,
    isProbe: row.is_probe === 1,
    notificationIds: JSON.parse(row.notification_ids as string) as string[],
  }
}

/** Gives the slot of a locked lease back. */
export function* freeSlot(lease: Lease): Op<void> {
  yield* run(
    `UPDATE lane_slot SET ${FREE_SLOT} WHERE lane_id = ? AND slot = ? AND lease_token = ?`,
    lease.laneId,
    lease.slot,
    lease.token,
  )
}

/** Gives the notifications of a locked lease back, as they were. */
export function* giveBack(d: Dialect, lease: Lease, notificationIds: readonly string[]): Op<void> {
  yield* run(
    `UPDATE notification SET lease_token = NULL
      WHERE ${d.inList('notification_id')} AND lease_token = ?`,
    notificationIds,
    lease.token,
  )
}

/** Brings hints forward, never back: too early costs a look, too late would cost a delivery. */
export function* bringHintsForward(): Op<void> {
  yield* run(
    `UPDATE lane SET next_due_at = found.due_at
      FROM (SELECT l.lane_id, ${nextDue('l.lane_id')} AS due_at FROM lane l) AS found
      WHERE found.lane_id = lane.lane_id AND found.due_at IS NOT NULL
        AND (lane.next_due_at IS NULL OR lane.next_due_at > found.due_at)`,
  )
}
