import { type Clock, type Instant, SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'

/** How old a count may be: what is accepted meanwhile goes beyond the limit. */
const COUNTED_AGAIN_MS = 10 * SECOND_MS

/** Job configs whose counts are remembered. */
const COUNTS_MAX = 1_000

/** How much a job config has to catch up with. */
export type Backlog = {
  /** Whether as many of its runs wait as may; then the sender is told to keep what it has. */
  isFull(jobConfigId: string): Promise<boolean>
}

type BacklogPorts = {
  /** Runs that wait, counted up to `max`. */
  readonly countQueued: (jobConfigId: string, max: number) => Promise<number>
  readonly clock: Pick<Clock, 'real'>
  readonly log: Log
}

/**
 * Counts what waits every ten seconds while messages come; they wait for a count only where none is known, or the last
 * one said full. A count that fails lets messages in: whether the store can keep them is seen when it is asked to.
 */
export function openBacklog({ countQueued, clock, log }: BacklogPorts, queueMax: number): Backlog {
  const counts = new Map<string, { readonly count: Promise<number>; countedAt: Instant }>()

  const countAnew = (jobConfigId: string) => ({
    countedAt: clock.real(),
    count: countQueued(jobConfigId, queueMax).catch((error: unknown) => {
      log.warn('inbox.backlog_not_counted', { jobConfigId, reason: errorText(error) })
      return 0
    }),
  })
  const remember = (jobConfigId: string, count: ReturnType<typeof countAnew>) => {
    const [oldest] = counts.keys()
    if (counts.size >= COUNTS_MAX && oldest !== undefined) counts.delete(oldest)
    counts.set(jobConfigId, count)
  }
  const isFull = async ({ count }: ReturnType<typeof countAnew>) => (await count) >= queueMax

  return {
    isFull: async (jobConfigId) => {
      const known = counts.get(jobConfigId)
      if (known && clock.real() - known.countedAt < COUNTED_AGAIN_MS) return isFull(known)
      const next = countAnew(jobConfigId)
      if (known) known.countedAt = next.countedAt // nobody else counts meanwhile
      if (!known || (await isFull(known))) {
        remember(jobConfigId, next)
        return isFull(next)
      }
      void next.count.then(() => remember(jobConfigId, next))
      return false
    },
  }
}
