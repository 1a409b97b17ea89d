import type { Instant } from '../../../base/clock.ts'
import type { Lease, SettledBatch } from '../../../outbox/outbox-store.ts'
import { insertAttempts } from '../attempts/attempts.ts'
import {
  type Dialect,
  defineOp,
  lastly,
  type Op,
  run,
  type SqlColumn,
  type SqlStatement,
  type SqlValue,
} from '../op.ts'
import { freeSlots, giveBack, type HeldLease, lockLeases } from './lane-sql.ts'
import { type PackedSettled, unpackSettled } from './pack-batches.ts'
import { regrow } from './regrow.ts'
import { decideLanes, type Held, isFreed, writeLanes } from './settle-lanes.ts'

/** So many waiting notifications are made due in one op. */
const HASTEN_MAX = 5000

/** What the settle op did. `mayHasten`: more of the recovered lane may wait to be made due. */
export type SettleAnswer =
  | { readonly kind: 'settled'; readonly mayHasten: boolean }
  | { readonly kind: 'lease lost' }

/**
 * Writes what becomes of batches that were settled at about the same time, of their lanes and slots, and the
 * attempts; nothing of a batch whose lease is lost. Two round trips, three where a lane changes.
 */
export const settle = defineOp(
  'outbox.settle',
  function* (d: Dialect, packed: readonly PackedSettled[]): Op<readonly SettleAnswer[]> {
    const batches = packed.map(unpackSettled)
    const leases = yield* lockLeases(
      d,
      batches.map((each) => each.lease),
    )
    const kept: Held[] = []
    for (const settled of batches) {
      const held = leases.get(settled.lease.token)
      if (held) kept.push({ settled, held })
      if (isFreed(settled)) leases.delete(settled.lease.token)
    }
    const lanes = yield* decideLanes(d, kept)
    const recovered = [...lanes].filter(([, { isRecovered }]) => isRecovered)
    const hastened = new Map<string, number>()
    for (const [laneId, { now }] of recovered) hastened.set(laneId, yield* hastenLane(laneId, now))
    for (const { settled } of kept) {
      if (settled.regrowth) yield* regrow(d, settled, settled.regrowth)
    }

    yield* lastly([
      ...writeNotifications(d, kept),
      ...insertAttempts(kept.map(({ settled }) => settled)),
      freeSlots(kept.flatMap(({ settled }) => (isFreed(settled) ? [settled.lease] : []))),
      writeLanes(lanes),
    ])
    return batches.map((each): SettleAnswer => {
      if (!kept.some(({ settled }) => settled === each)) return { kind: 'lease lost' }
      return {
        kind: 'settled',
        mayHasten: (hastened.get(each.lease.laneId) ?? 0) >= HASTEN_MAX,
      }
    })
  },
)

function writeNotifications(d: Dialect, kept: readonly Held[]): readonly SqlStatement[] {
  const batches = kept.map(({ settled }) => settled)
  return [
    ...deleteDelivered(d, batches),
    ...writeFailed(batches),
    ...batches.flatMap((settled) => followRoute(d, settled)),
    ...kept.flatMap(({ settled, held }) => giveBackRest(d, settled, held)),
  ]
}

/** What a freed slot took and nobody settled; what is settled has its token no more. */
function giveBackRest(d: Dialect, settled: SettledBatch, held: HeldLease): readonly SqlStatement[] {
  if (!isFreed(settled)) return []
  const takenIds = held.takenIds()
  return takenIds.length > settled.settlements.length ? [giveBack(d, settled.lease, takenIds)] : []
}

function deleteDelivered(d: Dialect, batches: readonly SettledBatch[]): readonly SqlStatement[] {
  const delivered = batches.flatMap(({ settlements }) =>
    settlements.filter(({ settlement }) => settlement.kind === 'delivered'),
  )
  if (delivered.length === 0) return []
  return [
    {
      kind: 'run',
      sql: `DELETE FROM notification
        WHERE ${d.inList('notification_id')} AND ${d.inList('lease_token')}`,
      params: [
        delivered.map((each) => each.notification.notificationId),
        batches.map((each) => each.lease.token),
      ],
    },
  ]
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

function writeFailed(batches: readonly SettledBatch[]): readonly SqlStatement[] {
  const retried: SqlValue[][] = []
  const expired: SqlValue[][] = []
  for (const { lease, settlements, now } of batches) {
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
  }
  const step = { kind: 'update', table: 'notification', key: KEY, guard: GUARD } as const
  return [
    { ...step, columns: RETRIED, rows: retried },
    { ...step, columns: EXPIRED, rows: expired },
  ]
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
function followRoute(
  d: Dialect,
  { lease, settlements, now, outboundMessageId }: SettledBatch,
): readonly SqlStatement[] {
  const retried = settlements.filter(({ settlement }) => settlement.kind === 'retry')
  if (retried.length === 0) return []
  return [
    {
      kind: 'run',
      sql: `UPDATE notification SET due_at = ?
        WHERE ${d.inList('notification_id')} AND lease_token IS NULL
          AND EXISTS (SELECT 1 FROM lane_message m WHERE m.outbound_message_id = ? AND m.lane_id <> ?)`,
      params: [
        now,
        retried.map(({ notification }) => notification.notificationId),
        outboundMessageId,
        lease.laneId,
      ],
    },
  ]
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
