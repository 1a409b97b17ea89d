import type { Instant } from '../../../base/clock.ts'
import type { Lease, SettledBatch } from '../../../outbox/outbox-store.ts'
import type { LaneSettlement } from '../../../outbox/settle.ts'
import { insertAttempts } from '../attempts/attempts.ts'
import {
  type Dialect,
  defineOp,
  type Op,
  run,
  type SqlColumn,
  type SqlValue,
  update,
} from '../op.ts'
import { freeSlot, giveBack, type LeasedLane, lockLease } from './lane-sql.ts'
import { regrow } from './regrow.ts'

/** So many waiting notifications are made due in one op. */
const HASTEN_MAX = 5000

/** What the settle op did. `mayHasten`: more of the recovered lane may wait to be made due. */
export type SettleAnswer =
  | { readonly kind: 'settled'; readonly mayHasten: boolean }
  | { readonly kind: 'lease lost' }

/** Writes what becomes of a batch, its lane and its slot, and the attempt; nothing when the lease is lost. */
export const settle = defineOp(
  'outbox.settle',
  function* (d: Dialect, settled: SettledBatch): Op<SettleAnswer> {
    const { lease, now } = settled
    const lane = yield* lockLease(d, lease)
    if (!lane) return { kind: 'lease lost' }

    yield* deleteGone(d, settled)
    yield* writeFailed(settled)
    yield* followRoute(d, settled)
    if (settled.settlements.length < lane.notificationIds.length) {
      yield* giveBack(d, lease, lane.notificationIds) // what was taken, but not sent
    }
    if (settled.regrowth) yield* regrow(d, settled, settled.regrowth)
    yield* insertAttempts([settled])
    yield* freeSlot(lease)
    const settlement = settlementOf(lane, settled.lane)
    const hastened = settlement.kind === 'recovered' ? yield* hastenLane(lease.laneId, now) : 0
    yield* writeLane(lease.laneId, lane, nextLane(lane, settlement, settled))
    return { kind: 'settled', mayHasten: hastened >= HASTEN_MAX }
  },
)

/** The last settlement is for an open breaker, the one before for so many failures or more. */
function settlementOf(
  { failureCount, probeAt }: LeasedLane,
  settlements: readonly LaneSettlement[],
): LaneSettlement {
  const open = settlements.length - 1
  const settlement = settlements[probeAt === null ? Math.min(failureCount, open - 1) : open]
  if (!settlement) throw new Error('a settled batch says what becomes of its lane')
  return settlement
}

/** What leaves the outbox: delivered, or dropped at the end of its lifetime. */
function* deleteGone(d: Dialect, { lease, settlements }: SettledBatch): Op<void> {
  const gone = settlements.filter(
    ({ settlement }) => settlement.kind === 'delivered' || settlement.kind === 'dropped',
  )
  if (gone.length === 0) return
  yield* run(
    `DELETE FROM notification WHERE ${d.inList('notification_id')} AND lease_token = ?`,
    gone.map((each) => each.notification.notificationId),
    lease.token,
  )
}

const KEY: SqlColumn = { name: 'notification_id', type: 'text' }
const GUARD: SqlColumn = { name: 'lease_token', type: 'text' }

const RETRIED: readonly SqlColumn[] = [
  { name: 'due_at', type: 'bigint' },
  { name: 'attempt_count', type: 'bigint' },
  { name: 'refusal_count', type: 'bigint' },
  { name: 'batch_limit', type: 'bigint' },
  { name: 'failure_reason', type: 'text' },
  { name: 'lease_token', type: 'text' },
]

const EXPIRED: readonly SqlColumn[] = [
  { name: 'attempt_count', type: 'bigint' },
  { name: 'failure_reason', type: 'text' },
  { name: 'state', type: 'text' },
  { name: 'expired_at', type: 'bigint' },
  { name: 'lease_token', type: 'text' },
]

