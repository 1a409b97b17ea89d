import type { Instant } from '../../../base/clock.ts'
import type { Lease } from '../../../outbox/outbox-store.ts'
import {
  type Dialect,
  type Op,
  rows,
  run,
  type SqlColumn,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from '../op.ts'

// Locks are taken in one order everywhere: leased slot, lane, outbound message, notification. A free slot belongs to
// whoever holds its lane. The row of a healthy lane is locked for leases alone: what is settled leaves it as it is.

/** When the first claimable notification of the outbound message `m` is due; null when none waits. */
export const FIRST_DUE = `(SELECT n.due_at FROM notification n
  WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting' AND n.lease_token IS NULL
  ORDER BY n.due_at, n.notification_id LIMIT 1)`

/** The same over all messages of a lane that are not on hold. `laneId` is an SQL expression. */
export function nextDue(laneId: string): string {
  return `(SELECT min(${FIRST_DUE}) FROM lane_message m WHERE m.lane_id = ${laneId} AND m.held_at IS NULL)`
}

/** Frees slots: appended to `UPDATE lane_slot SET`. */
export const FREE_SLOT =
  "lease_token = NULL, leased_until = NULL, owner = NULL, is_probe = 0, notification_ids = '[]'"

/** The key of a slot's row. */
export function slotIdOf({ laneId, slot }: Pick<Lease, 'laneId' | 'slot'>): string {
  return `${laneId}/${slot}`
}

/** What a lease decides by of its lane. */
export type LaneState = {
  readonly failureCount: number
  readonly probeAt: Instant | null
  readonly nextDueAt: Instant | null
}

/** A lease that still holds: its slot is locked for the rest of the op, its lane is not. */
export type HeldLease = {
  readonly isProbe: boolean
  /** What it took; read when asked for, as it may be long. */
  readonly takenIds: () => readonly string[]
  readonly lane: LaneState
}

/** Locks the slots of leases. Answers by token; a token that is not its slot's any more is not among them. */
export function* lockLeases(d: Dialect, leases: readonly Lease[]): Op<Map<string, HeldLease>> {
  const found = yield* rows(
    `SELECT s.lease_token, s.is_probe, s.notification_ids, l.failure_count, l.probe_at, l.next_due_at
      FROM lane_slot s JOIN lane l ON l.lane_id = s.lane_id
      WHERE ${d.inList('s.slot_id')} AND ${d.inList('s.lease_token')} ${d.forUpdate('s')}`,
    leases.map(slotIdOf),
    leases.map((each) => each.token),
  )
  return new Map(
    found.map((row) => [
      row.lease_token as string,
      {
        isProbe: row.is_probe === 1,
        takenIds: () => JSON.parse(row.notification_ids as string) as string[],
        lane: readLaneState(row),
      },
    ]),
  )
}

/** Locks lanes, and reads them as they are now that they are locked. */
export function* lockLanes(d: Dialect, laneIds: readonly string[]): Op<Map<string, LaneState>> {
  const found = yield* rows(
    `SELECT lane_id, failure_count, probe_at, next_due_at FROM lane
      WHERE ${d.inList('lane_id')} ORDER BY lane_id ${d.forUpdate()}`,
    laneIds,
  )
  return new Map(found.map((row) => [row.lane_id as string, readLaneState(row)]))
}

function readLaneState(row: SqlRow): LaneState {
  return {
    failureCount: row.failure_count as number,
    probeAt: row.probe_at as number | null,
    nextDueAt: row.next_due_at as number | null,
  }
}

/** Writes numbers of lanes; each row begins with the lane's id. */
export function updateLanes(
  columns: readonly string[],
  rowsOfLanes: readonly (readonly SqlValue[])[],
): SqlStatement {
  return {
    kind: 'update',
    table: 'lane',
    key: { name: 'lane_id', type: 'text' },
    guard: null,
    columns: columns.map((name) => ({ name, type: 'bigint' })),
    rows: rowsOfLanes,
  }
}

/** What a slot says of its lease. */
export const SLOT_COLUMNS: readonly SqlColumn[] = [
  { name: 'lease_token', type: 'text' },
  { name: 'leased_until', type: 'bigint' },
  { name: 'owner', type: 'text' },
  { name: 'is_probe', type: 'bigint' },
  { name: 'notification_ids', type: 'text' },
]

/** Gives the slots of locked leases back. */
export function freeSlots(leases: readonly Lease[]): SqlStatement {
  return {
    kind: 'update',
    table: 'lane_slot',
    key: { name: 'slot_id', type: 'text' },
    guard: { name: 'lease_token', type: 'text' },
    columns: SLOT_COLUMNS,
    rows: leases.map((lease) => [slotIdOf(lease), lease.token, null, null, null, 0, '[]']),
  }
}

/** Gives notifications of a locked lease back, as they were. */
export function giveBack(
  d: Dialect,
  lease: Lease,
  notificationIds: readonly string[],
): SqlStatement {
  return {
    kind: 'run',
    sql: `UPDATE notification SET lease_token = NULL
      WHERE ${d.inList('notification_id')} AND lease_token = ?`,
    params: [notificationIds, lease.token],
  }
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
