import { type Dialect, type Op, together } from '../../op.ts'
import { leaveLine } from '../ordering/lines.ts'

/** Appended to `UPDATE job_run SET`. */
export const NO_LEASE = 'lease_token = NULL, leased_until = NULL'

/** True for a run whose job config is gone: nobody would ever take it again. */
export const ORPHANED =
  'NOT EXISTS (SELECT 1 FROM job_config c WHERE c.job_config_id = job_run.job_config_id)'

/** Runs whose runner let its lease lapse are due again; those that a person had stopped leave their line. */
export function* rescueLapsed(dialect: Dialect, now: number): Op<void> {
  const lapsed = `lease_token IS NOT NULL AND leased_until <= ${dialect.nowMs}`
  const [, stopped] = yield* together([
    {
      kind: 'run',
      sql: `UPDATE job_run SET ${NO_LEASE},
          status = CASE WHEN ${ORPHANED} THEN 'ERROR' ELSE 'QUEUED' END,
          finished_at = CASE WHEN ${ORPHANED} THEN CAST(? AS BIGINT) ELSE NULL END,
          failure_reason = CASE WHEN ${ORPHANED} THEN 'its job config was deleted' ELSE failure_reason END
        WHERE ${lapsed} AND status IN ('INITIALIZING', 'RUNNING')`,
      params: [now],
    },
    {
      kind: 'rows',
      sql: `UPDATE job_run SET ${NO_LEASE}
        WHERE ${lapsed} AND status NOT IN ('INITIALIZING', 'RUNNING') RETURNING run_id, line_id`,
      params: [],
    },
  ])
  for (const { run_id: runId, line_id: lineId } of stopped?.rows ?? []) {
    if (lineId !== null) {
      yield* leaveLine(dialect, { runId: String(runId), lineId: String(lineId), now })
    }
  }
}
