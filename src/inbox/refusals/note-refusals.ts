import { type Clock, type Instant, MINUTE_MS } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import type { Refusal } from '../../jobs/refusal.ts'

/** One cause on one route is written so often at the most: refusing must cost less than sending. */
const WRITTEN_EACH_MS = MINUTE_MS

/** Causes remembered; beyond them a cause is written as if it were new. */
const CAUSES_MAX = 10_000

const REASON_MAX = 1_000

/** One message that was refused by a job config that there is. */
export type NotedRefusal = Omit<Refusal, 'firstAt' | 'lastAt' | 'count'>

/** Keeps for people why a job config refuses. */
export type Refusals = { note(refusal: NotedRefusal): void }

/**
 * Writes each cause when it is new and then once a minute, with the count of those since. Nobody waits for it; what
 * cannot be written is told, and counted the next time.
 */
export function openRefusals({
  write,
  clock,
  log,
}: {
  readonly write: (refusal: Refusal) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}): Refusals {
  const causes = new Map<string, { writtenAt: Instant; count: number; firstAt: Instant }>()

  return {
    note: (refusal) => {
      const [real, now] = [clock.real(), clock.now()]
      const key = JSON.stringify([refusal.jobConfigId, refusal.errorCode])
      const known = causes.get(key) ?? { writtenAt: -Infinity, count: 0, firstAt: now }
      const [oldest] = causes.keys()
      if (!causes.has(key) && causes.size >= CAUSES_MAX && oldest !== undefined) {
        causes.delete(oldest)
      }
      causes.set(key, known)
      if (known.count === 0) known.firstAt = now
      known.count += 1
      if (real - known.writtenAt < WRITTEN_EACH_MS) return

      const { count, firstAt } = known
      known.writtenAt = real
      known.count = 0
      const reason = refusal.reason.slice(0, REASON_MAX)
      write({ ...refusal, reason, firstAt, lastAt: now, count }).catch((error: unknown) => {
        known.count += count
        const { jobConfigId, errorCode: code } = refusal
        log.warn('inbox.refusal_not_kept', { jobConfigId, code, reason: errorText(error) })
      })
    },
  }
}
