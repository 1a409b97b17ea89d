import type { Refusal } from '../../../jobs/refusal.ts'
import { type Dialect, defineOp, type Op, rows, run, type SqlRow } from '../op.ts'

/** Adds to what is known of the cause; the last message's facts take the place of those before. */
export const writeRefusal = defineOp(
  'refusals.write',
  function* (_dialect: Dialect, refusal: Refusal): Op<void> {
    yield* run(
      `INSERT INTO refusal (job_config_id, error_code, first_at, last_at, refusal_count, reason,
        remote_address, organization_id, action_id, sample) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (job_config_id, error_code) DO UPDATE SET last_at = excluded.last_at,
        refusal_count = refusal.refusal_count + excluded.refusal_count, reason = excluded.reason,
        remote_address = excluded.remote_address, organization_id = excluded.organization_id,
        action_id = excluded.action_id, sample = COALESCE(excluded.sample, refusal.sample)`,
      refusal.jobConfigId,
      refusal.errorCode,
      refusal.firstAt,
      refusal.lastAt,
      refusal.count,
      refusal.reason,
      refusal.remoteAddress,
      refusal.organizationId,
      refusal.actionId,
      refusal.sample,
    )
  },
)

/** The job config's, the newest first. */
export const listRefusals = defineOp(
  'refusals.list',
  function* (_dialect: Dialect, jobConfigId: string): Op<readonly Refusal[]> {
    const found = yield* rows(
      'SELECT * FROM refusal WHERE job_config_id = ? ORDER BY last_at DESC, error_code',
      jobConfigId,
    )
    return found.map(refusalOf)
  },
)

/** Ends those of which none has come since; answers how many. */
export const forgetRefusals = defineOp(
  'refusals.forget',
  (_dialect: Dialect, before: number): Op<number> =>
    run('DELETE FROM refusal WHERE last_at < ?', before),
)

/** The ops of this folder, for the registry. */
export const REFUSAL_OPS = [writeRefusal, listRefusals, forgetRefusals]

function refusalOf(row: SqlRow): Refusal {
  return {
    jobConfigId: String(row.job_config_id),
    errorCode: String(row.error_code),
    firstAt: Number(row.first_at),
    lastAt: Number(row.last_at),
    count: Number(row.refusal_count),
    reason: String(row.reason),
    remoteAddress: textOf(row.remote_address),
    organizationId: textOf(row.organization_id),
    actionId: textOf(row.action_id),
    sample: textOf(row.sample),
  }
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
