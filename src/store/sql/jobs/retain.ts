import { DAY_MS } from '../../../base/clock.ts'
import { type Dialect, defineOp, type Op, run } from '../op.ts'

/** Rows ended in one commit, so that nobody waits long behind it. */
const SLICE = 1_000

export const retainRuns = defineOp(
  'jobs.retainRuns',
  function* (
    _dialect: Dialect,
    ask: { readonly finishedBefore: number; readonly real: number },
  ): Op<number> {
    const runs = yield* run(
      `DELETE FROM job_run WHERE run_id IN
      (SELECT run_id FROM job_run WHERE finished_at < ? ORDER BY finished_at LIMIT ${SLICE})`,
      ask.finishedBefore,
    )
    const tokens = yield* run('DELETE FROM datacloud_token WHERE expires_at <= ?', ask.real)
    return runs + tokens
  },
)

export const forgetAccepted = defineOp(
  'jobs.forgetAccepted',
  function* (_dialect: Dialect, before: number): Op<number> {
    const stamps = yield* run(
      `DELETE FROM record_stamp WHERE stamp_id IN
      (SELECT stamp_id FROM record_stamp WHERE seen_day < ? ORDER BY seen_day LIMIT ${SLICE})`,
      Math.floor(before / DAY_MS),
    )
    const ids = yield* run(
      `DELETE FROM accepted WHERE (job_config_id, organization_id, notification_id) IN
      (SELECT job_config_id, organization_id, notification_id FROM accepted
        WHERE accepted_at < ? ORDER BY accepted_at LIMIT ${SLICE})`,
      before,
    )
    return stamps + ids
  },
)
