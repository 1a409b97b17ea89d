import type { Clock } from '../../base/clock.ts'
import type { JobStatus } from '../job-run.ts'
import type { JobStore } from '../job-store.ts'

/** Stops that are asked of the store at once. */
const TOGETHER = 100

/** What many runs read as after a person stopped them. */
export type Stopped = {
  /** CANCELLED: had not begun. FAILED: ran, and is ended within seconds. What was over before keeps its status. */
  readonly statuses: Readonly<Partial<Record<JobStatus, number>>>
  /** There are no such runs. */
  readonly gone: number
}

/** Stops many runs: each is cancelled where it has not begun, and ended where it runs. */
export async function stopRuns(
  { store, clock }: { readonly store: Pick<JobStore, 'stopRun'>; readonly clock: Clock },
  { runIds, stoppedBy }: { readonly runIds: readonly string[]; readonly stoppedBy: string },
): Promise<Stopped> {
  const statuses: Partial<Record<JobStatus, number>> = {}
  let gone = 0
  for (let from = 0; from < runIds.length; from += TOGETHER) {
    const asked = runIds.slice(from, from + TOGETHER)
    const now = clock.now()
    for (const status of await Promise.all(
      asked.map((runId) => store.stopRun(runId, stoppedBy, now)),
    )) {
      if (status === null) gone += 1
      else statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  return { statuses, gone }
}
