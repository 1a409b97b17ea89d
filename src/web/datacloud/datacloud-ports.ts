import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { JobStore } from '../../jobs/job-store.ts'
import type { JobPolicy } from '../../jobs/kinds/job-policy.ts'

/** What DataCloud's API needs of the house. */
export type DataCloudPorts = {
  readonly store: JobStore
  readonly clock: Clock
  readonly log: Log
  /** The operator's list; a job config that is not within it is refused. */
  readonly jobPolicy: JobPolicy
  /** Called when a run was queued, freed or stopped. */
  readonly nudgeRunner: () => void
  /** Waits some milliseconds of real time, or until `signal` aborts. Absent: a timer. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}
