import { randomUUID } from 'node:crypto'
import type { Instant } from '../../../base/clock.ts'
import type { Notification } from '../../../outbox/notification.ts'
import type { LaneAsk, LeasedBatch } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run } from '../op.ts'
import { NOTIFICATION_COLUMNS, readNotification } from './enqueue.ts'
import { FIRST_DUE, nextDue } from './lane-sql.ts'
import { freeLapsed } from './rescue.ts'

/** So many lanes whose hint proved too early are passed in one lease; the next lease goes on. */
const LOOKS_MAX = 20

/**
 * Takes a slot of the lane whose turn it is and up to 100 notifications of one of its outbound messages. The
 * lane's row is locked while it takes them, so no two leases of a lane can see the same ones.
 */
export const lease = defineOp(
  'outbox.lease',
  function* (d: Dialect, ask: LaneAsk): Op<LeasedBatch | null> {
    yield* freeLapsed(d, ask.now)
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const lane = yield* pickLane(d, ask)
      if (!lane) return null
      const message = yield* pickMessage(lane, ask.now)
      if (message === 'no slot') return null // taken meanwhile by another lease
      const batch = message && (yield* take(d, ask, lane, message))
      if (batch) return batch
      yield* run(
        `UPDATE lane SET next_due_at = ${nextDue('lane.lane_id')} WHERE lane_id = ?`,
        lane.laneId,
      )
    }
    return null
  },
)

type PickedLane = {
  readonly laneId: string
  readonly endpointUrl: string
  readonly failureCount: number
  readonly isProbe: boolean
  /** The number of this turn: one more than that of any lane. */
  readonly turnAt: number
  readonly definitionsVersion: number
}

/** Locks the lane whose turn was longest ago among those with something to send and a free slot. */
function* pickLane(d: Dialect, ask: LaneAsk): Op<PickedLane | null> {
  const row = yield* oneRow(
    `SELECT l.lane_id, l.endpoint_url, l.failure_count, l.probe_at,
        (SELECT max(turn_at) FROM lane) + 1 AS turn_at,
        (SELECT max(version) FROM definition_version) AS definitions_version
      FROM lane l
      WHERE l.held_at IS NULL AND l.next_due_at IS NOT NULL
        AND coalesce(l.probe_at, l.next_due_at) <= ?
        ${ask.healthyOnly ? 'AND l.failure_count = 0' : ''}
        AND EXISTS (SELECT 1 FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NULL)
        AND (l.probe_at IS NULL OR NOT EXISTS
          (SELECT 1 FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.is_probe = 1))
      ORDER BY l.turn_at, l.lane_id LIMIT 1 ${d.skipLocked('l')}`,
    ask.now,
  )
  if (!row) return null
  return {
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
    failureCount: row.failure_count as number,
    isProbe: row.probe_at !== null,
    turnAt: row.turn_at as number,
    definitionsVersion: row.definitions_version as number,
  }
}

type PickedMessage = {
  readonly outboundMessageId: RecordId
  readonly slot: number
  /** The lane has other messages too: they take turns. */
  readonly hasRivals: boolean
}

/** The outbound message whose turn it is in the locked lane, with a slot that is free now; null when none is due. */
function* pickMessage(lane: PickedLane, now: Instant): Op<PickedMessage | 'no slot' | null> {
  const messages = yield* rows(
    `SELECT m.outbound_message_id, ${FIRST_DUE} AS due_at,
        (SELECT min(s.slot) FROM lane_slot s WHERE s.lane_id = ? AND s.lease_token IS NULL) AS slot,
        (SELECT max(s.is_probe) FROM lane_slot s WHERE s.lane_id = ?) AS is_probed
      FROM lane_message m WHERE m.lane_id = ? AND m.held_at IS NULL
      ORDER BY m.turn_at, m.outbound_message_id`,
    lane.laneId,
    lane.laneId,
    lane.laneId,
  )
  const first = messages.find(
    ({ due_at }) => due_at !== null && (lane.isProbe || (due_at as number) <= now),
  )
  if (!first) return null
  if (first.slot === null || (lane.isProbe && first.is_probed === 1)) return 'no slot'
  return {
    outboundMessageId: first.outbound_message_id as RecordId,
    slot: first.slot as number,
    hasRivals: messages.length > 1,
  }
}

