import { sha256Hex } from '../../base/secrets/sha256-hex.ts'
import type { ConfiguredJob, ProjectConfig } from '../../config/project-config.ts'
import type { JobConfig } from '../../jobs/job-config.ts'
import type { JobKind } from '../../jobs/kinds/job-kind.ts'
import type { RouteAuthentication } from '../../jobs/route-authentication.ts'
import type { House } from '../open-house.ts'

const SOURCE = 'project'

/** Makes the project's job configs what `obm.config.json` says; those made over the API stay. */
export async function writeProjectJobs(house: House, config: ProjectConfig): Promise<void> {
  const { stores, org } = house
  const kept = await stores.jobs.listConfigs()
  const wanted = config.jobConfigs.map((job) => jobConfigOf(job, house))
  for (const each of wanted) {
    const before = kept.find(({ jobConfigId }) => jobConfigId === each.jobConfigId)
    if (JSON.stringify(before) !== JSON.stringify(each)) await stores.jobs.writeConfig(each)
  }
  const gone = kept.filter(
    ({ source, jobConfigId }) =>
      source === SOURCE && !wanted.some((each) => each.jobConfigId === jobConfigId),
  )
  for (const { jobConfigId } of gone) await stores.jobs.deleteConfig(jobConfigId, org.clock.now())
}

/** `{self}` in a URL stands for where this program itself answers. */
function withOwnHost(job: JobKind, self: string): JobKind {
  return job.kind === 'http' ? { ...job, url: job.url.replace('{self}', self) } : job
}

/** `{self}` in a host stands for where this program itself answers. */
function jobConfigOf(job: ConfiguredJob, house: House): JobConfig {
  const self = URL.parse(house.url ?? '')?.host ?? 'localhost'
  return {
    jobConfigId: job.jobConfigId,
    name: job.name,
    description: job.description,
    isActive: job.isActive,
    job: withOwnHost(job.job, self),
    whenInactive: job.whenInactive,
    authentication: authenticationOf(job, self),
    messageName: job.messageName,
    outMessageName: job.outMessageName,
    attemptsMax: job.attemptsMax,
    limits: job.limits,
    ordering: job.ordering,
    runPer: job.runPer,
    staleChanges: job.staleChanges,
    ownUserIds: job.ownUserIds,
    fieldLists: job.fieldLists,
    source: SOURCE,
  }
}

function authenticationOf(
  { authentication: { pathSecrets, classicSession, ...rest } }: ConfiguredJob,
  self: string,
): RouteAuthentication {
  return {
    pathSecretHashes: pathSecrets.map(sha256Hex),
    ...rest,
    classicSession: classicSession && {
      allowedHosts: classicSession.allowedHosts.map((host) => host.replace('{self}', self)),
      settingName: classicSession.settingName,
    },
  }
}
