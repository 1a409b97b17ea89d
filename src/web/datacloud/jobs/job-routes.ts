import type { JobRun, JobStatus } from '../../../jobs/job-run.ts'
import { JOB_STATUSES, UNFINISHED_STATUSES } from '../../../jobs/job-run.ts'
import type { RunFilter } from '../../../jobs/job-store.ts'
import type { DataCloudUser } from '../../../jobs/users/datacloud-user.ts'
import { viewedConfigIds } from '../../../jobs/users/datacloud-user.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import { invalid } from '../read-fields.ts'
import { PAGING, readInstant, readPaging, readStatuses } from '../read-query.ts'
import type { ApiAnswer, ApiRoute, SignedInAsk } from '../route/api-route.ts'
import { type Guards, requireRights } from '../route/guards.ts'
import { pageOf } from '../route/page.ts'
import { jobDetailView, jobView } from './job-view.ts'

const PENDING: readonly JobStatus[] = ['WAITING', 'SEQUENCED', 'QUEUED']
const RUNNING: readonly JobStatus[] = ['INITIALIZING', 'RUNNING']

const OF_CONFIG = { jobconfigid: 'only jobs of this job config' }
const FILTERS = {
  userid: 'only jobs that this user started; obm for those of notifications',
  startdate: 'only jobs queued from then on: a date, a time with its zone, or milliseconds',
  enddate: 'only jobs queued before then',
}
const LISTED = {
  ...FILTERS,
  state: "DataCloud's words: waiting, queued, initializing, running, finished_all, finished_ok, …",
  status: `some of ${JOB_STATUSES.join(', ')}`,
  sortby: 'scheduled',
  direction: 'desc, the newest first, or asc',
  ...PAGING,
}

/** `/jobs`: lists, one job with its log, stopping, and the counts. */
export function jobRoutes(ports: DataCloudPorts, guards: Guards): readonly ApiRoute[] {
  const { viewer, onConfig, onRun, onRuns } = guards
  const list = openLists(ports)
  const page = { gives: 'JobPage', answers: { 200: 'A page of jobs' } }
  const ids = [
    ['pending', PENDING, 'that wait or are queued'],
    ['running', RUNNING, 'that run'],
    ['unfinished', UNFINISHED_STATUSES, 'that wait, are queued or run'],
  ] as const
  return [
    {
      method: 'GET',
      path: '/jobs',
      summary: 'List jobs of job configs that the user may view',
      query: { ...OF_CONFIG, ...LISTED },
      ...page,
      ...viewer((ask) => list.jobs('/jobs', ask, ask.query.get('jobconfigid'))),
    },
    {
      method: 'GET',
      path: '/jobconfigs/{id}/jobs',
      summary: 'List jobs of a job config',
      query: LISTED,
      ...page,
      ...onConfig(['view'], (ask) => {
        const { jobConfigId } = ask.config
        const path = `/jobconfigs/${encodeURIComponent(jobConfigId)}/jobs`
        return list.jobs(path, ask, jobConfigId)
      }),
    },
    ...ids.map(
      ([word, statuses, which]): ApiRoute => ({
        method: 'GET',
        path: `/jobs/${word}`,
        summary: `List the ids of jobs ${which}, the newest first`,
        query: { ...OF_CONFIG, ...FILTERS, ...PAGING },
        gives: 'Ids',
        answers: { 200: 'A page of ids; X-Total-Count says how many there are' },
        ...viewer((ask) => list.ids(ask, statuses)),
      }),
    ),
    {
      method: 'GET',
      path: '/jobstats',
      summary: 'Count jobs by state, in a window of time or all',
      query: { ...OF_CONFIG, ...FILTERS },
      gives: 'JobStats',
      answers: { 200: 'The counts' },
      ...viewer(list.stats),
    },
    {
      method: 'GET',
      path: '/jobs/{id}',
      summary: 'Read a job, with its message',
      gives: 'Job',
      answers: { 200: 'The job' },
      ...onRun(['view'], async ({ run }) => {
        const config = await ports.store.readConfig(run.jobConfigId)
        return { status: 200, body: jobDetailView(run, config?.name ?? null) }
      }),
    },
    {
      method: 'GET',
      path: '/jobs/{id}/log',
      summary: 'Read what the last attempt wrote',
      gives: 'text',
      answers: { 200: 'The log' },
      ...onRun(['view'], async ({ run }) => ({
        status: 200,
        contentType: 'text/plain; charset=utf-8',
        body: run.log,
      })),
    },
    {
      method: 'DELETE',
      path: '/jobs/{id}',
      summary: 'Stop a job, or cancel it before it runs',
      gives: 'Stopped',
      answers: { 202: 'What it is now; a job that was over stays as it was' },
      ...onRun(['execute'], async (ask) => {
        const [stopped] = await stop(ports, ask, [ask.run])
        return { status: 202, body: stopped }
      }),
    },
    {
      method: 'DELETE',
      path: '/jobs/stop',
      summary: 'Stop or cancel jobs',
      query: { ids: 'their ids, where there is no body' },
      takes: 'RecordIds',
      gives: 'AllStopped',
      answers: { 202: 'What each is now' },
      ...onRuns(['execute'], async (ask) => ({
        status: 202,
        body: await stop(ports, ask, ask.runs),
      })),
    },
  ]
}

