import { randomUUID } from 'node:crypto'
import type { Notification } from '../../../../outbox/notification.ts'
import type { LaneAsk, LeasedBatch } from '../../../../outbox/outbox-store.ts'
import {
  type Dialect,
  defineOp,
  type Op,
  type SqlAnswer,
  type SqlStatement,
  together,
} from '../../op.ts'
import { NOTIFICATION_COLUMNS, readNotification } from '../enqueue.ts'
import { freeSlots, nextDue, SLOT_COLUMNS, slotIdOf, updateLanes } from '../lane-sql.ts'
import { type PackedBatch, packBatch } from '../pack-batches.ts'
import { takeTokens } from './lane-tokens.ts'
import { type Picked, pickLanes } from './pick-lanes.ts'
import { cutBatches, shareTurns, type WantedBatches } from './share-turns.ts'

/** So many times lanes whose hint proved too early are passed over in one lease; the next lease goes on. */
const LOOKS_MAX = 5

/** So many notifications are taken in one commit, unless as many slots carry a batch each: others write meanwhile. */
const TAKEN_MAX = 4000

/**
 * Takes slots of the lanes whose turn it is, and in each a load of batches of one of its outbound messages.
 * The lanes' rows are locked while it takes them, so no two leases of a lane can see the same ones. Four round
 * trips, however many batches.
 */
export const lease = defineOp('outbox.lease', function* (d: Dialect, ask: LaneAsk): Op<
  readonly PackedBatch[]
> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const picked = yield* pickLanes(d, ask)
    if (picked.lanes.length === 0) return []
    const batches = yield* readBatches(d, ask, picked)
    const taken = yield* take(d, ask, picked, batches)
    if (taken.length > 0) return taken.map(packBatch)
  }
  return []
})

/** Reads what the free slots of the locked lanes can carry, as it is now that they are locked. */
function* readBatches(d: Dialect, ask: LaneAsk, picked: Picked): Op<readonly LeasedBatch[]> {
  const wanted = shareTurns(picked.lanes, ask.count, ask.now)
  const slotCount = wanted.reduce((sum, { count }) => sum + count, 0)
  const [slots, ...found] = yield* together([
    readSlots(d, picked),
    ...wanted.map((each) => readDue(ask, each, slotCount)),
  ])
  const free = freeSlotsOf(picked, slots)
  return wanted.flatMap((each, index) => {
    const due = (found[index]?.rows ?? []).map(readNotification)
    const slotsLeft = free.get(each.lane.laneId)?.splice(0, each.count) ?? [] // fewer, if another lease was quicker
    return loadSlots(ask, each, { due, slots: slotsLeft }).map((batch) => ({
      ...batch,
      definitionsVersion: picked.definitionsVersion,
    }))
  })
}

/** Deals batches to slots, each its share of what is due, the first due to the first. */
function loadSlots(
  ask: LaneAsk,
  { lane, outboundMessageId }: WantedBatches,
  { due, slots }: { readonly due: readonly Notification[]; readonly slots: readonly number[] },
): readonly Omit<LeasedBatch, 'definitionsVersion'>[] {
  const batches = cutBatches(due, slots.length * loadOf(ask, lane), limitOf(ask, lane))
  const { laneId, endpointUrl, failureCount: laneFailureCount, isProbe } = lane
  return slots.flatMap((slot, place) => {
    const [from, to] = [place, place + 1].map((each) =>
      Math.ceil((each * batches.length) / slots.length),
    )
    const lease = { laneId, slot, token: randomUUID() }
    return batches.slice(from, to).map((notifications) => ({
      lease,
      outboundMessageId,
      endpointUrl,
      notifications,
      laneFailureCount,
      isProbe,
      againInMs: null,
    }))
  })
}

/** A lane that fails or is limited is asked for one message at a time. */
function loadOf(
  { loads }: LaneAsk,
  { laneId, failureCount, isProbe, tokens }: WantedBatches['lane'],
): number {
  return failureCount > 0 || isProbe || tokens ? 1 : (loads?.[laneId] ?? 1)
}

