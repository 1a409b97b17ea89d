import { type Clock, DAY_MS, HOUR_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import type { Stores } from '../store/open-store.ts'

/** How long what is done with is kept; the table stands in docs/guarantees.md. */
export const KEPT_MS = {
  attempts: 7 * DAY_MS,
  deadLetters: 7 * DAY_MS,
  acceptedIds: 7 * DAY_MS,
  finishedRuns: 30 * DAY_MS,
} as const

/** The attempt log keeps so many attempts at the most, whatever their age. */
export const ATTEMPTS_MAX = 1_000_000

/** The loop that ends what has grown old, a slice at a time, over what each room says of its own. */
export function startRetention(
  { outbox, inbox, jobs }: Stores,
  { clock, log }: { clock: Clock; log: Log },
): Loop {
  const turn = async () => {
    const now = clock.now()
    const counts = await Promise.all([
      outbox.retain({
        attemptsBefore: now - KEPT_MS.attempts,
        attemptsMax: ATTEMPTS_MAX,
        deadLettersBefore: now - KEPT_MS.deadLetters,
      }),
      inbox.forget(now - KEPT_MS.acceptedIds),
      jobs.retainRuns(now - KEPT_MS.finishedRuns, clock.real()),
    ])
    return counts.some((count) => count > 0) ? ('worked' as const) : ('idle' as const)
  }
  return startLoop(turn, {
    idleMs: HOUR_MS,
    onError: (error) => log.error('retention.failed', { reason: errorText(error) }),
  })
}
