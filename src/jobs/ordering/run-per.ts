import type { JobConfig } from '../job-config.ts'

/** What one run is for. */
export type RunPer = 'notification' | 'message'

export const RUN_PERS: readonly [RunPer, RunPer] = ['notification', 'message']

/** Why runs cannot be for whole messages here, as an expectation; null if they can. */
export function runPerMistake(
  config: Pick<JobConfig, 'runPer' | 'ordering' | 'staleChanges'>,
): string | null {
  if (config.runPer === 'notification') return null
  if (config.ordering === 'record') {
    return '"notification" beside ordering "record": a message holds several records'
  }
  if (config.staleChanges === 'skip') {
    return '"notification" beside staleChanges "skip": only some of a message may be stale'
  }
  return null
}
