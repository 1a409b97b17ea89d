import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { JobMessage, JobRun, JobStatus } from '../../jobs/job-run.ts'
import { UNFINISHED_STATUSES } from '../../jobs/job-run.ts'
import type { DataCloudUser } from '../../jobs/job-store.ts'
import { submitRun } from '../../jobs/submitting/submit-run.ts'
import { ApiError } from '../api-error.ts'
import { requireExecute, type SignedInPorts } from './datacloud-ports.ts'
import { existing } from './job-configs.ts'
import { MESSAGE_LENGTH_MAX, readInMessage, readListenerMessage } from './read-message.ts'
import { idOf, queryOf, readIds, readPaging, readStatuses } from './read-query.ts'
import { jobDetailView, jobView } from './views.ts'

const PENDING: readonly JobStatus[] = ['WAITING', 'SEQUENCED', 'QUEUED']
const RUNNING: readonly JobStatus[] = ['INITIALIZING', 'RUNNING']

/** `/jobs` and the ways to start one. Everything here needs the right to execute the job config. */
export function addJobs(app: FastifyInstance, ports: SignedInPorts): void {
  addStarting(app, ports)

  app.get('/jobs', (request, reply) => list(ports, { request, reply, statuses: null }))
  for (const [word, statuses] of [
    ['pending', PENDING],
    ['running', RUNNING],
    ['unfinished', UNFINISHED_STATUSES],
  ] as const) {
    app.get(`/jobs/${word}`, (request, reply) => list(ports, { request, reply, statuses }))
  }
  app.get('/jobs/:id', async (request) => {
    const run = await existingRun(ports, request, idOf(request))
    const config = await ports.store.readConfig(run.jobConfigId)
    return jobDetailView(run, config?.name ?? null)
  })
  app.get('/jobs/:id/log', async (request, reply) => {
    const run = await existingRun(ports, request, idOf(request))
    return reply.type('text/plain; charset=utf-8').send(run.log)
  })
  app.delete('/jobs/:id', async (request) => {
    const [stopped] = await stop(ports, request, [idOf(request)])
    return stopped
  })
  app.delete('/jobs/stop', (request) => stop(ports, request, readIds(request)))
}

function addStarting(app: FastifyInstance, ports: SignedInPorts): void {
  app.post('/jobconfigs/:id/jobs', async (request, reply) => {
    const config = await existing(ports, idOf(request))
    requireExecute(ports.userOf(request), config.jobConfigId)
    const message = readInMessage(request.body, config.messageName)
    return submit(ports, { request, reply, jobConfigId: config.jobConfigId, message })
  })
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    const limits = { parseAs: 'string', bodyLimit: MESSAGE_LENGTH_MAX } as const
    const types = ['text/plain', 'text/xml', 'application/xml', 'application/json']
    scope.addContentTypeParser(types, limits, (_request, body, done) => done(null, body))

    scope.post('/jobconfigs/:id/listener', async (request, reply) => {
      const config = await existing(ports, idOf(request))
      requireExecute(ports.userOf(request), config.jobConfigId)
      const name = queryOf(request).get('messagename') ?? config.messageName
      const message = readListenerMessage(request.body, name.slice(0, 255))
      return submit(ports, { request, reply, jobConfigId: config.jobConfigId, message })
    })
  })
}

async function submit(
  ports: SignedInPorts,
  ask: {
    readonly request: FastifyRequest
    readonly reply: FastifyReply
    readonly jobConfigId: string
    readonly message: JobMessage | null
  },
) {
  const { jobConfigId, message } = ask
  const { username } = ports.userOf(ask.request)
  const submitted = await submitRun(ports, { jobConfigId, message, submittedBy: username })
  if (!submitted) throw new ApiError(404, 'JOB_CONFIG_NOT_FOUND', 'it was deleted just now')
  ports.nudgeRunner()
  return ask.reply.code(202).send({
    id: submitted.runId,
    status: submitted.status,
    scheduled: new Date(ports.clock.now()).toISOString(),
    jobConfig: { id: jobConfigId },
    submittedByUser: { id: username },
  })
}

/** Newest first, a page at a time; `X-Total-Count` says how many there are. */
async function list(
  { store, userOf }: SignedInPorts,
  ask: {
    readonly request: FastifyRequest
    readonly reply: FastifyReply
    readonly statuses: readonly JobStatus[] | null
  },
) {
  const query = queryOf(ask.request)
  const statuses = ask.statuses ?? readStatuses(query)
  const jobConfigIds = visibleConfigIds(userOf(ask.request), query.get('jobConfigId'))
  const filter = { ...(statuses && { statuses }), ...(jobConfigIds && { jobConfigIds }) }

  const [runs, runCount, configs] = await Promise.all([
    store.listRuns({ ...filter, ...readPaging(query) }),
    store.countRuns(filter),
    store.listConfigs(),
  ])
  const names = new Map(configs.map((config) => [config.jobConfigId, config.name]))
  ask.reply.header('x-total-count', runCount)
  return runs.map((run) => jobView(run, names.get(run.jobConfigId) ?? null))
}

/** Null: all. Who may execute few sees the runs of those. */
function visibleConfigIds(
  user: DataCloudUser,
  wanted: string | undefined,
): readonly string[] | null {
  if (wanted !== undefined) {
    requireExecute(user, wanted)
    return [wanted]
  }
  return user.executes.includes('*') ? null : user.executes
}

async function stop(ports: SignedInPorts, request: FastifyRequest, ids: readonly string[]) {
  const { username } = ports.userOf(request)
  const runs = await Promise.all(ids.map((id) => existingRun(ports, request, id)))
  const stopped: { readonly id: string; readonly status: JobStatus | null }[] = []
  for (const { runId } of runs) {
    const status = await ports.store.stopRun(runId, username, ports.clock.now())
    stopped.push({ id: runId, status })
  }
  ports.nudgeRunner()
  return stopped
}

/** The run, or 404; 403 for who may not execute its job config. */
async function existingRun(
  ports: SignedInPorts,
  request: FastifyRequest,
  runId: string,
): Promise<JobRun> {
  const run = await ports.store.readRun(runId)
  if (!run) {
    const found = JSON.stringify(runId.slice(0, 100))
    throw new ApiError(404, 'JOB_NOT_FOUND', `there is no job ${found}`)
  }
  requireExecute(ports.userOf(request), run.jobConfigId)
  return run
}