function limitOf(ask: LaneAsk, { isProbe }: WantedBatches['lane']): number {
  return isProbe ? ask.probeLimit : ask.limit
}

function readSlots(d: Dialect, { lanes }: Picked): SqlStatement {
  return {
    kind: 'rows',
    sql: `SELECT s.lane_id, s.slot, s.is_probe, l.slots,
        CASE WHEN s.lease_token IS NULL THEN 1 ELSE 0 END AS is_free
      FROM lane_slot s JOIN lane l ON l.lane_id = s.lane_id
      WHERE ${d.inList('s.lane_id')} ORDER BY s.slot`,
    params: [lanes.map(({ laneId }) => laneId)],
  }
}

/** The slots by lane that may be taken; of a lane that is probed, none beside the probe. */
function freeSlotsOf({ lanes }: Picked, slots: SqlAnswer | undefined): Map<string, number[]> {
  const byLane = Map.groupBy(slots?.rows ?? [], (row) => row.lane_id as string)
  return new Map(
    lanes.map(({ laneId, isProbe }) => {
      const rows = byLane.get(laneId) ?? []
      const leasedCount = rows.filter((row) => row.is_free === 0).length
      const free = rows.filter((row) => row.is_free === 1).map((row) => row.slot as number)
      const max = Number(rows[0]?.slots ?? 0) - leasedCount
      const isProbed = rows.some((row) => row.is_probe === 1)
      return [laneId, isProbe && isProbed ? [] : free.slice(0, Math.max(0, max))]
    }),
  )
}

/** Not one row more than the first allows: while batches are halved, reading 100 to take 1 is most of a lease. */
function readDue(
  ask: LaneAsk,
  { lane, outboundMessageId, count }: WantedBatches,
  slotCount: number,
): SqlStatement {
  const isTakeable = (n: string) =>
    `${n}.outbound_message_id = ? AND ${n}.state = 'waiting' AND ${n}.lease_token IS NULL
      ${lane.isProbe ? '' : `AND ${n}.due_at <= ?`}`
  const which = [outboundMessageId, ...(lane.isProbe ? [] : [ask.now])]
  const limit = limitOf(ask, lane)
  const most = Math.max(count * limit, Math.floor((TAKEN_MAX * count) / slotCount))
  return {
    kind: 'rows',
    sql: `SELECT ${NOTIFICATION_COLUMNS} FROM notification n WHERE ${isTakeable('n')}
      ORDER BY n.due_at, n.notification_id LIMIT (SELECT CASE WHEN w.wanted < ? THEN w.wanted ELSE ? END
        FROM (SELECT ? * coalesce(
          (SELECT CASE WHEN f.batch_limit < ? THEN f.batch_limit ELSE ? END
            FROM notification f WHERE ${isTakeable('f')}
            ORDER BY f.due_at, f.notification_id LIMIT 1), 1) AS wanted) w)`,
    params: [...which, most, most, count * loadOf(ask, lane), limit, limit, ...which],
  }
}

/** Takes the notifications, the slots and the turns. A person may have deleted some meanwhile: those are left out. */
function* take(
  d: Dialect,
  ask: LaneAsk,
  picked: Picked,
  batches: readonly LeasedBatch[],
): Op<readonly LeasedBatch[]> {
  const limits = takeRates(picked, batches)
  const [marked] = yield* together([
    markTaken(batches),
    leaseSlots(ask, picked, batches),
    ...takeTurns(d, picked, batches),
    writeRates(limits),
  ])
  const takenIds = new Set(marked?.rows.map((row) => row.notification_id))
  const taken = batches.map((batch) => ({
    ...batch,
    againInMs: againIn(limits.get(batch.lease.laneId), picked),
    notifications: batch.notifications.filter((each) => takenIds.has(each.notificationId)),
  }))
  const carried = taken.filter(({ notifications }) => notifications.length > 0)
  const used = new Set(carried.map((each) => each.lease))
  const unused = new Set(taken.map((each) => each.lease).filter((each) => !used.has(each)))
  if (unused.size > 0) yield* together([freeSlots([...unused])])
  return carried
}

