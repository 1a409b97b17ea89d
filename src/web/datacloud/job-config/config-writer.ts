import { randomBytes } from 'node:crypto'
import type { JobConfig } from '../../../jobs/job-config.ts'
import type { VersionedConfig } from '../../../jobs/job-store.ts'
import { jobRefusal } from '../../../jobs/kinds/job-policy.ts'
import { ApiError } from '../../api-error.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import { invalid } from '../read-fields.ts'
import type { ApiAnswer, ConfigAsk, SignedInAsk } from '../route/api-route.ts'
import { noSuchConfig, requireRights } from '../route/guards.ts'
import { jobConfigView } from './job-config-view.ts'
import { readJobConfig } from './read-job-config.ts'

const NAME_MAX = 255

/** How often a change is made anew when somebody else's came between. */
const TRIES_MAX = 5

/**
 * Reads, makes and changes job configs. A change is written only over the version it was made from; who
 * sends `If-Match` is told when that is another one by now.
 */
export function openConfigWriter(ports: DataCloudPorts) {
  const { store } = ports

  const read = async ({ config, ifMatch }: ConfigAsk): Promise<VersionedConfig> => {
    const versioned = await store.readVersion(config.jobConfigId)
    if (!versioned) throw noSuchConfig(config.jobConfigId)
    if (ifMatch === null || isMatch(ifMatch, versioned.version)) return versioned
    const message = `the job config is at version ${etagOf(versioned.version)} by now: read it again`
    throw new ApiError(412, 'PRECONDITION_FAILED', message)
  }

  /** Whoever may edit but not execute writes inactive job configs: an active one runs. */
  const mayBe = ({ user }: SignedInAsk, config: JobConfig, rightsOf: string) => {
    const refusal = jobRefusal(ports.jobPolicy, config.job)
    if (refusal !== null) throw new ApiError(403, 'JOB_NOT_ALLOWED', refusal)
    if (config.isActive) requireRights(user, ['execute'], rightsOf)
  }

  const update = async (
    ask: ConfigAsk,
    change: (before: JobConfig) => JobConfig,
  ): Promise<ApiAnswer> => {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const before = await read(ask)
      const after = change(before.config)
      mayBe(ask, after, after.jobConfigId)
      if (!(await store.replaceConfig(after, before.version))) continue
      if (after.isActive) ports.nudgeRunner()
      return answerWith(200, after, before.version + 1)
    }
    throw new ApiError(409, 'CHANGED_MEANWHILE', 'others changed the job config: try again')
  }

  const add = async (ask: SignedInAsk, config: JobConfig): Promise<ApiAnswer> => {
    mayBe(ask, config, '*')
    await store.writeConfig(config)
    return answerWith(201, config, 1)
  }

  return {
    create: (ask: SignedInAsk) => add(ask, readJobConfig(ask.body, newConfigId(), null)),
    show: async (ask: ConfigAsk) => {
      const { config, version } = await read({ ...ask, ifMatch: null })
      return answerWith(200, config, version)
    },
    replace: (ask: ConfigAsk) =>
      update(ask, (before) =>
        withSecrets(ask.body, before, readJobConfig(ask.body, before.jobConfigId, null, before)),
      ),
    amend: (ask: ConfigAsk) =>
      update(ask, (before) => readJobConfig(ask.body, before.jobConfigId, before)),
    clone: async (ask: ConfigAsk) => {
      requireRights(ask.user, ['edit'], '*')
      const { config } = await read({ ...ask, ifMatch: null })
      const name = ask.query.get('name') ?? `${config.name.slice(0, NAME_MAX - 7)} (copy)`
      if (name === '' || name.length > NAME_MAX) {
        throw invalid('name', `a text of 1 to ${NAME_MAX} characters`, name)
      }
      const copy = { ...config, jobConfigId: newConfigId(), name, isActive: false, source: 'api' }
      return add(ask, copy)
    },
    /** What another route changes of it. */
    change: update,
    /** Refuses who asks for another version than there is. */
    requireVersion: read,
  }
}

function answerWith(status: number, config: JobConfig, version: number): ApiAnswer {
  return { status, body: jobConfigView(config), headers: { etag: etagOf(version) } }
}

function etagOf(version: number): string {
  return `"${version}"`
}

function isMatch(ifMatch: string, version: number): boolean {
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etagOf(version))
}

/** All anew but the secrets, which no answer shows and so no request can repeat. */
function withSecrets(body: unknown, before: JobConfig, after: JobConfig): JobConfig {
  if (mentionsPathSecret(body)) return after
  const { pathSecretHashes } = before.authentication
  return { ...after, authentication: { ...after.authentication, pathSecretHashes } }
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
