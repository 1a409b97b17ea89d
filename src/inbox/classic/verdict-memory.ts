import { type Clock, SECOND_MS } from '../../base/clock.ts'
import type { Authentication } from '../rejection.ts'

const TRUSTED_KEPT_MS = 60 * SECOND_MS
const REJECTED_KEPT_MS = 5 * SECOND_MS
const KEYS_MAX = 10_000

/**
 * Asks `check` unless it is known. Calls for one key while one is under way get that one's verdict.
 */
export type VerdictMemory = (
  key: string,
  check: () => Promise<Authentication>,
) => Promise<Authentication>

/**
 * Remembers verdicts: trusted for 60 s, rejected for 5 s, transient ones (503) not at all. Keys must be
 * hashes. The two kinds are kept apart, so that a flood of wrong sessions forgets no right one.
 */
export function openVerdictMemory(clock: Clock): VerdictMemory {
  const trusted = openRecent()
  const rejected = openRecent()
  const underWay = new Map<string, Promise<Authentication>>()

  const checkOnce = async (key: string, check: () => Promise<Authentication>) => {
    try {
      const verdict = await check()
      const now = clock.real()
      if (verdict.kind === 'trusted') trusted.keep(key, verdict, now + TRUSTED_KEPT_MS)
      else if (verdict.httpStatus < 500) rejected.keep(key, verdict, now + REJECTED_KEPT_MS)
      return verdict
    } finally {
      underWay.delete(key)
    }
  }

  return async (key, check) => {
    const now = clock.real()
    const known = trusted.find(key, now) ?? rejected.find(key, now)
    if (known) return known
    const current = underWay.get(key) ?? checkOnce(key, check)
    underWay.set(key, current)
    return current
  }
}

/** The verdicts used last, in a Map's order of insertion. */
function openRecent() {
  const kept = new Map<string, { readonly verdict: Authentication; readonly until: number }>()
  return {
    find(key: string, now: number): Authentication | null {
      const found = kept.get(key)
      if (!found) return null
      kept.delete(key)
      if (found.until <= now) return null
      kept.set(key, found)
      return found.verdict
    },
    keep(key: string, verdict: Authentication, until: number): void {
      const [oldest] = kept.keys()
      if (kept.size >= KEYS_MAX && oldest !== undefined) kept.delete(oldest)
      kept.set(key, { verdict, until })
    },
  }
}
