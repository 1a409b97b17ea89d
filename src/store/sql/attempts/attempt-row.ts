import type { AttemptOverview, AttemptRecord } from '../../../outbox/attempt.ts'
import type { AttemptOutcome } from '../../../outbox/settle.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { SqlColumn, SqlRow, SqlValue } from '../op.ts'

const OVERVIEW: readonly SqlColumn[] = [
  { name: 'attempt_id', type: 'text' },
  { name: 'outbound_message_id', type: 'text' },
  { name: 'lane_id', type: 'text' },
  { name: 'started_at', type: 'bigint' },
  { name: 'duration_ms', type: 'bigint' },
  { name: 'sent_ms', type: 'bigint' },
  { name: 'headers_ms', type: 'bigint' },
  { name: 'outcome', type: 'text' },
  { name: 'http_status', type: 'bigint' },
  { name: 'is_probe', type: 'bigint' },
  { name: 'request_bytes', type: 'bigint' },
  { name: 'response_bytes', type: 'bigint' },
  { name: 'endpoint_url', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'tolerances', type: 'text' },
  { name: 'notification_ids', type: 'text' },
]

/** All columns of an attempt, in the order of `attemptValues`. */
export const ATTEMPT_COLUMNS: readonly SqlColumn[] = [
  ...OVERVIEW,
  { name: 'request_headers', type: 'text' },
  { name: 'response_headers', type: 'text' },
  { name: 'request', type: 'text' },
  { name: 'response', type: 'text' },
  { name: 'kept_bytes', type: 'bigint' },
]

/** What `readOverview` needs, of a table named `a`. */
export const OVERVIEW_NAMES = OVERVIEW.map(({ name }) => `a.${name}`).join(', ')

/** The attempt as a row of `ATTEMPT_COLUMNS`. */
export function attemptValues(attempt: AttemptRecord): readonly SqlValue[] {
  return [
    attempt.attemptId,
    attempt.outboundMessageId,
    attempt.laneId,
    attempt.startedAt,
    attempt.durationMs,
    attempt.sentMs,
    attempt.headersMs,
    attempt.outcome,
    attempt.httpStatus,
    attempt.isProbe ? 1 : 0,
    attempt.requestBytes,
    attempt.responseBytes,
    attempt.endpointUrl,
    attempt.reason,
    JSON.stringify(attempt.tolerances),
    JSON.stringify(attempt.notificationIds),
    attempt.requestHeaders,
    attempt.responseHeaders,
    attempt.request,
    attempt.response,
    keptBytes(attempt),
  ]
}

/** Turns a row of `OVERVIEW_NAMES` into the attempt it keeps. */
export function readOverview(row: SqlRow): AttemptOverview {
  return {
    attemptId: row.attempt_id as string,
    outboundMessageId: row.outbound_message_id as RecordId,
    laneId: row.lane_id as string,
    startedAt: row.started_at as number,
    durationMs: row.duration_ms as number,
    sentMs: row.sent_ms as number | null,
    headersMs: row.headers_ms as number | null,
    endpointUrl: row.endpoint_url as string,
    notificationIds: JSON.parse(row.notification_ids as string) as RecordId[],
    isProbe: row.is_probe === 1,
    outcome: row.outcome as AttemptOutcome['kind'],
    reason: row.reason as string | null,
    httpStatus: row.http_status as number | null,
    tolerances: JSON.parse(row.tolerances as string) as string[],
    requestBytes: row.request_bytes as number,
    responseBytes: row.response_bytes as number,
  }
}

/** About what a row takes beside its texts, and a notification of it in two tables with their indexes. */
const ROW_BYTES = 400
const NOTIFICATION_BYTES = 250

/** About what the attempt takes of the disk: the attempt log is bounded by it. */
function keptBytes(attempt: AttemptRecord): number {
  const { request, response, requestHeaders, responseHeaders, notificationIds } = attempt
  const texts = [request, response, requestHeaders, responseHeaders]
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return ROW_BYTES + notificationIds.length * NOTIFICATION_BYTES + textBytes
}
