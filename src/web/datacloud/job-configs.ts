import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { mayExecute } from '../../jobs/datacloud-users.ts'
import type { JobConfig } from '../../jobs/job-config.ts'
import { jobRefusal } from '../../jobs/kinds/job-policy.ts'
import { ApiError } from '../api-error.ts'
import { requireAdmin, requireExecute, type SignedInPorts } from './datacloud-ports.ts'
import { readJobConfig } from './job-config/read-job-config.ts'
import { idOf, readIds } from './read-query.ts'
import { jobConfigView } from './views.ts'

/** `/jobconfigs`: reading needs the right to execute, changing needs an Admin. */
export function addJobConfigs(app: FastifyInstance, ports: SignedInPorts): void {
  const { store, userOf } = ports

  app.get('/jobconfigs', async (request) => {
    const user = userOf(request)
    const configs = await store.listConfigs()
    const seen = configs.filter(
      (config) => user.role === 'Admin' || mayExecute(user, config.jobConfigId),
    )
    return seen.map(jobConfigView)
  })
  app.post('/jobconfigs', async (request, reply) => {
    requireAdmin(userOf(request))
    const config = readJobConfig(request.body, newConfigId(), null)
    await write(ports, config)
    return reply.code(201).send(jobConfigView(config))
  })
  app.get('/jobconfigs/:id', async (request) => {
    const config = await existing(ports, idOf(request))
    const user = userOf(request)
    if (user.role !== 'Admin') requireExecute(user, config.jobConfigId)
    return jobConfigView(config)
  })
  app.put('/jobconfigs/:id', (request) => replace(ports, request))
  app.patch('/jobconfigs/:id', (request) => amend(ports, request))
  app.delete('/jobconfigs/:id', async (request, reply) => {
    requireAdmin(userOf(request))
    const { jobConfigId } = await existing(ports, idOf(request))
    await store.deleteConfig(jobConfigId, ports.clock.now())
    return reply.code(204).send()
  })
  addActivation(app, ports)
}

/** Bulk as in DataCloud, and singly. */
function addActivation(app: FastifyInstance, ports: SignedInPorts): void {
  for (const [word, isActive] of [
    ['activate', true],
    ['deactivate', false],
  ] as const) {
    app.patch(`/jobconfigs/${word}`, (request) =>
      setActive(ports, request, { ids: readIds(request), isActive }),
    )
    app.patch(`/jobconfigs/:id/${word}`, async (request) => {
      const [config] = await setActive(ports, request, { ids: [idOf(request)], isActive })
      return config
    })
  }
}

async function setActive(
  ports: SignedInPorts,
  request: FastifyRequest,
  { ids, isActive }: { readonly ids: readonly string[]; readonly isActive: boolean },
) {
  requireAdmin(ports.userOf(request))
  const configs = await Promise.all(ids.map((id) => existing(ports, id)))
  for (const id of ids) await ports.store.activateConfig(id, isActive)
  if (isActive) ports.nudgeRunner()
  return configs.map((config) => jobConfigView({ ...config, isActive }))
}

/** All anew but the secrets, which no answer shows and so no request can repeat. */
async function replace(ports: SignedInPorts, request: FastifyRequest) {
  requireAdmin(ports.userOf(request))
  const before = await existing(ports, idOf(request))
  const config = readJobConfig(request.body, before.jobConfigId, null, before)
  const { pathSecretHashes } = before.authentication
  const keepsSecrets = !mentionsPathSecret(request.body)
  const after: JobConfig = keepsSecrets
    ? { ...config, authentication: { ...config.authentication, pathSecretHashes } }
    : config
  await write(ports, after)
  return jobConfigView(after)
}

async function amend(ports: SignedInPorts, request: FastifyRequest) {
  requireAdmin(ports.userOf(request))
  const before = await existing(ports, idOf(request))
  const after = readJobConfig(request.body, before.jobConfigId, before)
  await write(ports, after)
  return jobConfigView(after)
}

async function write(ports: SignedInPorts, config: JobConfig): Promise<void> {
  const refusal = jobRefusal(ports.jobPolicy, config.job)
  if (refusal !== null) throw new ApiError(403, 'JOB_NOT_ALLOWED', refusal)
  await ports.store.writeConfig(config)
  if (config.isActive) ports.nudgeRunner()
}

/** The job config, or 404. */
export async function existing({ store }: SignedInPorts, id: string): Promise<JobConfig> {
  const config = await store.readConfig(id)
  if (config) return config
  throw new ApiError(
    404,
    'JOB_CONFIG_NOT_FOUND',
    `there is no job config ${JSON.stringify(id.slice(0, 100))}`,
  )
}

function mentionsPathSecret(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('authentication' in body)) return false
  const { authentication } = body
  return (
    typeof authentication === 'object' && authentication !== null && 'pathSecret' in authentication
  )
}

function newConfigId(): string {
  return randomBytes(9).toString('hex')
}
