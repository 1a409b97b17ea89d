import type { WorkAhead } from '../../../base/work-ahead.ts'
import type { LaneView } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { defineOp, type Op, oneRow, rows, type SqlRow } from '../op.ts'
import { nextDue } from './lane-sql.ts'
import { UNDEFINED_REASON } from './routes/route.ts'

type LaneMessageView = LaneView['outboundMessages'][number] & {
  readonly laneId: string
  readonly oldestCreatedAt: number | null
}

/** Every lane with its outbound messages and how much waits, by endpoint URL. */
export const lanes = defineOp('outbox.lanes', function* (): Op<readonly LaneView[]> {
  const laneRows = yield* rows(
    `SELECT l.lane_id, l.endpoint_url, l.failure_count, l.probe_at, l.held_reason, l.held_at,
        (SELECT count(*) FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL)
          AS leased_count
      FROM lane l ORDER BY l.endpoint_url`,
  )
  const messages = yield* readMessages()
  return laneRows.map((row) =>
    viewOf(
      row,
      messages.filter((each) => each.laneId === row.lane_id),
    ),
  )
})

function* readMessages(): Op<readonly LaneMessageView[]> {
  // The one that expires first is the oldest, as far as none was on hold: found without reading them all.
  const found = yield* rows(
    `SELECT m.outbound_message_id, m.message_key, m.lane_id, m.held_reason, m.definition_reason, m.held_at,
        (SELECT count(*) FROM notification n
          WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting') AS waiting_count,
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
      waitingCount: row.waiting_count as number,
      oldestCreatedAt: row.oldest_created_at as number | null,
    }))
}

function viewOf(row: SqlRow, messages: readonly LaneMessageView[]): LaneView {
  const oldest = messages.flatMap(({ oldestCreatedAt }) => oldestCreatedAt ?? [])
  return {
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
    failureCount: row.failure_count as number,
    probeAt: row.probe_at as number | null,
    heldReason: row.held_reason as string | null,
    heldAt: row.held_at as number | null,
    leasedCount: row.leased_count as number,
    waitingCount: messages.reduce((sum, each) => sum + each.waitingCount, 0),
    oldestCreatedAt: oldest.length > 0 ? Math.min(...oldest) : null,
    outboundMessages: messages.map(({ laneId: _lane, oldestCreatedAt: _oldest, ...each }) => each),
  }
}

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