function* writeFailed({ lease, settlements, now }: SettledBatch): Op<void> {
  const retried: SqlValue[][] = []
  const expired: SqlValue[][] = []
  for (const { notification, settlement } of settlements) {
    const key = [notification.notificationId, lease.token]
    if (settlement.kind === 'retry') {
      const { dueAt, attemptCount, refusalCount, batchLimit, reason } = settlement
      retried.push([...key, dueAt, attemptCount, refusalCount, batchLimit, reason, null])
    } else if (settlement.kind === 'expired') {
      const { attemptCount, reason } = settlement
      expired.push([...key, attemptCount, reason, 'expired', now, null])
    }
  }
  const step = { table: 'notification', key: KEY, guard: GUARD }
  yield* update({ ...step, columns: RETRIED, rows: retried })
  yield* update({ ...step, columns: EXPIRED, rows: expired })
}

type LaneState = Pick<LeasedLane, 'failureCount' | 'probeAt' | 'nextDueAt'>

function nextLane(lane: LeasedLane, settlement: LaneSettlement, settled: SettledBatch): LaneState {
  const dueAts = settled.settlements.flatMap(({ settlement }) =>
    settlement.kind === 'retry' ? [settlement.dueAt] : [],
  )
  if (settled.settlements.length < lane.notificationIds.length) dueAts.push(settled.now)
  const nextDueAt = earliest(lane.nextDueAt, ...dueAts)
  switch (settlement.kind) {
    case 'closed':
      return { failureCount: settlement.failureCount, probeAt: null, nextDueAt }
    case 'recovered':
      return { failureCount: 0, probeAt: null, nextDueAt: earliest(nextDueAt, settled.now) }
    case 'open': {
      // An attempt from before the breaker opened does not put off the probe that is already set.
      const probeAt = lane.isProbe ? settlement.probeAt : earliest(lane.probeAt, settlement.probeAt)
      return { failureCount: lane.failureCount + 1, probeAt, nextDueAt }
    }
    case 'unasked': {
      const probeAt = lane.isProbe ? settlement.probeAt : lane.probeAt
      return { failureCount: lane.failureCount, probeAt, nextDueAt }
    }
  }
}

function earliest(known: Instant | null, ...others: readonly Instant[]): Instant | null {
  return others.reduce<Instant | null>(
    (first, each) => (first === null ? each : Math.min(first, each)),
    known,
  )
}

/** A healthy lane is left alone: its row is the one that all its slots share. */
function* writeLane(laneId: string, before: LaneState, after: LaneState): Op<void> {
  const isSame =
    before.failureCount === after.failureCount &&
    before.probeAt === after.probeAt &&
    before.nextDueAt === after.nextDueAt
  if (isSame) return
  yield* run(
    'UPDATE lane SET failure_count = ?, probe_at = ?, next_due_at = ? WHERE lane_id = ?',
    after.failureCount,
    after.probeAt,
    after.nextDueAt,
    laneId,
  )
}

/** What `hasten` is asked: the lane that recovered, and when. */
type HastenAsk = { readonly lease: Lease; readonly now: Instant }

/** Makes a slice of what waits in a recovered lane due. Answers whether there may be more. */
export const hasten = defineOp(
  'outbox.hasten',
  function* (_: Dialect, ask: HastenAsk): Op<boolean> {
    const hastened = yield* hastenLane(ask.lease.laneId, ask.now)
    return hastened >= HASTEN_MAX
  },
)

/** What waits for its retry in a lane that its outbound message has left meanwhile is due in the new one at once. */
function* followRoute(d: Dialect, { lease, settlements, now, ...settled }: SettledBatch): Op<void> {
  const retried = settlements.filter(({ settlement }) => settlement.kind === 'retry')
  if (retried.length === 0) return
  yield* run(
    `UPDATE notification SET due_at = ? WHERE ${d.inList('notification_id')} AND lease_token IS NULL
      AND EXISTS (SELECT 1 FROM lane_message m WHERE m.outbound_message_id = ? AND m.lane_id <> ?)`,
    now,
    retried.map(({ notification }) => notification.notificationId),
    settled.outboundMessageId,
    lease.laneId,
  )
}

function* hastenLane(laneId: string, now: Instant): Op<number> {
  return yield* run(
    `UPDATE notification SET due_at = ? WHERE notification_id IN (
      SELECT n.notification_id FROM lane_message m
        JOIN notification n ON n.outbound_message_id = m.outbound_message_id
        WHERE m.lane_id = ? AND n.state = 'waiting' AND n.lease_token IS NULL AND n.due_at > ?
        LIMIT ${HASTEN_MAX})`,
    now,
    laneId,
    now,
  )
}
