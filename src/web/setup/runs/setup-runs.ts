import type { JobRunOverview } from '../../../jobs/job-run.ts'
import { UNFINISHED_STATUSES } from '../../../jobs/job-run.ts'
import { replayRun, replayRuns } from '../../../jobs/submitting/replay-runs.ts'
import { stopRuns } from '../../../jobs/submitting/stop-runs.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupCall, SetupRoute } from '../setup-route.ts'
import { countOf, invalid, isoOf } from '../setup-values.ts'
import { readAsked, readRunFilter } from './run-filter.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
const OFFSET_MAX = 1_000_000

/** Runs that one call stops at the most; it answers whether there are more. */
const STOPPED_MAX = 2000

/**
 * `GET /runs?jobConfigId&status=FAILED,ERROR&recordId&since&until&limit&offset` → `{"readAt", "total", "runs":
 *   [{"runId","jobConfigId","submittedBy","replayOf","status","queuedAt","dueAt","attemptCount","startedAt",
 *   "finishedAt","returnCode","failureReason","stoppedBy","recordKey","staleBehind","skipped"}]}`, newest first.
 *   `since` and `until` are instants between which it was queued; `status=dead` means ERROR and FAILED
 *
 * `GET /runs/{runId}` → one of them with `"message": {"name","body","properties"} or null` and `"log"`
 *
 * `POST /runs/{runId}/replay` → the new run, as GET shows it; its `replayOf` names the first
 *
 * `POST /runs/replay` `{"jobConfigId","status","recordId","since","until"}`, one of them at least, or `{"all": true}`
 *   → `{"count","replayedBefore","gone","isMore","until"}`: the oldest first, of what is over and was not replayed yet, dead
 *   runs where no status is named. `isMore`: the same
 *   call with that `until` takes the next
 *
 * `POST /runs/{runId}/stop` → `{"status"}`: CANCELLED if it had not begun, FAILED if it had; a run that was
 * over keeps its status. All of a run that is not there: 404 NOT_FOUND.
 *
 * `POST /runs/stop` `{"runIds"}` or a filter as above, of what is not over → `{"statuses": {"CANCELLED": 3},"gone",
 *   "isMore"}`: what they read as now, and how many there are not
 */
export function setupRuns(ports: SetupPorts): readonly SetupRoute[] {
  const { jobs, clock, nudgeRunner } = ports
  return [
    { method: 'GET', path: '/runs', answer: (call) => list(ports, call) },
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
      path: '/runs/replay',
      answer: async ({ body, username }) => {
        const filter = readAsked(body, clock.now())
        const replayed = await replayRuns({ store: jobs, clock }, { filter, submittedBy: username })
        nudgeRunner()
        return { ...replayed, until: isoOf(replayed.until) }
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
      path: '/runs/stop',
      answer: async ({ body, username }) => {
        const { runIds, isMore } = await runsToStop(ports, body)
        const counts = await stopRuns({ store: jobs, clock }, { runIds, stoppedBy: username })
        nudgeRunner()
        return { ...counts, isMore }
      },
    },
    {
      method: 'POST',
      path: '/runs/:runId/stop',
      answer: async ({ parts: { runId = '' }, username }) => {
        const status = await jobs.stopRun(runId, username, clock.now())
        if (status === null) throw noSuchRun(runId)
        nudgeRunner()
        return { status }
      },
    },
  ]
}

async function list({ jobs, clock }: SetupPorts, { query }: SetupCall): Promise<unknown> {
  const filter = readRunFilter(Object.fromEntries(query), clock.now())
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
}

async function runsToStop({ jobs, clock }: SetupPorts, body: SetupCall['body']) {
  const { runIds } = body
  if (runIds !== undefined) {
    const isList = Array.isArray(runIds) && runIds.length <= STOPPED_MAX
    if (isList && runIds.every((each) => typeof each === 'string')) return { runIds, isMore: false }
    throw invalid(`runIds should be a list of up to ${STOPPED_MAX} ids`)
  }
  const filter = readAsked(body, clock.now())
  const asked = filter.statuses ?? UNFINISHED_STATUSES
  const statuses = asked.filter((each) => UNFINISHED_STATUSES.includes(each))
  const found = await jobs.replayable({ ...filter, statuses, after: null, limit: STOPPED_MAX })
  return { runIds: found.map(({ runId }) => runId), isMore: found.length === STOPPED_MAX }
}

/** A run, or a run with its message and log, with its instants as texts. */
export function runJson(run: JobRunOverview): unknown {
  return {
    ...run,
    queuedAt: isoOf(run.queuedAt),
    dueAt: isoOf(run.dueAt),
    startedAt: isoOf(run.startedAt),
    finishedAt: isoOf(run.finishedAt),
    staleBehind: isoOf(run.staleBehind),
  }
}

function noSuchRun(runId: string): ApiError {
  return new ApiError(
    404,
    'NOT_FOUND',
    `there is no run ${JSON.stringify(runId)}, or its job config is gone`,
  )
}
