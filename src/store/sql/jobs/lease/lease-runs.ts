import type { WorkAhead } from '../../../../base/work-ahead.ts'
import type { LeasedRun, RunLease } from '../../../../jobs/job-store.ts'
import type { RecordStamp } from '../../../../jobs/ordering/run-place.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlRow } from '../../op.ts'
import { takeTokens, tokensLeft } from '../../outbox/lease/lane-tokens.ts'
import { SKIP_REASONS } from '../ordering/insert-runs.ts'
import { leaveLine } from '../ordering/lines.ts'
import { behindWhatRan } from '../ordering/stamps.ts'
import { runOf } from '../runs.ts'
import { busyCounts, type DueConfig, dueConfigs, lockPaces } from './due-configs.ts'
import { NO_LEASE, rescueLapsed } from './rescue-runs.ts'

type LeaseAsk = {
  readonly token: string
  readonly limit: number
  readonly limitPerConfig: number
  /** Runs of each job config that the asking runner has in hand. */
  readonly held: Readonly<Record<string, number>>
  readonly now: number
  readonly leaseMs: number
  /** The job config behind which to begin. */
  readonly after: string
}

/** `after`: of the next lease. `left`: whether job configs with queued runs were left out, and since when. */
type LeaseAnswer = {
  readonly leased: readonly LeasedRun[]
  readonly after: string
  readonly left: 'none' | 'some' | 'some, once round'
}

/**
 * Takes due runs, shared out among the active configs that have some: those that run least first, and among
 * equals by turn. A config's own limits hold over all runners.
 */
export const leaseRuns = defineOp(
  'jobs.leaseRuns',
  function* (dialect: Dialect, ask: LeaseAsk): Op<LeaseAnswer> {
    yield* rescueLapsed(dialect, ask.now)
    const { configs, wentTo, isWrapped } = yield* dueConfigs(dialect, ask)
    const open = yield* withinLimits(dialect, configs, ask)

    const runIds: string[] = []
    const skipping = new Set<string>()
    let after = wentTo ?? ''
    for (const [index, { config, room, spend }] of open.entries()) {
      const share = Math.ceil((ask.limit - runIds.length) / (open.length - index))
      const limit = Math.min(share, room)
      if (limit <= 0) continue
      const found = yield* dueRuns(dialect, config.jobConfigId, ask.now, limit)
      if (found.length === 0) continue
      yield* spend(found.length)
      runIds.push(...found)
      if (config.skipsStale) skipping.add(config.jobConfigId)
      if (wentTo === null) after = config.jobConfigId
    }
    const leased = runIds.length > 0 ? yield* takeRuns(dialect, runIds, ask) : []
    const current =
      leased.length > 0 ? yield* setStaleAside(dialect, leased, { skipping, ask }) : []
    const left = wentTo === null ? 'none' : isWrapped ? 'some, once round' : 'some'
    return { leased: current, after, left }
  },
)

type OpenConfig = {
  readonly config: DueConfig
  readonly room: number
  /** Writes down that so many were begun. */
  readonly spend: (count: number) => Op<void>
}

/** Those that may have further runs now, the least busy first. */
function* withinLimits(
  dialect: Dialect,
  configs: readonly DueConfig[],
  ask: LeaseAsk,
): Op<readonly OpenConfig[]> {
  if (configs.length === 0) return []
  const limited = configs.filter((each) => each.concurrencyMax !== null || each.rateMilli !== null)
  const paces = yield* lockPaces(
    dialect,
    limited.map(({ jobConfigId }) => jobConfigId),
  )
  // After the locks: what others leased of these is committed, and counted.
  const busy = yield* busyCounts()
  const storeNow = paces.size > 0 ? yield* readStoreNow(dialect) : 0
  const open = configs.flatMap((config): readonly OpenConfig[] => {
    const { jobConfigId, concurrencyMax, rateMilli } = config
    const pacedUntil = paces.get(jobConfigId)
    if (limited.includes(config) && pacedUntil === undefined) return []
    const tokens = rateMilli === null ? null : { rateMilli, pacedUntil: pacedUntil ?? 0 }
    const room = Math.min(
      ask.limitPerConfig - (ask.held[jobConfigId] ?? 0),
      concurrencyMax === null ? ask.limit : concurrencyMax - (busy.get(jobConfigId) ?? 0),
      tokens === null ? ask.limit : tokensLeft(tokens, storeNow),
    )
    const spend = function* (count: number): Op<void> {
      if (tokens === null) return
      yield* run(
        'UPDATE job_pace SET paced_until = ? WHERE job_config_id = ?',
        takeTokens(tokens, count, storeNow).pacedUntil,
        jobConfigId,
      )
    }
    return room > 0 ? [{ config, room, spend }] : []
  })
  const busyOf = ({ config }: OpenConfig) => busy.get(config.jobConfigId) ?? 0
  return open.toSorted((a, b) => busyOf(a) - busyOf(b))
}