function openLists({ store, clock }: DataCloudPorts) {
  const jobs = async (
    path: string,
    ask: SignedInAsk,
    jobConfigId: string | undefined,
  ): Promise<ApiAnswer> => {
    const statuses = readStatuses(ask.query)
    const filter = { ...readFilter(ask, jobConfigId), ...(statuses && { statuses }) }
    const paging = readPaging(ask.query)
    const { pageNumber, size } = paging
    const oldestFirst = readOldestFirst(ask)
    const [runs, total, configs] = await Promise.all([
      store.listRuns({ ...filter, limit: size, offset: pageNumber * size, oldestFirst }),
      store.countRuns(filter),
      store.listConfigs(),
    ])
    const names = new Map(configs.map((config) => [config.jobConfigId, config.name]))
    const items = runs.map((run) => jobView(run, names.get(run.jobConfigId) ?? null))
    return pageOf(path, ask, { ...paging, total, items })
  }

  const ids = async (ask: SignedInAsk, statuses: readonly JobStatus[]): Promise<ApiAnswer> => {
    const filter = { ...readFilter(ask, ask.query.get('jobconfigid')), statuses }
    const { pageNumber, size } = readPaging(ask.query)
    const [runs, total] = await Promise.all([
      store.listRuns({ ...filter, limit: size, offset: pageNumber * size }),
      store.countRuns(filter),
    ])
    const headers = { 'x-total-count': String(total) }
    return { status: 200, body: runs.map(({ runId }) => runId), headers }
  }

  const stats = async (ask: SignedInAsk): Promise<ApiAnswer> => {
    const filter = readFilter(ask, ask.query.get('jobconfigid'))
    const totals = await store.totalRuns(filter)
    const of = (status: JobStatus) => totals.counts[status] ?? 0
    const begins = filter.since ?? totals.firstQueuedAt
    const ends = filter.until ?? clock.now()
    return {
      status: 200,
      body: {
        waiting: of('WAITING'),
        sequenced: of('SEQUENCED'),
        queued: of('QUEUED'),
        initializing: of('INITIALIZING'),
        running: of('RUNNING'),
        finished: of('FINISHED'),
        error: of('ERROR'),
        failed: of('FAILED'),
        cancelled: of('CANCELLED'),
        totalJobs: Object.values(totals.counts).reduce((sum, count) => sum + count, 0),
        totalDuration: totals.durationMs,
        window: {
          windowBegins: begins === null ? null : new Date(begins).toISOString(),
          windowEnds: new Date(ends).toISOString(),
          windowDuration: begins === null ? null : ends - begins,
        },
      },
    }
  }
  return { jobs, ids, stats }
}

function readFilter(ask: SignedInAsk, jobConfigId: string | undefined): RunFilter {
  const jobConfigIds = visibleConfigIds(ask.user, jobConfigId)
  const submittedBy = ask.query.get('userid')
  const since = readInstant(ask.query, 'startdate')
  const until = readInstant(ask.query, 'enddate')
  return {
    ...(jobConfigIds && { jobConfigIds }),
    ...(submittedBy !== undefined && { submittedBy }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

/** Null: all. Who may view few sees the runs of those. */
function visibleConfigIds(
  user: DataCloudUser,
  wanted: string | undefined,
): readonly string[] | null {
  if (wanted === undefined) return viewedConfigIds(user)
  requireRights(user, ['view'], wanted)
  return [wanted]
}

function readOldestFirst({ query }: SignedInAsk): boolean {
  const sortBy = query.get('sortby') ?? 'scheduled'
  if (sortBy.toLowerCase() !== 'scheduled') throw invalid('sortby', 'scheduled', sortBy)
  const direction = query.get('direction')?.toLowerCase() ?? 'desc'
  if (direction === 'asc' || direction === 'desc') return direction === 'asc'
  throw invalid('direction', 'asc or desc', direction)
}

async function stop(
  { store, clock, nudgeRunner }: DataCloudPorts,
  { user }: SignedInAsk,
  runs: readonly JobRun[],
) {
  const stopped: { readonly id: string; readonly status: JobStatus | null }[] = []
  for (const { runId } of runs) {
    const status = await store.stopRun(runId, user.username, clock.now())
    stopped.push({ id: runId, status })
  }
  nudgeRunner()
  return stopped
}
