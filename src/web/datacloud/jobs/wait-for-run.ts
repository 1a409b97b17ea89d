import { setTimeout as timer } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { type JobRun, UNFINISHED_STATUSES } from '../../../jobs/job-run.ts'
import type { JobStore } from '../../../jobs/job-store.ts'

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 500

/**
 * Waits until a run is over, wherever it runs: looks again after pauses that double. Null: it was not in
 * time, or `gone` aborted.
 */
export async function waitForRun(
  ports: {
    readonly store: Pick<JobStore, 'readRun'>
    readonly clock: Clock
    readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
  },
  runId: string,
  { waitMs, gone }: { readonly waitMs: number; readonly gone: AbortSignal },
): Promise<JobRun | null> {
  const { store, clock, pause = pauseByTimer } = ports
  const until = clock.real() + waitMs
  for (
    let pauseMs = FIRST_PAUSE_MS;
    !gone.aborted;
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  ) {
    const run = await store.readRun(runId)
    if (run && !UNFINISHED_STATUSES.includes(run.status)) return run
    const leftMs = until - clock.real()
    if (leftMs <= 0) return null
    await pause(Math.min(pauseMs, leftMs), gone)
  }
  return null
}

async function pauseByTimer(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal }).catch(() => {})
}
