import { type Clock, SECOND_MS } from '../../base/clock.ts'
import { type Authentication, rejected } from '../rejection.ts'

const TRUSTED_KEPT_MS = 60 * SECOND_MS
const REJECTED_KEPT_MS = 5 * SECOND_MS
const KEYS_MAX = 10_000

/** Checks under way: whoever makes up session ids must not have us call orgs without end. */
const CHECKS_MAX = 64

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
  const refused = openRecent()
  const underWay = new Map<string, Promise<Authentication>>()

  const checkOnce = async (key: string, check: () => Promise<Authentication>) => {
    try {
      const verdict = await check()
      const now = clock.real()
      if (verdict.kind === 'trusted') trusted.keep(key, verdict, now + TRUSTED_KEPT_MS)
      else if (verdict.httpStatus < 500) refused.keep(key, verdict, now + REJECTED_KEPT_MS)
      return verdict
    } finally {
      underWay.delete(key)
    }
  }

  return async (key, check) => {
    const now = clock.real()
    const known = trusted.find(key, now) ?? refused.find(key, now)
    if (known) return known
    const current = underWay.get(key)
    if (current) return current
    if (underWay.size >= CHECKS_MAX) return overloaded()
    const next = checkOnce(key, check)
    underWay.set(key, next)
    return next
  }
}

function overloaded(): Authentication {
  const reason = 'too many sessions are being checked: send it again later'
  return rejected('OVERLOADED', reason)
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
