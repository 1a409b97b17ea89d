import { unreachable } from '../../../base/unreachable.ts'
import type { JobStatus } from '../../../jobs/job-run.ts'
import type { RunLease, RunSettlement, SettleAnswer } from '../../../jobs/job-store.ts'
import type { RecordStamp } from '../../../jobs/ordering/run-place.ts'
import { type Dialect, defineOp, type Op, oneRow, run, type SqlRow, type SqlValue } from '../op.ts'
import { NO_LEASE, ORPHANED } from './lease/rescue-runs.ts'
import { leaveLine } from './ordering/lines.ts'
import { keepRunStamp, stampIdOf } from './ordering/stamps.ts'

const STANDING = 'run_id, status, job_config_id, line_id, record_key, stamp_field, stamp_at'

const HELD = `run_id = ? AND lease_token = ? AND status IN ('INITIALIZING', 'RUNNING')`

/** The attempt begins; its run is RUNNING. */
export const startRun = defineOp(
  'jobs.startRun',
  function* (
    _dialect: Dialect,
    { lease, now }: { readonly lease: RunLease; readonly now: number },
  ): Op<'started' | 'lease lost'> {
    const changed = yield* run(
      `UPDATE job_run SET status = 'RUNNING', started_at = ?, finished_at = NULL, return_code = NULL
      WHERE ${HELD}`,
      now,
      lease.runId,
      lease.token,
    )
    return changed === 1 ? 'started' : 'lease lost'
  },
)

/** Writes down what becomes of a run, if its lease is still the one given; what is over leaves its line. */
export const settleRun = defineOp(
  'jobs.settleRun',
  function* (
    dialect: Dialect,
    ask: { readonly lease: RunLease; readonly settlement: RunSettlement; readonly now: number },
  ): Op<SettleAnswer> {
    const { runId, token } = ask.lease
    const { set, params } = columnsOf(ask.settlement, ask.now)
    const settled = yield* oneRow(
      `UPDATE job_run SET ${set}, log = ?, ${NO_LEASE} WHERE ${HELD} RETURNING ${STANDING}`,
      ...params,
      ask.settlement.log,
      runId,
      token,
    )
    if (settled) {
      if (ask.settlement.kind === 'finished') yield* keepStamp(settled)
      if (settled.status !== 'QUEUED') yield* leave(dialect, settled, ask.now)
      return 'settled'
    }
    const stopped = yield* oneRow(
      `UPDATE job_run SET log = ?, ${NO_LEASE}
      WHERE run_id = ? AND lease_token = ? AND status = 'FAILED' AND stopped_by IS NOT NULL
      RETURNING ${STANDING}`,
      ask.settlement.log,
      runId,
      token,
    )
    if (!stopped) return 'lease lost'
    yield* leave(dialect, stopped, ask.now)
    return 'stopped'
  },
)

function* keepStamp(row: SqlRow): Op<void> {
  if (row.record_key === null || row.stamp_field === null) return
  const [recordKey, jobConfigId] = [String(row.record_key), String(row.job_config_id)]
  const field = row.stamp_field as RecordStamp['field']
  yield* keepRunStamp(stampIdOf({ recordKey, jobConfigId }), { field, at: Number(row.stamp_at) })
}

function* leave(dialect: Dialect, row: SqlRow, now: number): Op<void> {
  if (row.line_id === null) return
  yield* leaveLine(dialect, { runId: String(row.run_id), lineId: String(row.line_id), now })
}

function columnsOf(
  settlement: RunSettlement,
  now: number,
): { readonly set: string; readonly params: readonly SqlValue[] } {
  const ended = `finished_at = ?, return_code = ?, failure_reason = ?`
  switch (settlement.kind) {
    case 'finished': {
      const { returnCode, outMessage } = settlement
      // The name that was asked for stays where nothing was kept under it.
      return {
        set: `status = 'FINISHED', ${ended}, out_message_name = COALESCE(?, out_message_name),
          out_message_type = ?, out_message_body = ?`,
        params: [
          now,
          returnCode,
          null,
          outMessage?.name ?? null,
          outMessage?.contentType ?? null,
          outMessage?.body ?? null,
        ],
      }
    }
    case 'failed': {
      const { returnCode, reason } = settlement
      return { set: `status = 'FAILED', ${ended}`, params: [now, returnCode, reason] }
    }
    case 'errored':
      return { set: `status = 'ERROR', ${ended}`, params: [now, null, settlement.reason] }
    case 'retry': {
      return {
        set: `status = CASE WHEN ${ORPHANED} THEN 'FAILED' ELSE 'QUEUED' END,
          finished_at = CASE WHEN ${ORPHANED} THEN CAST(? AS BIGINT) ELSE NULL END,
          due_at = ?, return_code = ?, failure_reason = ?`,
        params: [now, settlement.dueAt, settlement.returnCode, settlement.reason],
      }
    }
    case 'released':
      return {
        set: `status = CASE WHEN ${ORPHANED} THEN 'ERROR' ELSE 'QUEUED' END,
          finished_at = CASE WHEN ${ORPHANED} THEN CAST(? AS BIGINT) ELSE NULL END,
          failure_reason = CASE WHEN ${ORPHANED} THEN 'its job config was deleted' ELSE failure_reason END,
          attempt_count = attempt_count - 1`,
        params: [now],
      }
    default:
      return unreachable(settlement)
  }
}

/**
 * A person ends a run: what is not taken yet is CANCELLED, what runs is FAILED and loses its
 * lease's renewal.
 */
export const stopRun = defineOp(
  'jobs.stopRun',
  function* (
    dialect: Dialect,
    ask: { readonly runId: string; readonly stoppedBy: string; readonly now: number },
  ): Op<JobStatus | null> {
    const row = yield* oneRow(
      `SELECT ${STANDING} FROM job_run WHERE run_id = ? ${dialect.forUpdate()}`,
      ask.runId,
    )
    if (!row) return null
    const next = stoppedStatus(row.status as JobStatus)
    if (next !== row.status) {
      yield* run(
        `UPDATE job_run SET status = ?, stopped_by = ?, finished_at = ?, failure_reason = ?
        WHERE run_id = ?`,
        next,
        ask.stoppedBy,
        ask.now,
        `stopped by ${ask.stoppedBy}`,
        ask.runId,
      )
      // What runs leaves its line when its runner has ended it: those behind it must not run beside it.
      if (row.status === 'QUEUED') yield* leave(dialect, row, ask.now)
    }
    return next
  },
)

function stoppedStatus(status: JobStatus): JobStatus {
  switch (status) {
    case 'WAITING':
    case 'SEQUENCED':
    case 'QUEUED':
      return 'CANCELLED'
    case 'INITIALIZING':
    case 'RUNNING':
      return 'FAILED'
    case 'CANCELLED':
    case 'FINISHED':
    case 'ERROR':
    case 'FAILED':
      return status
    default:
      return unreachable(status)
  }
}
