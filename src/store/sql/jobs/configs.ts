import type { JobConfig } from '../../../jobs/job-config.ts'
import type { VersionedConfig } from '../../../jobs/job-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlRow } from '../op.ts'

export const readConfig = defineOp(
  'jobs.readConfig',
  function* (_dialect: Dialect, jobConfigId: string): Op<JobConfig | null> {
    const row = yield* oneRow('SELECT * FROM job_config WHERE job_config_id = ?', jobConfigId)
    return row ? configOf(row) : null
  },
)

export const listConfigs = defineOp('jobs.listConfigs', function* (): Op<readonly JobConfig[]> {
  const found = yield* rows('SELECT * FROM job_config ORDER BY name, job_config_id')
  return found.map(configOf)
})

export const writeConfig = defineOp(
  'jobs.writeConfig',
  function* (_dialect: Dialect, config: JobConfig): Op<void> {
    yield* write(config)
  },
)

function* write(config: JobConfig): Op<void> {
  yield* run(
    `INSERT INTO job_config
      (job_config_id, name, is_active, body, concurrency_max, rate_milli, skips_stale)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (job_config_id) DO UPDATE
      SET name = excluded.name, is_active = excluded.is_active, body = excluded.body,
        concurrency_max = excluded.concurrency_max, rate_milli = excluded.rate_milli,
        skips_stale = excluded.skips_stale, version = job_config.version + 1`,
    config.jobConfigId,
    config.name,
    config.isActive ? 1 : 0,
    JSON.stringify(config),
    config.limits.concurrencyMax,
    config.limits.ratePerSecond === null ? null : Math.round(config.limits.ratePerSecond * 1000),
    config.staleChanges === 'skip' ? 1 : 0,
  )
  yield* run(
    'INSERT INTO job_pace (job_config_id) VALUES (?) ON CONFLICT (job_config_id) DO NOTHING',
    config.jobConfigId,
  )
}

export const readVersion = defineOp(
  'jobs.readVersion',
  function* (_dialect: Dialect, jobConfigId: string): Op<VersionedConfig | null> {
    const row = yield* oneRow('SELECT * FROM job_config WHERE job_config_id = ?', jobConfigId)
    return row ? { config: configOf(row), version: Number(row.version) } : null
  },
)

export const replaceConfig = defineOp(
  'jobs.replaceConfig',
  function* (dialect: Dialect, { config, version }: VersionedConfig): Op<boolean> {
    const row = yield* oneRow(
      `SELECT version FROM job_config WHERE job_config_id = ? ${dialect.forUpdate()}`,
      config.jobConfigId,
    )
    if (!row || Number(row.version) !== version) return false
    yield* write(config)
    return true
  },
)

export const activateConfig = defineOp(
  'jobs.activateConfig',
  function* (
    _dialect: Dialect,
    ask: { readonly jobConfigId: string; readonly isActive: boolean },
  ): Op<boolean> {
    const changed = yield* run(
      'UPDATE job_config SET is_active = ?, version = version + 1 WHERE job_config_id = ?',
      ask.isActive ? 1 : 0,
      ask.jobConfigId,
    )
    return changed === 1
  },
)

export const deleteConfig = defineOp(
  'jobs.deleteConfig',
  function* (
    _dialect: Dialect,
    ask: { readonly jobConfigId: string; readonly now: number },
  ): Op<boolean> {
    const deleted = yield* run('DELETE FROM job_config WHERE job_config_id = ?', ask.jobConfigId)
    yield* run('DELETE FROM job_pace WHERE job_config_id = ?', ask.jobConfigId)
    yield* run('DELETE FROM refusal WHERE job_config_id = ?', ask.jobConfigId)
    // The heads, their lines, then what stands behind them: locks go in this order everywhere.
    yield* cancelAll('QUEUED', ask)
    yield* run('DELETE FROM run_line WHERE job_config_id = ?', ask.jobConfigId)
    yield* cancelAll('SEQUENCED', ask)
    return deleted === 1
  },
)

function* cancelAll(
  status: 'QUEUED' | 'SEQUENCED',
  { jobConfigId, now }: { readonly jobConfigId: string; readonly now: number },
): Op<void> {
  yield* run(
    `UPDATE job_run SET status = 'CANCELLED', finished_at = ?,
      failure_reason = 'its job config was deleted'
      WHERE job_config_id = ? AND status = '${status}'`,
    now,
    jobConfigId,
  )
}

/** How many runs of a job config wait, the first `max` of them, by the indexes of what is QUEUED and SEQUENCED. */
export const countQueued = defineOp(
  'jobs.countQueued',
  function* (
    _dialect: Dialect,
    ask: { readonly jobConfigId: string; readonly max: number },
  ): Op<number> {
    const row = yield* oneRow(
      `SELECT COUNT(*) AS run_count FROM (
        SELECT 1 FROM job_run WHERE job_config_id = ? AND status = 'QUEUED'
        UNION ALL SELECT 1 FROM job_run WHERE job_config_id = ? AND status = 'SEQUENCED'
        LIMIT ?) AS waiting`,
      ask.jobConfigId,
      ask.jobConfigId,
      ask.max,
    )
    return Number(row?.run_count ?? 0)
  },
)

function configOf(row: SqlRow): JobConfig {
  const body = JSON.parse(String(row.body)) as JobConfig
  return { ...body, isActive: Number(row.is_active) === 1 }
}
