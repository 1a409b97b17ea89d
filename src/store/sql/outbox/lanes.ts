import type { WorkAhead } from '../../../base/work-ahead.ts'
import type { LaneView } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, type SqlRow } from '../op.ts'
import { nextDue } from './lane-sql.ts'
import { UNDEFINED_REASON } from './routes/route.ts'

type LaneMessageView = LaneView['outboundMessages'][number] & {
  readonly laneId: string
  readonly oldestCreatedAt: number | null
}

/** So many of an outbound message are counted where nobody asked for all. */
const COUNTED_MAX = 1000

/** Every lane with its outbound messages and how much waits, by endpoint URL. */
export const lanes = defineOp('outbox.lanes', function* (d: Dialect): Op<readonly LaneView[]> {
  const laneRows = yield* rows(
    `SELECT l.lane_id, l.endpoint_url, l.failure_count, l.probe_at, l.held_reason, l.held_at,
        l.slots, l.rate_milli, l.paced_by,
        CASE WHEN l.rate_milli IS NOT NULL AND l.limited_until > ${d.nowMs} THEN 1 ELSE 0 END
          AS is_limited,
        (SELECT count(*) FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL)
          AS leased_count
      FROM lane l ORDER BY l.endpoint_url`,
  )
  const byLane = Map.groupBy(yield* readMessages(), (each) => each.laneId)
  return laneRows.map((row) => viewOf(row, byLane.get(row.lane_id as string) ?? []))
})

function* readMessages(): Op<readonly LaneMessageView[]> {
  // The one that expires first is the oldest, as far as none was on hold: found without reading them all.
  const found = yield* rows(
    `SELECT m.outbound_message_id, m.message_key, m.lane_id, m.held_reason, m.definition_reason, m.held_at,
        (SELECT count(*) FROM (SELECT 1 FROM notification n
          WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
          LIMIT ${COUNTED_MAX + 1}) AS counted) AS waiting_count,
        (SELECT n.created_at FROM notification n
          WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
          ORDER BY n.expires_at LIMIT 1) AS oldest_created_at
      FROM lane_message m ORDER BY m.outbound_message_id`,
  )
  return found
    .filter((row) => row.waiting_count !== 0 || row.definition_reason !== UNDEFINED_REASON)
    .map((row) => ({
      outboundMessageId: row.outbound_message_id as RecordId,
      outboundMessage: row.message_key as string,
      laneId: row.lane_id as string,
      heldReason: (row.held_reason ?? row.definition_reason) as string | null,
      heldAt: row.held_at as number | null,
      waitingCount: Math.min(row.waiting_count as number, COUNTED_MAX),
      waitingIsAtLeast: (row.waiting_count as number) > COUNTED_MAX,
      oldestCreatedAt: row.oldest_created_at as number | null,
    }))
}

function viewOf(row: SqlRow, messages: readonly LaneMessageView[]): LaneView {
  const oldest = messages.flatMap(({ oldestCreatedAt }) => oldestCreatedAt ?? [])
  const rateMilli = row.rate_milli as number | null
  return {
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
    failureCount: row.failure_count as number,
    probeAt: row.probe_at as number | null,
    heldReason: row.held_reason as string | null,
    heldAt: row.held_at as number | null,
    leasedCount: row.leased_count as number,
    pace: {
      slots: row.slots as number,
      messagesPerSecond: rateMilli === null ? null : rateMilli / 1000,
    },
    pacedBy: row.paced_by as string | null,
    isLimited: row.is_limited === 1,
    waitingCount: messages.reduce((sum, each) => sum + each.waitingCount, 0),
    waitingIsAtLeast: messages.some((each) => each.waitingIsAtLeast),
    oldestCreatedAt: oldest.length > 0 ? Math.min(...oldest) : null,
    outboundMessages: messages.map(({ laneId: _lane, oldestCreatedAt: _oldest, ...each }) => each),
  }
}

/** Counts all that waits in a lane; null when there is none. */
export const countWaiting = defineOp(
  'outbox.countWaiting',
  function* (_: Dialect, laneId: string): Op<number | null> {
    const row = yield* oneRow(
      `SELECT (SELECT count(*) FROM lane_message m
          JOIN notification n ON n.outbound_message_id = m.outbound_message_id
          WHERE m.lane_id = l.lane_id AND n.state = 'waiting') AS waiting_count
        FROM lane l WHERE l.lane_id = ?`,
      laneId,
    )
    return row ? (row.waiting_count as number) : null
  },
)

/** When the first lifetime ends in the lane `l`, as far as it is not on hold. */
const NEXT_END = `(SELECT min((SELECT n.expires_at FROM notification n
    WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
    ORDER BY n.expires_at LIMIT 1))
  FROM lane_message m WHERE m.lane_id = l.lane_id AND m.held_at IS NULL)`

/** Reads what is leased, and what the lanes have before them. */
export const workAhead = defineOp('outbox.workAhead', function* (): Op<WorkAhead> {
  const leased = yield* oneRow(
    'SELECT count(*) AS leased_count FROM lane_slot WHERE lease_token IS NOT NULL',
  )
  const lanesAhead = yield* rows(
    `SELECT l.probe_at, ${nextDue('l.lane_id')} AS next_due_at, ${NEXT_END} AS next_end_at
      FROM lane l WHERE l.held_at IS NULL`,
  )
  const dueAts = lanesAhead.flatMap(({ probe_at, next_due_at, next_end_at }) => {
    const sendsAt = next_due_at === null ? null : (probe_at ?? next_due_at)
    return [sendsAt, next_end_at].filter((each) => each !== null)
  }) as number[]
  return {
    leasedCount: leased?.leased_count as number,
    dueAt: dueAts.length > 0 ? Math.min(...dueAts) : null,
  }
})
