import type { Instant } from '../../base/clock.ts'
import { maskUrl } from '../../base/secrets/mask-url.ts'
import { type JobConfig, routeStateOf } from '../../jobs/job-config.ts'
import type { JobMessage, JobRun, JobRunOverview } from '../../jobs/job-run.ts'
import type { JobKind } from '../../jobs/kinds/job-kind.ts'
import type { FieldList } from '../../wire/field-list/field-list.ts'

/** A job config as the API shows it: of its secrets only how many there are. */
export function jobConfigView(config: JobConfig) {
  const { pathSecretHashes, ...authentication } = config.authentication
  return {
    id: config.jobConfigId,
    name: config.name,
    description: config.description,
    active: config.isActive,
    whenInactive: config.whenInactive,
    routeState: routeStateOf(config),
    job: jobKindView(config.job),
    runtimeConfig: { inMessages: [{ name: config.messageName }] },
    attemptsMax: config.attemptsMax,
    limits: config.limits,
    ordering: config.ordering,
    runPer: config.runPer,
    blocking: config.ordering === 'config',
    staleChanges: config.staleChanges,
    ownUserIds: config.ownUserIds,
    fieldLists: config.fieldLists.map(fieldListView),
    authentication: {
      pathSecretCount: pathSecretHashes.length,
      ...authentication,
    },
    endpoint: `/v2/api/jobconfigs/${encodeURIComponent(config.jobConfigId)}/sfdc/obm`,
    source: config.source,
  }
}

/** A field list as it is shown, and as a job config takes it. */
export function fieldListView({ objectName, actionId, fields }: FieldList) {
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

/** A run as DataCloud shows a job. `duration` is that of the last attempt, in milliseconds. */
export function jobView(run: JobRunOverview, configName: string | null) {
  const isOver = run.finishedAt !== null && run.startedAt !== null
  return {
    id: run.runId,
    status: run.status,
    jobConfig: { id: run.jobConfigId, name: configName },
    scheduled: timestamp(run.queuedAt),
    started: timestamp(run.startedAt),
    finished: timestamp(run.finishedAt),
    duration: isOver ? Number(run.finishedAt) - Number(run.startedAt) : null,
    returnCode: run.returnCode,
    submittedByUser: { id: run.submittedBy },
    stoppedByUser: run.stoppedBy === null ? null : { id: run.stoppedBy },
    attempts: run.attemptCount,
    nextAttempt: run.status === 'QUEUED' ? timestamp(run.dueAt) : null,
    failureReason: run.failureReason,
    replayOf: run.replayOf,
    recordKey: run.recordKey,
    staleBehind: timestamp(run.staleBehind),
    skipped: run.skipped,
    differingCopies: run.differingCopies,
    jobLog: `/v2/api/jobs/${run.runId}/log`,
  }
}

/** One run with the message it was given. */
export function jobDetailView(run: JobRun, configName: string | null) {
  const inMessages = run.message ? [messageView(run.message)] : []
  return { ...jobView(run, configName), runtimeConfig: { inMessages } }
}

function messageView({ name, body, properties }: JobMessage) {
  const pairs = Object.entries(properties).map(([key, value]) => ({ key, value }))
  return { name, body, properties: pairs }
}

function timestamp(instant: Instant | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
