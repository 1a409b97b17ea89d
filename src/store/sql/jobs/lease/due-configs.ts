import { type Dialect, type Op, rows } from '../../op.ts'

/** Job configs with queued runs that one look goes by. */
const HOPS_MAX = 1_000

/** Job configs with due runs that one look takes: more than a runner has slots. */
const DUE_MAX = 64

/** An active job config with runs that are due. */
export type DueConfig = {
  readonly jobConfigId: string
  readonly concurrencyMax: number | null
  readonly rateMilli: number | null
  readonly skipsStale: boolean
}

/** What a look found; `end`: null, or after which job config the next one should look on. */
type Look = { readonly jobConfigIds: readonly string[]; readonly end: string | null }

/**
 * Active job configs with due runs, in the order of their ids, from the one behind `after` on and round to it.
 * Goes from one config that has queued runs to the next by their index: what it costs depends neither on how
 * many configs there are nor on how many runs of one wait. `wentTo` is set where a look was cut short: the next
 * should begin behind it; `isWrapped` says whether that look was already round.
 */
export function* dueConfigs(
  dialect: Dialect,
  { after, now }: { readonly after: string; readonly now: number },
): Op<{
  readonly configs: readonly DueConfig[]
  readonly wentTo: string | null
  readonly isWrapped: boolean
}> {
  const first = yield* look(after, now)
  const isEnough = first.jobConfigIds.length >= DUE_MAX || first.end !== null || after === ''
  const second = isEnough ? null : yield* look('', now)
  const ids = [...new Set([...first.jobConfigIds, ...(second?.jobConfigIds ?? [])])]
  return {
    configs: yield* readLimits(dialect, ids.slice(0, DUE_MAX)),
    wentTo: second ? second.end : first.end,
    isWrapped: second !== null,
  }
}

function* look(after: string, now: number): Op<Look> {
  const found = yield* rows(DUE_CONFIGS, after, now)
  const last = found.at(-1)
  const isCutShort = last !== undefined && Number(last.hop) === HOPS_MAX
  return {
    jobConfigIds: found
      .filter((row) => Number(row.is_due) === 1)
      .map((row) => String(row.job_config_id)),
    end: isCutShort ? String(last.job_config_id) : null,
  }
}

/** All look-ups are subqueries: joined, PostgreSQL would read every job config. */
const DUE_CONFIGS = `WITH RECURSIVE h (job_config_id, hop) AS (
    SELECT (SELECT MIN(q.job_config_id) FROM job_run q
        WHERE q.status = 'QUEUED' AND q.job_config_id > ?), 1
    UNION ALL
    SELECT (SELECT MIN(q.job_config_id) FROM job_run q
        WHERE q.status = 'QUEUED' AND q.job_config_id > h.job_config_id), h.hop + 1
      FROM h WHERE h.job_config_id IS NOT NULL AND h.hop < ${HOPS_MAX})
  SELECT s.job_config_id, s.hop, s.is_due FROM (
    SELECT h.job_config_id, h.hop, CASE
        WHEN (SELECT c.is_active FROM job_config c WHERE c.job_config_id = h.job_config_id) = 1
          AND (SELECT MIN(d.due_at) FROM job_run d
            WHERE d.job_config_id = h.job_config_id AND d.status = 'QUEUED') <= ?
        THEN 1 ELSE 0 END AS is_due
      FROM h WHERE h.job_config_id IS NOT NULL) s
  WHERE s.is_due = 1 OR s.hop = ${HOPS_MAX} LIMIT ${DUE_MAX}`

/** In the order given. */
function* readLimits(dialect: Dialect, jobConfigIds: readonly string[]): Op<readonly DueConfig[]> {
  if (jobConfigIds.length === 0) return []
  const found = yield* rows(
    `SELECT c.job_config_id, c.concurrency_max, c.rate_milli, c.skips_stale FROM job_config c
      WHERE ${dialect.inList('c.job_config_id')}`,
    jobConfigIds,
  )
  const limits = new Map(found.map((row) => [String(row.job_config_id), row]))
  return jobConfigIds.flatMap((jobConfigId) => {
    const row = limits.get(jobConfigId)
    if (!row) return []
    return {
      jobConfigId,
      concurrencyMax: row.concurrency_max === null ? null : Number(row.concurrency_max),
      rateMilli: row.rate_milli === null ? null : Number(row.rate_milli),
      skipsStale: Number(row.skips_stale) === 1,
    }
  })
}

/** How many runs of each job config are in hand, in all runners; those count that a person stopped and that still run. */
export function* busyCounts(): Op<ReadonlyMap<string, number>> {
  const found = yield* rows(
    `SELECT job_config_id, COUNT(*) AS busy_count FROM job_run
      WHERE lease_token IS NOT NULL GROUP BY job_config_id`,
  )
  return new Map(found.map((row) => [String(row.job_config_id), Number(row.busy_count)]))
}

/**
 * Until when the rate of each of these job configs is used up. Nobody else leases their runs until the commit;
 * those that somebody leases right now are not answered.
 */
export function* lockPaces(
  dialect: Dialect,
  jobConfigIds: readonly string[],
): Op<ReadonlyMap<string, number>> {
  if (jobConfigIds.length === 0) return new Map()
  const found = yield* rows(
    `SELECT p.job_config_id, p.paced_until FROM job_pace p
      WHERE ${dialect.inList('p.job_config_id')} ${dialect.skipLocked('p')}`,
    jobConfigIds,
  )
  return new Map(found.map((row) => [String(row.job_config_id), Number(row.paced_until)]))
}
