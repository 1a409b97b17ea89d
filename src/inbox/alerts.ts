import type { Rejection } from './rejection.ts'

/**
 * Causes remembered. Who guesses job config ids can fill it; then what was told longest ago is told
 * again.
 */
const CAUSES_MAX = 1_000

/** Tells the first refusal of each cause on each route from those that follow it. */
export type Alerts = {
  /** Whether a person should be told: this cause is new on this route since it last worked. */
  isNew(jobConfigId: string, rejection: Rejection): boolean
  /** The route took a message in: what refuses the next is news again. */
  worked(jobConfigId: string): void
}

/** Remembers, in bounded memory, which causes were told. */
export function openAlerts(): Alerts {
  const told = new Map<string, Set<string>>()

  return {
    isNew(jobConfigId, { errorCode }) {
      const codes = told.get(jobConfigId) ?? new Set()
      if (codes.has(errorCode)) return false
      const [oldest] = told.keys()
      if (told.size >= CAUSES_MAX && oldest !== undefined) told.delete(oldest)
      told.set(jobConfigId, codes.add(errorCode))
      return true
    },
    worked: (jobConfigId) => {
      told.delete(jobConfigId)
    },
  }
}