/** Takes the notifications, the slot and the turn. Null: a person deleted them all meanwhile. */
function* take(
  d: Dialect,
  ask: LaneAsk,
  lane: PickedLane,
  message: PickedMessage,
): Op<LeasedBatch | null> {
  const token = randomUUID()
  const notifications = yield* takeNotifications(d, ask, { lane, message, token })
  if (notifications.length === 0) return null
  yield* run(
    `UPDATE lane_slot SET lease_token = ?, leased_until = ${d.nowMs} + ?, owner = ?, is_probe = ?,
        notification_ids = ? WHERE lane_id = ? AND slot = ?`,
    token,
    ask.leaseMs,
    ask.owner,
    lane.isProbe ? 1 : 0,
    JSON.stringify(notifications.map((each) => each.notificationId)),
    lane.laneId,
    message.slot,
  )
  yield* run(
    `UPDATE lane SET turn_at = ?, next_due_at = ${nextDue('lane.lane_id')} WHERE lane_id = ?`,
    lane.turnAt,
    lane.laneId,
  )
  if (message.hasRivals) {
    yield* run(
      'UPDATE lane_message SET turn_at = ? WHERE outbound_message_id = ?',
      lane.turnAt,
      message.outboundMessageId,
    )
  }
  return {
    lease: { laneId: lane.laneId, slot: message.slot, token },
    outboundMessageId: message.outboundMessageId,
    endpointUrl: lane.endpointUrl,
    notifications,
    laneFailureCount: lane.failureCount,
    isProbe: lane.isProbe,
    definitionsVersion: lane.definitionsVersion,
  }
}

type Taking = {
  readonly lane: PickedLane
  readonly message: PickedMessage
  readonly token: string
}

/** Marks the first due notifications that share the first one's batch limit as taken under the token. */
function* takeNotifications(
  d: Dialect,
  ask: LaneAsk,
  { lane, message, token }: Taking,
): Op<readonly Notification[]> {
  const isTakeable = (n: string) =>
    `${n}.outbound_message_id = ? AND ${n}.state = 'waiting' AND ${n}.lease_token IS NULL
      ${lane.isProbe ? '' : `AND ${n}.due_at <= ?`}`
  const which = [message.outboundMessageId, ...(lane.isProbe ? [] : [ask.now])]
  const limit = lane.isProbe ? ask.probeLimit : ask.limit
  // Not one row more than the first allows: while batches are halved, reading 100 to take 1 is most of a lease.
  const found = yield* rows(
    `SELECT ${NOTIFICATION_COLUMNS} FROM notification n WHERE ${isTakeable('n')}
      ORDER BY n.due_at, n.notification_id LIMIT coalesce(
        (SELECT CASE WHEN f.batch_limit < ? THEN f.batch_limit ELSE ? END
          FROM notification f WHERE ${isTakeable('f')}
          ORDER BY f.due_at, f.notification_id LIMIT 1), 1)`,
    ...which,
    limit,
    limit,
    ...which,
  )
  const due = found.map(readNotification)
  const batchLimit = due[0]?.batchLimit ?? 0
  const chosen = due.filter((each) => each.batchLimit === batchLimit).slice(0, batchLimit)
  const taken = yield* rows(
    `UPDATE notification SET lease_token = ?
      WHERE ${d.inList('notification_id')} AND state = 'waiting' AND lease_token IS NULL
      RETURNING notification_id`,
    token,
    chosen.map((each) => each.notificationId),
  )
  if (taken.length === chosen.length) return chosen
  const takenIds = new Set(taken.map((row) => row.notification_id))
  return chosen.filter((each) => takenIds.has(each.notificationId))
}
