import type { Clock, Instant } from '../../base/clock.ts'
import { type JobRun, type JobStatus, UNFINISHED_STATUSES } from '../job-run.ts'
import type { JobStore, Replayable, RunFilter } from '../job-store.ts'
import { lineIdOf } from '../ordering/run-place.ts'
import { newRunId } from '../run-id.ts'

type ReplayPorts = {
  readonly store: Pick<JobStore, 'readConfig' | 'readRun' | 'replayable' | 'replayRuns'>
  readonly clock: Clock
}

/** Given up after its last attempt, or stopped while it ran. */
export const DEAD_STATUSES: readonly JobStatus[] = ['ERROR', 'FAILED']

/** Runs that one call replays at the most; it answers whether there are more. */
const REPLAYED_MAX = 10_000

/** Runs that share one commit. */
const SLICE = 500

/** What became of runs that were to be replayed. */
export type Replayed = {
  /** New runs. */
  readonly count: number
  /** Passed over: a person had replayed them before. */
  readonly replayedBefore: number
  /** Passed over: they or their job configs are gone. */
  readonly gone: number
  /** There are more like these: the same call with this `until` takes the next. */
  readonly isMore: boolean
  /** What was queued later was not looked at: so no replay is replayed by the call that made it. */
  readonly until: Instant
}

/**
 * Runs the message of an earlier run once more, as a new run that names it, whether it was replayed before or
 * not. Null: the run or its config is gone.
 */
export async function replayRun(
  ports: ReplayPorts,
  { runId, submittedBy }: { readonly runId: string; readonly submittedBy: string },
): Promise<JobRun | null> {
  const first = await ports.store.readRun(runId)
  if (!first) return null
  const [replayId] = await replaySlice(ports, [first], { submittedBy, isOnce: false })
  return replayId?.kind === 'replayed' ? ports.store.readRun(replayId.runId) : null
}

/**
 * Replays the runs that a filter finds, the oldest first, and of those only what is over and was not replayed
 * yet: so that the same call, made again, never makes a second replay. Without statuses it takes dead runs.
 */
export async function replayRuns(
  ports: ReplayPorts,
  { filter, submittedBy }: { readonly filter: RunFilter; readonly submittedBy: string },
): Promise<Replayed> {
  const now = ports.clock.now()
  const over = (filter.statuses ?? DEAD_STATUSES).filter(
    (each) => !UNFINISHED_STATUSES.includes(each),
  )
  // The replays themselves are newer than all that is asked for.
  const asked = { ...filter, statuses: over, until: Math.min(filter.until ?? now, now) }
  const total = { count: 0, replayedBefore: 0, gone: 0, until: asked.until }
  let after: string | null = null
  while (total.count < REPLAYED_MAX) {
    const found: readonly Replayable[] = await ports.store.replayable({
      ...asked,
      after,
      limit: SLICE,
    })
    for (const { kind } of await replaySlice(ports, found, { submittedBy, isOnce: true })) {
      if (kind === 'replayed') total.count += 1
      else if (kind === 'replayed before') total.replayedBefore += 1
      else total.gone += 1
    }
    if (found.length < SLICE) return { ...total, isMore: false }
    after = found.at(-1)?.runId ?? null
  }
  return { ...total, isMore: true }
}

async function replaySlice(
  { store, clock }: ReplayPorts,
  runs: readonly Replayable[],
  { submittedBy, isOnce }: { readonly submittedBy: string; readonly isOnce: boolean },
) {
  const configIds = [...new Set(runs.map(({ jobConfigId }) => jobConfigId))]
  const configs = new Map(
    await Promise.all(configIds.map(async (id) => [id, await store.readConfig(id)] as const)),
  )
  const now = clock.now()
  const replays = runs.map(({ runId, jobConfigId, recordKey }) => {
    const config = configs.get(jobConfigId)
    const lineId = config ? lineIdOf(config, recordKey) : null
    return { runId, replayId: newRunId(now), lineId }
  })
  return store.replayRuns({ replays, submittedBy, now, isOnce })
}