function* readStoreNow(dialect: Dialect): Op<number> {
  const row = yield* oneRow(`SELECT ${dialect.nowMs} AS now`)
  return Number(row?.now)
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
): Op<readonly TakenRun[]> {
  const taken = yield* rows(
    `UPDATE job_run SET status = 'INITIALIZING', lease_token = ?,
      leased_until = ${dialect.nowMs} + ?, attempt_count = attempt_count + 1
      WHERE ${dialect.inList('run_id')} RETURNING *`,
    token,
    leaseMs,
    runIds,
  )
  return taken
    .map((row) => ({ lease: { runId: String(row.run_id), token }, row, stamped: stampedOf(row) }))
    .sort((a, b) => Number(a.row.due_at) - Number(b.row.due_at))
}

type TakenRun = {
  readonly lease: RunLease
  readonly row: SqlRow
  readonly stamped: ReturnType<typeof stampedOf>
}

function stampedOf(row: SqlRow) {
  const field = row.stamp_field as RecordStamp['field'] | null
  return {
    runId: String(row.run_id),
    jobConfigId: String(row.job_config_id),
    place: {
      recordKey: row.record_key === null ? null : String(row.record_key),
      stamp: field === null ? null : { field, at: Number(row.stamp_at) },
    },
  }
}

/**
 * Flags those with a newer change of their record that was run while they waited; where their config skips
 * stale changes they are ended instead. Answers those that are to be run.
 */
function* setStaleAside(
  dialect: Dialect,
  taken: readonly TakenRun[],
  { skipping, ask }: { readonly skipping: ReadonlySet<string>; readonly ask: LeaseAsk },
): Op<readonly LeasedRun[]> {
  const behind = yield* behindWhatRan(
    dialect,
    taken.map(({ stamped }) => stamped),
  )
  const current: LeasedRun[] = []
  for (const { lease, row } of taken) {
    const staleBehind = behind.get(lease.runId) ?? null
    if (staleBehind === null) {
      current.push({ lease, run: runOf(row) })
      continue
    }
    const isSkipped = skipping.has(String(row.job_config_id)) && row.replay_of === null
    if (isSkipped) yield* skip(dialect, row, { staleBehind, now: ask.now })
    else {
      const { runId } = lease
      yield* run('UPDATE job_run SET stale_behind = ? WHERE run_id = ?', staleBehind, runId)
      current.push({ lease, run: runOf({ ...row, stale_behind: staleBehind }) })
    }
  }
  return current
}

function* skip(
  dialect: Dialect,
  { run_id, line_id }: SqlRow,
  { staleBehind, now }: { readonly staleBehind: number; readonly now: number },
): Op<void> {
  const runId = String(run_id)
  yield* run(
    `UPDATE job_run SET stale_behind = ?, status = 'CANCELLED', skipped = 'stale', failure_reason = ?,
      attempt_count = attempt_count - 1, finished_at = ?, ${NO_LEASE} WHERE run_id = ?`,
    staleBehind,
    SKIP_REASONS.stale,
    now,
    runId,
  )
  if (line_id !== null) yield* leaveLine(dialect, { runId, lineId: String(line_id), now })
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
      (SELECT COUNT(*) FROM job_run WHERE lease_token IS NOT NULL) AS leased_count,
      (SELECT MIN((SELECT q.due_at FROM job_run q
          WHERE q.job_config_id = c.job_config_id AND q.status = 'QUEUED' ORDER BY q.due_at LIMIT 1))
        FROM job_config c WHERE c.is_active = 1) AS due_at`,
  )
  return { leasedCount: row?.leased_count as number, dueAt: (row?.due_at ?? null) as number | null }
})
