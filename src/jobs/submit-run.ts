import type { Clock } from '../base/clock.ts'
import type { JobMessage, JobRun } from './job-run.ts'
import type { JobStore } from './job-store.ts'
import { newRunId } from './run-id.ts'

type SubmitPorts = {
  readonly store: Pick<JobStore, 'createRuns' | 'readRun'>
  readonly clock: Clock
}

/**
 * A person starts a run of a job config, with a message or without. Null: there is no such job
 * config.
 */
export async function submitRun(
  { store, clock }: SubmitPorts,
  ask: {
    readonly jobConfigId: string
    readonly message: JobMessage | null
    readonly submittedBy: string
  },
): Promise<{ readonly runId: string; readonly status: 'QUEUED' | 'WAITING' } | null> {
  const now = clock.now()
  const runId = newRunId(now)
  const [status] = await store.createRuns([{ ...ask, runId, replayOf: null, queuedAt: now }])
  return status ? { runId, status } : null
}

/**
 * Runs the message of an earlier run once more, as a new run that names it. Null: the run or its
 * config is gone.
 */
export async function replayRun(
  { store, clock }: SubmitPorts,
  { runId, submittedBy }: { readonly runId: string; readonly submittedBy: string },
): Promise<JobRun | null> {
  const first = await store.readRun(runId)
  if (!first) return null
  const now = clock.now()
  const replayId = newRunId(now)
  const { jobConfigId, message } = first
  const [status] = await store.createRuns([
    { runId: replayId, jobConfigId, message, submittedBy, replayOf: runId, queuedAt: now },
  ])
  return status ? store.readRun(replayId) : null
}
