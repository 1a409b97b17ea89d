import type { LaneView } from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { defineOp, type Op, rows, type SqlRow } from '../op.ts'
import { UNDEFINED_REASON } from './route.ts'

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
    `SELECT m.outbound_message_id, m.lane_id, m.held_reason, m.definition_reason, m.held_at,
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
    outboundMessages: messages.map(({ outboundMessageId, heldReason, heldAt, waitingCount }) => ({
      outboundMessageId,
      heldReason,
      heldAt,
      waitingCount,
    })),
  }
}
