import type { JobConfig } from '../../../jobs/job-config.ts'

/** How long what another process changed may go unseen. */
const ROUTE_KEPT_MS = 1_000

/** Routes remembered; a hostile caller cannot fill it, for only job configs that exist are kept. */
const ROUTES_MAX = 10_000

export type RouteMemory = {
  read(jobConfigId: string): Promise<JobConfig | null>
  /** Called after every change made in this process. */
  forget(jobConfigId: string): void
}

/**
 * Remembers job configs for a second, so that a busy route does not read its own for every message.
 */
export function openRouteMemory(
  readConfig: (jobConfigId: string) => Promise<JobConfig | null>,
): RouteMemory {
  const kept = new Map<string, { readonly config: JobConfig; readonly readAt: number }>()
  let changeCount = 0

  const read = async (jobConfigId: string): Promise<JobConfig | null> => {
    const known = kept.get(jobConfigId)
    if (known && performance.now() - known.readAt < ROUTE_KEPT_MS) return known.config

    const [readAt, changesBefore] = [performance.now(), changeCount]
    const config = await readConfig(jobConfigId)
    kept.delete(jobConfigId)
    // What was read before a change that is done by now may be old: use it, but keep it not.
    if (config && changesBefore === changeCount) {
      if (kept.size >= ROUTES_MAX) kept.clear()
      kept.set(jobConfigId, { config, readAt })
    }
    return config
  }

  const forget = (jobConfigId: string) => {
    changeCount += 1
    kept.delete(jobConfigId)
  }
  return { read, forget }
}
