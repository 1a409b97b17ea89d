import type {
  JobMessage,
  JobRun,
  JobRunOverview,
  JobStatus,
  NewJobRun,
  OutMessage,
  RunSkip,
} from '../../../jobs/job-run.ts'
import type {
  NotificationRun,
  NotificationsAsk,
  Replayable,
  RunFilter,
  RunTotals,
} from '../../../jobs/job-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, type SqlRow, type SqlValue } from '../op.ts'
import { insertRuns } from './ordering/insert-runs.ts'

/**
 * The stored status but for what is held: queued for a config that is inactive. Needs `r` and `c`.
 */
const STATUS = `CASE WHEN r.status = 'QUEUED' AND c.is_active = 0 THEN 'WAITING' ELSE r.status END`

const FROM = 'FROM job_run r LEFT JOIN job_config c ON c.job_config_id = r.job_config_id'

const OVERVIEW = `r.run_id, r.job_config_id, ${STATUS} AS status, r.submitted_by, r.replay_of,
  r.queued_at, r.due_at, r.attempt_count, r.started_at, r.finished_at, r.return_code,
  r.failure_reason, r.stopped_by, r.record_key, r.stale_behind, r.skipped, r.differing_copies`

/** Makes runs of configs that exist, and answers what each reads as. */
export const createRuns = defineOp(
  'jobs.createRuns',
  function* (dialect: Dialect, runs: readonly NewJobRun[]): Op<readonly (JobStatus | null)[]> {
    const found = yield* rows(
      `SELECT job_config_id, is_active FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
      runs.map((run) => run.jobConfigId),
    )
    const actives = new Map(found.map((row) => [String(row.job_config_id), Number(row.is_active)]))
    const wanted = runs.filter((run) => actives.has(run.jobConfigId))
    const inserted = yield* insertRuns(
      dialect,
      wanted.map((run) => ({ ...run, message: messageColumns(run.message), skipsStale: false })),
    )
    return runs.map(({ runId, jobConfigId }) => {
      const status = inserted.get(runId)?.status ?? null
      return status === 'QUEUED' && actives.get(jobConfigId) === 0 ? 'WAITING' : status
    })
  },
)

function messageColumns(message: JobMessage | null): readonly SqlValue[] {
  if (message === null) return [null, null, null]
  return [message.name, message.body, JSON.stringify(message.properties)]
}

export const readRun = defineOp(
  'jobs.readRun',
  function* (_dialect: Dialect, runId: string): Op<JobRun | null> {
    const row = yield* oneRow(
      `SELECT ${OVERVIEW}, r.message_name, r.message_body, r.message_properties, r.log,
        r.out_message_name, r.out_message_type, r.out_message_body
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
    ask: RunFilter & {
      readonly limit: number
      readonly offset: number
      readonly oldestFirst?: boolean
    },
  ): Op<readonly JobRunOverview[]> {
    const { where, params } = conditionOf(dialect, ask)
    const found = yield* rows(
      `SELECT ${OVERVIEW} ${FROM} ${where} ORDER BY r.run_id ${ask.oldestFirst ? 'ASC' : 'DESC'} LIMIT ? OFFSET ?`,
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

export const replayable = defineOp(
  'jobs.replayable',
  function* (
    dialect: Dialect,
    ask: RunFilter & { readonly after: string | null; readonly limit: number },
  ): Op<readonly Replayable[]> {
    const { where, params } = conditionOf(dialect, ask)
    const found = yield* rows(
      `SELECT r.run_id, r.job_config_id, r.record_key ${FROM}
      ${where === '' ? 'WHERE' : `${where} AND`} r.run_id > ? ORDER BY r.run_id LIMIT ?`,
      ...params,
      ask.after ?? '',
      ask.limit,
    )
    return found.map((row) => ({
      runId: String(row.run_id),
      jobConfigId: String(row.job_config_id),
      recordKey: textOf(row.record_key),
    }))
  },
)

export const totalRuns = defineOp(
  'jobs.totalRuns',
  function* (dialect: Dialect, filter: RunFilter): Op<RunTotals> {
    const { where, params } = conditionOf(dialect, filter)
    const found = yield* rows(
      `SELECT ${STATUS} AS status, COUNT(*) AS run_count, MIN(r.queued_at) AS first_queued_at,
        SUM(r.finished_at - r.started_at) AS duration_ms ${FROM} ${where} GROUP BY 1`,
      ...params,
    )
    const firsts = found.map((row) => Number(row.first_queued_at))
    return {
      counts: Object.fromEntries(found.map((row) => [row.status, Number(row.run_count)])),
      durationMs: found.reduce((sum, row) => sum + Number(row.duration_ms ?? 0), 0),
      firstQueuedAt: firsts.length > 0 ? Math.min(...firsts) : null,
    }
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

/** The condition of a filter, with what its marks stand for. Needs `r` and `c`. */
function conditionOf(dialect: Dialect, filter: RunFilter) {
  const { jobConfigIds, statuses, since, until, recordId, submittedBy } = filter
  const parts: string[] = []
  const params: SqlValue[] = []
  const add = (part: string, ...values: readonly SqlValue[]) => {
    parts.push(part)
    params.push(...values)
  }
  if (jobConfigIds !== undefined) add(dialect.inList('r.job_config_id'), jobConfigIds)
  if (statuses !== undefined) {
    // Said in the words of its index.
    if (statuses.every((each) => DEAD.includes(each))) add(`r.status IN ('ERROR', 'FAILED')`)
    add(dialect.inList(STATUS), statuses)
  }
  // A run's id begins with the instant it was queued at.
  if (since !== undefined) add('r.run_id >= ?', idsFrom(since))
  if (until !== undefined) add('r.run_id < ?', idsFrom(until))
  if (recordId !== undefined) add('SUBSTR(r.record_key, LENGTH(r.record_key) - 17) = ?', recordId)
  if (submittedBy !== undefined) add('r.submitted_by = ?', submittedBy)
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', params }
}

const DEAD: readonly JobStatus[] = ['ERROR', 'FAILED']

function idsFrom(instant: number): string {
  return Math.min(Math.max(0, instant), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
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
    recordKey: textOf(row.record_key),
    staleBehind: numberOf(row.stale_behind),
    skipped: row.skipped as RunSkip | null,
    differingCopies: Number(row.differing_copies),
  }
}

/** A row of all the table's columns as a run. */
export function runOf(row: SqlRow): JobRun {
  return {
    ...overviewOf(row),
    message: messageOf(row),
    log: String(row.log),
    outMessageName: textOf(row.out_message_name),
    outMessage: outMessageOf(row),
  }
}

function outMessageOf(row: SqlRow): OutMessage | null {
  if (typeof row.out_message_body !== 'string') return null
  return {
    name: String(row.out_message_name),
    contentType: String(row.out_message_type),
    body: row.out_message_body,
  }
}

function messageOf(row: SqlRow): JobMessage | null {
  if (row.message_name === null) return null
  const properties = JSON.parse(String(row.message_properties)) as Record<string, string>
  const staleBehind = numberOf(row.stale_behind)
  return {
    name: String(row.message_name),
    body: String(row.message_body),
    properties:
      staleBehind === null
        ? properties
        : { ...properties, Stale: 'true', StaleBehind: new Date(staleBehind).toISOString() },
  }
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function numberOf(value: SqlRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}