function markTaken(batches: readonly LeasedBatch[]): SqlStatement {
  return {
    kind: 'update',
    table: 'notification',
    key: { name: 'notification_id', type: 'text' },
    guard: null,
    where: "state = 'waiting' AND lease_token IS NULL",
    columns: [{ name: 'lease_token', type: 'text' }],
    rows: batches.flatMap(({ lease, notifications }) =>
      notifications.map(({ notificationId }: Notification) => [notificationId, lease.token]),
    ),
  }
}

function leaseSlots(
  ask: LaneAsk,
  { storeNow }: Picked,
  batches: readonly LeasedBatch[],
): SqlStatement {
  return {
    kind: 'update',
    table: 'lane_slot',
    key: { name: 'slot_id', type: 'text' },
    guard: null,
    columns: SLOT_COLUMNS,
    rows: [...Map.groupBy(batches, (each) => each.lease)].map(([lease, load]) => [
      slotIdOf(lease),
      lease.token,
      storeNow + ask.leaseMs,
      ask.owner,
      load.some((each) => each.isProbe) ? 1 : 0,
      JSON.stringify(load.flatMap((each) => each.notifications).map((each) => each.notificationId)),
    ]),
  }
}

type Limits = ReadonlyMap<string, ReturnType<typeof takeTokens>>

/** What the batches take of the rates of lanes that have one. */
function takeRates({ lanes, storeNow }: Picked, batches: readonly LeasedBatch[]): Limits {
  const counts = Map.groupBy(batches, (each) => each.lease.laneId)
  return new Map(
    lanes.flatMap(({ laneId, tokens }) => {
      const count = counts.get(laneId)?.length ?? 0
      return tokens && count > 0 ? [[laneId, takeTokens(tokens, count, storeNow)] as const] : []
    }),
  )
}

function writeRates(limits: Limits): SqlStatement {
  return updateLanes(
    ['paced_until', 'limited_until'],
    [...limits].map(([laneId, each]) => [laneId, each.pacedUntil, each.limitedUntil]),
  )
}

function againIn(limit: ReturnType<typeof takeTokens> | undefined, { storeNow }: Picked) {
  return limit ? Math.max(0, limit.limitedUntil - storeNow) : null
}

/** Runs after the notifications are marked: the hints are then those of what is left. */
function takeTurns(
  d: Dialect,
  { lanes, turnAt }: Picked,
  batches: readonly LeasedBatch[],
): readonly SqlStatement[] {
  const served = new Set(batches.map((each) => each.lease.laneId))
  const rivals = new Set(
    lanes.filter((lane) => lane.messages.length > 1).map((each) => each.laneId),
  )
  const messageIds = batches
    .filter(({ lease }) => rivals.has(lease.laneId))
    .map((each) => each.outboundMessageId)
  const unserved = lanes.map((each) => each.laneId).filter((laneId) => !served.has(laneId))
  const hint = `next_due_at = ${nextDue('lane.lane_id')}`
  const statements: SqlStatement[] = []
  if (served.size > 0) {
    statements.push({
      kind: 'run',
      sql: `UPDATE lane SET turn_at = ?, ${hint} WHERE ${d.inList('lane_id')}`,
      params: [turnAt, [...served]],
    })
  }
  if (unserved.length > 0) {
    statements.push({
      kind: 'run',
      sql: `UPDATE lane SET ${hint} WHERE ${d.inList('lane_id')}`,
      params: [unserved],
    })
  }
  if (messageIds.length > 0) {
    statements.push({
      kind: 'run',
      sql: `UPDATE lane_message SET turn_at = ? WHERE ${d.inList('outbound_message_id')}`,
      params: [turnAt, [...new Set(messageIds)]],
    })
  }
  return statements
}
