import type { Clock } from '../../base/clock.ts'
import type { JobConfig } from '../job-config.ts'
import type { JobMessage, JobStatus } from '../job-run.ts'
import type { JobStore } from '../job-store.ts'
import { lineIdOf, placeRun, type RunPlace } from '../ordering/run-place.ts'
import { newRunId } from '../run-id.ts'

type SubmitPorts = {
  readonly store: Pick<JobStore, 'createRuns' | 'readConfig'>
  readonly clock: Clock
}

type SubmitAsk = {
  readonly jobConfigId: string
  readonly message: JobMessage | null
  readonly submittedBy: string
  /** Null: as the job config says. */
  readonly outMessageName: string | null
  /** It waits for all ordered runs of its config before it, whatever the config's own ordering. */
  readonly isOrdered?: boolean
}

/**
 * A person starts a run of a job config, with a message or without. Null: there is no such job
 * config.
 */
export async function submitRun(
  { store, clock }: SubmitPorts,
  ask: SubmitAsk,
): Promise<{ readonly runId: string; readonly status: JobStatus } | null> {
  const { jobConfigId, message, submittedBy, outMessageName } = ask
  const config = await store.readConfig(jobConfigId)
  if (!config) return null
  const now = clock.now()
  const runId = newRunId(now)
  const what = { message, outMessageName, submittedBy, replayOf: null }
  const run = { runId, jobConfigId, ...what, queuedAt: now }
  const [status] = await store.createRuns([{ ...run, place: placeOf(config, ask) }])
  return status ? { runId, status } : null
}

/** What a person starts is run, whoever changed the record and when; it waits for those before it. */
function placeOf(config: JobConfig, { message, isOrdered }: SubmitAsk): RunPlace {
  const place = placeRun(config, {
    organizationId: message?.properties.OrganizationId ?? null,
    recordId: message?.properties.RecordId ?? null,
    valueOf: () => null,
  })
  if (isOrdered !== true) return place
  const { jobConfigId } = config
  return { ...place, lineId: lineIdOf({ jobConfigId, ordering: 'config' }, place.recordKey) }
}
