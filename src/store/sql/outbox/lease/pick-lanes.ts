import type { LaneAsk } from '../../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import { type Dialect, type Op, type SqlRow, type SqlStatement, together } from '../../op.ts'
import { FIRST_DUE } from '../lane-sql.ts'
import { tokensLeft } from './lane-tokens.ts'
import type { PickedLane } from './share-turns.ts'

/** The lanes of one look, and what a lease needs to know besides. */
export type Picked = {
  /** In the order of their turns. */
  readonly lanes: readonly PickedLane[]
  /** The number of this turn: one more than that of any lane. */
  readonly turnAt: number
  readonly definitionsVersion: number
  /** The store's own time. */
  readonly storeNow: number
}

/**
 * Locks the lanes whose turns were longest ago among those with something to send and a free slot. What did not
 * answer last is picked apart, so that its lanes, however many, never stand before those that did.
 */
export function* pickLanes(d: Dialect, ask: LaneAsk): Op<Picked> {
  const [healthy, failing] = yield* together([
    pick(d, ask, { health: 'l.failure_count = 0', limit: ask.count }),
    pick(d, ask, {
      health: 'l.failure_count > 0',
      limit: Math.min(ask.count, ask.failingCount ?? ask.count),
    }),
  ])
  const found = [...(healthy?.rows ?? []), ...(failing?.rows ?? [])]
  const [first] = found
  return {
    lanes: readLanes(found),
    turnAt: Number(first?.next_turn_at ?? 0),
    definitionsVersion: Number(first?.definitions_version ?? 0),
    storeNow: Number(first?.store_now ?? 0),
  }
}

function pick(
  d: Dialect,
  ask: LaneAsk,
  { health, limit }: { readonly health: string; readonly limit: number },
): SqlStatement {
  return {
    kind: 'rows',
    sql: `SELECT l.lane_id, l.endpoint_url, l.failure_count, l.probe_at, l.turn_at, l.slots, l.rate_milli,
        l.paced_until,
        (SELECT count(*) FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL)
          AS leased_count,
        m.outbound_message_id, ${FIRST_DUE} AS due_at,
        (SELECT max(turn_at) FROM lane) + 1 AS next_turn_at,
        (SELECT max(version) FROM definition_version) AS definitions_version, ${d.nowMs} AS store_now
      FROM (SELECT * FROM lane l
          WHERE l.held_at IS NULL AND l.next_due_at IS NOT NULL
            AND coalesce(l.probe_at, l.next_due_at) <= ? AND ${health}
            AND (l.limited_until IS NULL OR l.limited_until <= ${d.nowMs})
            AND (SELECT count(*) FROM lane_slot s
              WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL) < l.slots
            AND (l.probe_at IS NULL OR NOT EXISTS
              (SELECT 1 FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.is_probe = 1))
          ORDER BY l.turn_at, l.lane_id LIMIT ? ${d.skipLocked('l')}) l
        LEFT JOIN lane_message m ON m.lane_id = l.lane_id AND m.held_at IS NULL
      ORDER BY l.turn_at, l.lane_id, m.turn_at, m.outbound_message_id`,
    params: [ask.now, limit],
  }
}

function readLanes(found: readonly SqlRow[]): readonly PickedLane[] {
  const byLane = Map.groupBy(found, (row) => row.lane_id as string)
  const lanes = [...byLane.values()].flatMap((rows) => {
    const [row] = rows
    return row ? [{ turnAt: row.turn_at as number, lane: readLane(row, rows) }] : []
  })
  return lanes.sort((one, other) => one.turnAt - other.turnAt).map(({ lane }) => lane)
}

function readLane(row: SqlRow, rows: readonly SqlRow[]): PickedLane {
  const isProbe = row.probe_at !== null
  const slotsLeft = (row.slots as number) - (row.leased_count as number)
  const tokens =
    row.rate_milli === null
      ? null
      : { rateMilli: row.rate_milli as number, pacedUntil: row.paced_until as number }
  const tokenCount = tokens ? tokensLeft(tokens, row.store_now as number) : slotsLeft
  return {
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
    failureCount: row.failure_count as number,
    isProbe,
    room: Math.min(slotsLeft, tokenCount, isProbe ? 1 : slotsLeft),
    tokens,
    messages: rows
      .filter((each) => each.outbound_message_id !== null)
      .map((each) => ({
        outboundMessageId: each.outbound_message_id as RecordId,
        dueAt: each.due_at as number | null,
      })),
  }
}
