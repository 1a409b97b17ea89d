import type { JobRunOverview, JobStatus } from '../../jobs/job-run.ts'
import type { RunFilter } from '../../jobs/job-store.ts'
import { replayRun } from '../../jobs/submitting/replay-runs.ts'
import { ApiError } from '../api-error.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'
import { countOf, invalid, isoOf } from './setup-values.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
const OFFSET_MAX = 1_000_000

const STATUSES: readonly JobStatus[] = [
  'WAITING',
  'SEQUENCED',
  'QUEUED',
  'CANCELLED',
  'INITIALIZING',
  'RUNNING',
  'FINISHED',
  'ERROR',
  'FAILED',
]

/**
 * `GET /runs?jobConfigId&status=FAILED,ERROR&limit&offset` → `{"readAt", "total", "runs": [{"runId",
 *   "jobConfigId","submittedBy","replayOf","status","queuedAt","dueAt","attemptCount","startedAt","finishedAt",
 *   "returnCode","failureReason","stoppedBy"}]}`, newest first
 *
 * `GET /runs/{runId}` → one of them with `"message": {"name","body","properties"} or null` and `"log"`
 *
 * `POST /runs/{runId}/replay` → the new run, as GET shows it; its `replayOf` names the first
 *
 * `POST /runs/{runId}/stop` → `{"status"}`: CANCELLED if it had not begun, FAILED if it had; a run that was
 * over keeps its status. All of a run that is not there: 404 NOT_FOUND.
 */
export function setupRuns({ jobs, clock, nudgeRunner }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/runs',
      answer: async ({ query }) => {
        const filter = runFilter(query)
        const limit = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
        const offset = { name: 'offset', fallback: 0, max: OFFSET_MAX, min: 0 }
        const [total, runs] = await Promise.all([
          jobs.countRuns(filter),
          jobs.listRuns({
            ...filter,
            limit: countOf(query.get('limit'), limit),
            offset: countOf(query.get('offset'), offset),
          }),
        ])
        return { readAt: isoOf(clock.now()), total, runs: runs.map(runJson) }
      },
    },
    {
      method: 'GET',
      path: '/runs/:runId',
      answer: async ({ parts: { runId = '' } }) => {
        const run = await jobs.readRun(runId)
        if (!run) throw noSuchRun(runId)
        return runJson(run)
      },
    },
    {
      method: 'POST',
      path: '/runs/:runId/replay',
      answer: async ({ parts: { runId = '' }, username }) => {
        const replay = await replayRun({ store: jobs, clock }, { runId, submittedBy: username })
        if (!replay) throw noSuchRun(runId)
        nudgeRunner()
        return runJson(replay)
      },
    },
    {
      method: 'POST',
      path: '/runs/:runId/stop',
      answer: async ({ parts: { runId = '' }, username }) => {
        const status = await jobs.stopRun(runId, username, clock.now())
        if (status === null) throw noSuchRun(runId)
        return { status }
      },
    },
  ]
}

function runFilter(query: URLSearchParams): RunFilter {
  const jobConfigId = query.get('jobConfigId')
  const asked = query.get('status')?.split(',') ?? []
  const statuses = asked.map((text) => {
    const status = STATUSES.find((each) => each === text.trim().toUpperCase())
    if (!status) throw invalid(`status should be one of ${STATUSES.join(', ')}`)
    return status
  })
  return {
    ...(jobConfigId && { jobConfigIds: [jobConfigId] }),
    ...(statuses.length > 0 && { statuses }),
  }
}

/** A run, or a run with its message and log, with its instants as texts. */
export function runJson(run: JobRunOverview): unknown {
  return {
    ...run,
    queuedAt: isoOf(run.queuedAt),
    dueAt: isoOf(run.dueAt),
    startedAt: isoOf(run.startedAt),
    finishedAt: isoOf(run.finishedAt),
  }
}

function noSuchRun(runId: string): ApiError {
  return new ApiError(
    404,
    'NOT_FOUND',
    `there is no run ${JSON.stringify(runId)}, or its job config is gone`,
  )
}
