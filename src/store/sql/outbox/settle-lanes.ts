import type { Instant } from '../../../base/clock.ts'
import type { SettledBatch } from '../../../outbox/outbox-store.ts'
import type { LaneSettlement } from '../../../outbox/settle.ts'
import type { Dialect, Op, SqlStatement } from '../op.ts'
import { type HeldLease, type LaneState, lockLanes, updateLanes } from './lane-sql.ts'

/** A settled batch whose lease still holds. */
export type Held = { readonly settled: SettledBatch; readonly held: HeldLease }

/** What becomes of a lane. `isRecovered`: all that waits in it is to be made due at `now`. */
type DecidedLane = LaneState & { readonly isRecovered: boolean; readonly now: Instant }

/**
 * The lanes that change, and to what. A healthy lane stays as it is and is not locked: its row is the one that all
 * its slots share. One that changes is locked and decided again, as others settle in it meanwhile; and one whose
 * waiting notifications are to be changed, as a lease of them might.
 */
export function* decideLanes(d: Dialect, kept: readonly Held[]): Op<Map<string, DecidedLane>> {
  const byLane = Map.groupBy(kept, ({ settled }) => settled.lease.laneId)
  const changing = [...byLane].filter(([, batches]) => {
    if (batches.some(({ settled }) => settled.regrowth)) return true
    const before = batches[0]?.held.lane
    return before !== undefined && !isSame(before, decideLane(batches, before))
  })
  const decided = new Map<string, DecidedLane>()
  if (changing.length === 0) return decided
  const locked = yield* lockLanes(
    d,
    changing.map(([laneId]) => laneId),
  )
  for (const [laneId, held] of changing) {
    const before = locked.get(laneId)
    if (before) decided.set(laneId, decideLane(held, before))
  }
  return decided
}

/** What a lane is after the batches, one after the other. */
function decideLane(batches: readonly Held[], before: LaneState): DecidedLane {
  let lane = before
  let isRecovered = false
  let now = 0
  for (const { settled, held } of batches) {
    const settlement = settlementOf(lane, settled.lane)
    if (settlement.kind === 'recovered') isRecovered = true
    now = Math.max(now, settled.now)
    lane = nextLane(lane, settlement, { settled, held })
  }
  return { ...lane, isRecovered, now }
}

/** The last settlement is for an open breaker, the one before for so many failures or more. */
function settlementOf(
  { failureCount, probeAt }: LaneState,
  settlements: readonly LaneSettlement[],
): LaneSettlement {
  const open = settlements.length - 1
  const settlement = settlements[probeAt === null ? Math.min(failureCount, open - 1) : open]
  if (!settlement) throw new Error('a settled batch says what becomes of its lane')
  return settlement
}

function nextLane(lane: LaneState, settlement: LaneSettlement, { settled, held }: Held): LaneState {
  const dueAts = settled.settlements.flatMap(({ settlement }) =>
    settlement.kind === 'retry' ? [settlement.dueAt] : [],
  )
  if (givesBack(settled)) dueAts.push(settled.now)
  const nextDueAt = earliest(lane.nextDueAt, ...dueAts)
  switch (settlement.kind) {
    case 'closed':
      return { failureCount: settlement.failureCount, probeAt: null, nextDueAt }
    case 'recovered':
      return { failureCount: 0, probeAt: null, nextDueAt: earliest(nextDueAt, settled.now) }
    case 'open': {
      // An attempt from before the breaker opened does not put off the probe that is already set.
      const probeAt = held.isProbe ? settlement.probeAt : earliest(lane.probeAt, settlement.probeAt)
      return { failureCount: lane.failureCount + 1, probeAt, nextDueAt }
    }
    case 'unasked': {
      const probeAt = held.isProbe ? settlement.probeAt : lane.probeAt
      return { failureCount: lane.failureCount, probeAt, nextDueAt }
    }
  }
}

function isSame(before: LaneState, after: DecidedLane): boolean {
  return (
    !after.isRecovered &&
    before.failureCount === after.failureCount &&
    before.probeAt === after.probeAt &&
    before.nextDueAt === after.nextDueAt
  )
}

/** Its slot is free after it. */
export function isFreed({ slot }: SettledBatch): boolean {
  return slot.kind === 'freed'
}

function givesBack({ slot }: SettledBatch): boolean {
  return slot.kind === 'freed' && slot.givenBackCount > 0
}

function earliest(known: Instant | null, ...others: readonly Instant[]): Instant | null {
  return others.reduce<Instant | null>(
    (first, each) => (first === null ? each : Math.min(first, each)),
    known,
  )
}

/** Writes what was decided. */
export function writeLanes(lanes: ReadonlyMap<string, LaneState>): SqlStatement {
  return updateLanes(
    ['failure_count', 'probe_at', 'next_due_at'],
    [...lanes].map(([laneId, lane]) => [laneId, lane.failureCount, lane.probeAt, lane.nextDueAt]),
  )
}
