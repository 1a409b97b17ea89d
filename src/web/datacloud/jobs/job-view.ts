import type { Instant } from '../../../base/clock.ts'
import type { JobMessage, JobRun, JobRunOverview, OutMessage } from '../../../jobs/job-run.ts'

/** A run as DataCloud shows a job. `duration` is that of the last attempt, in milliseconds. */
export function jobView(run: JobRunOverview, configName: string | null) {
  const isOver = run.finishedAt !== null && run.startedAt !== null
  const href = jobHref(run.runId)
  return {
    id: run.runId,
    status: run.status,
    href,
    jobConfig: { ...configReference(run.jobConfigId), name: configName },
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
    jobLog: { href: `${href}/log` },
  }
}

/** One run with the message it was given, and what its program answered, without the body. */
export function jobDetailView(run: JobRun, configName: string | null) {
  const inMessages = run.message ? [messageView(run.message)] : []
  const { outMessage } = run
  return {
    ...jobView(run, configName),
    runtimeConfig: { inMessages },
    outMessages: outMessage === null ? [] : [outMessageHead(run.runId, outMessage)],
  }
}

/** An out message as DataCloud's TextMessage. */
export function outMessageView(runId: string, message: OutMessage) {
  return { ...outMessageHead(runId, message), body: message.body }
}

function outMessageHead(runId: string, { name, contentType }: OutMessage) {
  return {
    name,
    properties: [{ key: 'ContentType', value: contentType }],
    href: `${jobHref(runId)}/out/${encodeURIComponent(name)}`,
  }
}

function messageView({ name, body, properties }: JobMessage) {
  const pairs = Object.entries(properties).map(([key, value]) => ({ key, value }))
  return { name, body, properties: pairs }
}

/** DataCloud's Reference to a job config. */
export function configReference(jobConfigId: string) {
  return { id: jobConfigId, href: `/v2/api/jobconfigs/${encodeURIComponent(jobConfigId)}` }
}

/** Where a job is read. */
export function jobHref(runId: string): string {
  return `/v2/api/jobs/${encodeURIComponent(runId)}`
}

function timestamp(instant: Instant | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
