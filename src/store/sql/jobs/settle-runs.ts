import { unreachable } from '../../../base/unreachable.ts'
import type { JobStatus } from '../../../jobs/job-run.ts'
import type { RunLease, RunSettlement, SettleAnswer } from '../../../jobs/job-store.ts'
import { type Dialect, defineOp, type Op, oneRow, run, type SqlValue } from '../op.ts'

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

/** Writes down what becomes of a run, if its lease is still the one given. */
export const settleRun = defineOp(
  'jobs.settleRun',
  function* (
    _dialect: Dialect,
    ask: { readonly lease: RunLease; readonly settlement: RunSettlement; readonly now: number },
  ): Op<SettleAnswer> {
    const { runId, token } = ask.lease
    const { set, params } = columnsOf(ask.settlement, ask.now)
    const settled = yield* run(
      `UPDATE job_run SET ${set}, log = ?, lease_token = NULL, leased_until = NULL WHERE ${HELD}`,
      ...params,
      ask.settlement.log,
      runId,
      token,
    )
    if (settled === 1) return 'settled'

    const stopped = yield* run(
      `UPDATE job_run SET log = ?, lease_token = NULL, leased_until = NULL
      WHERE run_id = ? AND lease_token = ? AND status = 'FAILED' AND stopped_by IS NOT NULL`,
      ask.settlement.log,
      runId,
      token,
    )
    return stopped === 1 ? 'stopped' : 'lease lost'
  },
)

function columnsOf(
  settlement: RunSettlement,
  now: number,
): { readonly set: string; readonly params: readonly SqlValue[] } {
  const ended = `finished_at = ?, return_code = ?, failure_reason = ?`
  switch (settlement.kind) {
    case 'finished':
      return { set: `status = 'FINISHED', ${ended}`, params: [now, settlement.returnCode, null] }
    case 'failed': {
      const { returnCode, reason } = settlement
      return { set: `status = 'FAILED', ${ended}`, params: [now, returnCode, reason] }
    }
    case 'errored':
      return { set: `status = 'ERROR', ${ended}`, params: [now, null, settlement.reason] }
    case 'retry': {
      // Its config may have been deleted while it ran: nobody would ever take it again.
      const orphaned = `NOT EXISTS (SELECT 1 FROM job_config c WHERE c.job_config_id = job_run.job_config_id)`
      return {
        set: `status = CASE WHEN ${orphaned} THEN 'FAILED' ELSE 'QUEUED' END,
          finished_at = CASE WHEN ${orphaned} THEN CAST(? AS BIGINT) ELSE NULL END,
          due_at = ?, return_code = ?, failure_reason = ?`,
        params: [now, settlement.dueAt, settlement.returnCode, settlement.reason],
      }
    }
    case 'released':
      return { set: `status = 'QUEUED', attempt_count = attempt_count - 1`, params: [] }
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
      `SELECT status FROM job_run WHERE run_id = ? ${dialect.forUpdate()}`,
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
