import type { WorkAhead } from '../../../base/work-ahead.ts'
import type { LeasedRun, RunLease } from '../../../jobs/job-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run } from '../op.ts'
import { runOf } from './runs.ts'

/** Configs looked at in one lease; the least busy come first, so none is left out for long. */
const CONFIGS_MAX = 200

type LeaseAsk = {
  readonly token: string
  readonly limit: number
  readonly limitPerConfig: number
  readonly now: number
  readonly leaseMs: number
}

/**
 * Takes due runs, shared out among the active configs that have some, those that run least first.
 */
export const leaseRuns = defineOp('jobs.leaseRuns', function* (dialect: Dialect, ask: LeaseAsk): Op<
  readonly LeasedRun[]
> {
  yield* rescueLapsed(dialect)
  const configs = yield* configsWithDueRuns(ask)

  const runIds: string[] = []
  for (const [index, config] of configs.entries()) {
    const share = Math.ceil((ask.limit - runIds.length) / (configs.length - index))
    const limit = Math.min(share, ask.limitPerConfig - config.busyCount)
    if (limit > 0) runIds.push(...(yield* dueRuns(dialect, config.jobConfigId, ask.now, limit)))
  }
  return runIds.length > 0 ? yield* takeRuns(dialect, runIds, ask) : []
})

function* rescueLapsed(dialect: Dialect): Op<void> {
  yield* run(
    `UPDATE job_run SET status = 'QUEUED', lease_token = NULL, leased_until = NULL
      WHERE status IN ('INITIALIZING', 'RUNNING') AND leased_until <= ${dialect.nowMs}`,
  )
}

function* configsWithDueRuns({
  now,
}: LeaseAsk): Op<readonly { readonly jobConfigId: string; readonly busyCount: number }[]> {
  const found = yield* rows(
    `SELECT c.job_config_id, COUNT(r.run_id) AS busy_count
      FROM job_config c LEFT JOIN job_run r
        ON r.job_config_id = c.job_config_id AND r.status IN ('INITIALIZING', 'RUNNING')
      WHERE c.is_active = 1 AND EXISTS (SELECT 1 FROM job_run q
        WHERE q.job_config_id = c.job_config_id AND q.status = 'QUEUED' AND q.due_at <= ?)
      GROUP BY c.job_config_id ORDER BY busy_count, c.job_config_id LIMIT ?`,
    now,
    CONFIGS_MAX,
  )
  return found.map((row) => ({
    jobConfigId: String(row.job_config_id),
    busyCount: Number(row.busy_count),
  }))
}

function* dueRuns(
  dialect: Dialect,
  jobConfigId: string,
  now: number,
  limit: number,
): Op<readonly string[]> {
  const found = yield* rows(
    `SELECT r.run_id FROM job_run r
      WHERE r.job_config_id = ? AND r.status = 'QUEUED' AND r.due_at <= ?
      ORDER BY r.due_at, r.run_id LIMIT ? ${dialect.skipLocked('r')}`,
    jobConfigId,
    now,
    limit,
  )
  return found.map((row) => String(row.run_id))
}

function* takeRuns(
  dialect: Dialect,
  runIds: readonly string[],
  { token, leaseMs }: LeaseAsk,
): Op<readonly LeasedRun[]> {
  const taken = yield* rows(
    `UPDATE job_run SET status = 'INITIALIZING', lease_token = ?,
      leased_until = ${dialect.nowMs} + ?, attempt_count = attempt_count + 1
      WHERE ${dialect.inList('run_id')} RETURNING *`,
    token,
    leaseMs,
    runIds,
  )
  return taken
    .map((row) => ({ lease: { runId: String(row.run_id), token }, run: runOf(row) }))
    .sort((a, b) => a.run.dueAt - b.run.dueAt)
}

/** Puts off when leases lapse, and answers those that were still held. */
export const renewRuns = defineOp(
  'jobs.renewRuns',
  function* (
    dialect: Dialect,
    { leases, leaseMs }: { readonly leases: readonly RunLease[]; readonly leaseMs: number },
  ): Op<readonly RunLease[]> {
    const renewed = yield* rows(
      `UPDATE job_run SET leased_until = ${dialect.nowMs} + ?
      WHERE ${dialect.inList('run_id')} AND ${dialect.inList('lease_token')}
        AND status IN ('INITIALIZING', 'RUNNING') RETURNING run_id, lease_token`,
      leaseMs,
      leases.map((lease) => lease.runId),
      leases.map((lease) => lease.token),
    )
    return renewed.map((row) => ({ runId: String(row.run_id), token: String(row.lease_token) }))
  },
)

/** Reads what is leased, and when the next run of an active config is due. */
export const workAhead = defineOp('jobs.workAhead', function* (): Op<WorkAhead> {
  const row = yield* oneRow(
    `SELECT
      (SELECT COUNT(*) FROM job_run WHERE status IN ('INITIALIZING', 'RUNNING')) AS leased_count,
      (SELECT MIN((SELECT q.due_at FROM job_run q
          WHERE q.job_config_id = c.job_config_id AND q.status = 'QUEUED' ORDER BY q.due_at LIMIT 1))
        FROM job_config c WHERE c.is_active = 1) AS due_at`,
  )
  return { leasedCount: row?.leased_count as number, dueAt: (row?.due_at ?? null) as number | null }
})
