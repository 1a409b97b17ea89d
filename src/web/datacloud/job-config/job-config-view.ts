import { maskUrl } from '../../../base/secrets/mask-url.ts'
import { type JobConfig, routeStateOf } from '../../../jobs/job-config.ts'
import type { JobKind } from '../../../jobs/kinds/job-kind.ts'
import type { FieldList } from '../../../wire/field-list/field-list.ts'

/** A job config as the API shows it: of its secrets only how many there are. */
export function jobConfigView(config: JobConfig) {
  const { pathSecretHashes, ...authentication } = config.authentication
  const href = `/v2/api/jobconfigs/${encodeURIComponent(config.jobConfigId)}`
  return {
    id: config.jobConfigId,
    name: config.name,
    description: config.description,
    href,
    active: config.isActive,
    whenInactive: config.whenInactive,
    routeState: routeStateOf(config),
    job: jobKindView(config.job),
    runtimeConfig: {
      inMessages: [{ name: config.messageName }],
      outMessageNames: config.outMessageName === null ? [] : [config.outMessageName],
    },
    attemptsMax: config.attemptsMax,
    limits: config.limits,
    ordering: config.ordering,
    blocking: config.ordering === 'config',
    staleChanges: config.staleChanges,
    ownUserIds: config.ownUserIds,
    runPer: config.runPer,
    fieldLists: config.fieldLists.map(fieldListView),
    authentication: {
      pathSecretCount: pathSecretHashes.length,
      ...authentication,
    },
    endpoint: `${href}/sfdc/obm`,
    source: config.source,
  }
}

/** A field list as it is shown, and as a job config takes it. */
function fieldListView({ objectName, actionId, fields }: FieldList) {
  return { object: objectName, actionId, fields }
}

function jobKindView(job: JobKind) {
  if (job.kind === 'command') return job
  const { headers, signingSecrets, url, ...shown } = job
  return {
    ...shown,
    url: maskUrl(url),
    headerNames: Object.keys(headers),
    signingSecretCount: signingSecrets.length,
  }
}
