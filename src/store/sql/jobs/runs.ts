import type {
  JobMessage,
  JobRun,
  JobRunOverview,
  JobStatus,
  NewJobRun,
} from '../../../jobs/job-run.ts'
import type { NotificationRun, NotificationsAsk, RunFilter } from '../../../jobs/job-store.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type Op,
  oneRow,
  rows,
  type SqlColumn,
  type SqlRow,
  type SqlValue,
} from '../op.ts'

/** The columns of a new run, in this order. */
export const RUN_COLUMNS: readonly SqlColumn[] = [
  { name: 'run_id', type: 'text' },
  { name: 'job_config_id', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'message_name', type: 'text' },
  { name: 'message_body', type: 'text' },
  { name: 'message_properties', type: 'text' },
  { name: 'submitted_by', type: 'text' },
  { name: 'replay_of', type: 'text' },
  { name: 'queued_at', type: 'bigint' },
  { name: 'due_at', type: 'bigint' },
]

/**
 * The stored status but for what is held: queued for a config that is inactive. Needs `r` and `c`.
 */
const STATUS = `CASE WHEN r.status = 'QUEUED' AND c.is_active = 0 THEN 'WAITING' ELSE r.status END`

const FROM = 'FROM job_run r LEFT JOIN job_config c ON c.job_config_id = r.job_config_id'

const OVERVIEW = `r.run_id, r.job_config_id, ${STATUS} AS status, r.submitted_by, r.replay_of,
  r.queued_at, r.due_at, r.attempt_count, r.started_at, r.finished_at, r.return_code,
  r.failure_reason, r.stopped_by`

function* insertRuns(runs: readonly NewJobRun[]): Op<void> {
  yield* insert({
    table: 'job_run',
    columns: RUN_COLUMNS,
    rows: runs.map((run) => [
      run.runId,
      run.jobConfigId,
      'QUEUED',
      run.message?.name ?? null,
      run.message?.body ?? null,
      run.message ? JSON.stringify(run.message.properties) : null,
      run.submittedBy,
      run.replayOf,
      run.queuedAt,
      run.queuedAt,
    ]),
    onConflict: 'fail',
    returning: 'run_id',
  })
}

/** Queues runs of configs that exist, and answers what each reads as. */
export const createRuns = defineOp(
  'jobs.createRuns',
  function* (
    dialect: Dialect,
    runs: readonly NewJobRun[],
  ): Op<readonly ('QUEUED' | 'WAITING' | null)[]> {
    const found = yield* rows(
      `SELECT job_config_id, is_active FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
      runs.map((run) => run.jobConfigId),
    )
    const actives = new Map(found.map((row) => [String(row.job_config_id), Number(row.is_active)]))
    yield* insertRuns(runs.filter((run) => actives.has(run.jobConfigId)))
    return runs.map((run) => {
      const isActive = actives.get(run.jobConfigId)
      if (isActive === undefined) return null
      return isActive === 1 ? 'QUEUED' : 'WAITING'
    })
  },
)

export const readRun = defineOp(
  'jobs.readRun',
  function* (_dialect: Dialect, runId: string): Op<JobRun | null> {
    const row = yield* oneRow(
      `SELECT ${OVERVIEW}, r.message_name, r.message_body, r.message_properties, r.log
      ${FROM} WHERE r.run_id = ?`,
      runId,
    )
    return row ? runOf(row) : null
  },
)

export const listRuns = defineOp(
  'jobs.listRuns',
  function* (
    dialect: Dialect,
    ask: RunFilter & { readonly limit: number; readonly offset: number },
  ): Op<readonly JobRunOverview[]> {
    const { where, params } = conditionOf(dialect, ask)
    const found = yield* rows(
      `SELECT ${OVERVIEW} ${FROM} ${where} ORDER BY r.run_id DESC LIMIT ? OFFSET ?`,
      ...params,
      ask.limit,
      ask.offset,
    )
    return found.map(overviewOf)
  },
)

export const countRuns = defineOp(
  'jobs.countRuns',
  function* (dialect: Dialect, filter: RunFilter): Op<number> {
    const { where, params } = conditionOf(dialect, filter)
    const row = yield* oneRow(`SELECT COUNT(*) AS run_count ${FROM} ${where}`, ...params)
    return Number(row?.run_count ?? 0)
  },
)

export const runsOf = defineOp(
  'jobs.runsOf',
  function* (dialect: Dialect, ask: NotificationsAsk): Op<readonly NotificationRun[]> {
    const found = yield* rows(
      `WITH RECURSIVE started (notification_id, run_id) AS (
        SELECT a.notification_id, a.run_id FROM accepted a
          WHERE a.organization_id = ? AND ${dialect.inList('a.notification_id')}
        UNION
        SELECT s.notification_id, replay.run_id FROM started s
          JOIN job_run replay ON replay.replay_of = s.run_id)
      SELECT s.notification_id, ${OVERVIEW} FROM started s
        JOIN job_run r ON r.run_id = s.run_id
        LEFT JOIN job_config c ON c.job_config_id = r.job_config_id
        ORDER BY r.queued_at, r.run_id LIMIT ?`,
      ask.organizationId,
      ask.notificationIds,
      ask.limit,
    )
    return found.map((row) => ({
      ...overviewOf(row),
      notificationId: String(row.notification_id),
    }))
  },
)

function conditionOf(dialect: Dialect, { jobConfigIds, statuses }: RunFilter) {
  const parts: string[] = []
  const params: SqlValue[] = []
  if (jobConfigIds !== undefined) {
    parts.push(dialect.inList('r.job_config_id'))
    params.push(jobConfigIds)
  }
  if (statuses !== undefined) {
    parts.push(dialect.inList(STATUS))
    params.push(statuses)
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', params }
}

function overviewOf(row: SqlRow): JobRunOverview {
  return {
    runId: String(row.run_id),
    jobConfigId: String(row.job_config_id),
    status: row.status as JobStatus,
    submittedBy: String(row.submitted_by),
    replayOf: textOf(row.replay_of),
    queuedAt: Number(row.queued_at),
    dueAt: Number(row.due_at),
    attemptCount: Number(row.attempt_count),
    startedAt: numberOf(row.started_at),
    finishedAt: numberOf(row.finished_at),
    returnCode: numberOf(row.return_code),
    failureReason: textOf(row.failure_reason),
    stoppedBy: textOf(row.stopped_by),
  }
}

/** A row of all the table's columns as a run. */
export function runOf(row: SqlRow): JobRun {
  return { ...overviewOf(row), message: messageOf(row), log: String(row.log) }
}

function messageOf(row: SqlRow): JobMessage | null {
  if (row.message_name === null) return null
  return {
    name: String(row.message_name),
    body: String(row.message_body),
    properties: JSON.parse(String(row.message_properties)) as Record<string, string>,
  }
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function numberOf(value: SqlRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}
