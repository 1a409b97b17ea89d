import { type Clock, DAY_MS, MINUTE_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { TRACES_LENGTH_MAX } from '../org/trace/tracer.ts'
import type { Stores } from '../store/open-store.ts'
import type { HouseOptions } from './house-options.ts'

/** How long what is done with is kept; the table stands in docs/guarantees.md. */
const DEAD_LETTERS_KEPT_MS = 7 * DAY_MS
const ACCEPTED_KEPT_MS = 7 * DAY_MS
const FINISHED_RUNS_KEPT_MS = 7 * DAY_MS

/** Entries of the time queue that were executed, removed or given up. */
const TIME_ENTRIES_KEPT_MS = 7 * DAY_MS

const EMAILS_KEPT_MS = 7 * DAY_MS

/** Settled e-mails that are kept at the most, whatever their age: each holds its texts. */
const EMAILS_MAX = 100_000

/** The attempt log keeps so many attempts at the most, whatever their age. */
const ATTEMPTS_MAX = 1_000_000

/** And so many bytes of the store, about: texts, rows and indexes. */
const ATTEMPTS_BYTES_MAX = 2 * 1024 ** 3

/** Between two looks: what a sender at full speed writes meanwhile is less than a tenth of all that may be kept. */
const LOOK_MS = MINUTE_MS

/** What the operator says of it, and what it works with. */
type RetentionAsk = HouseOptions['retention'] & { readonly clock: Clock; readonly log: Log }

/** The loop that ends what has grown old, a slice at a time, over what each room says of its own. */
export function startRetention(
  { org, outbox, inbox, jobs, mail, timeQueue, traces }: Stores,
  { clock, log, attemptsMs, tracesMs }: RetentionAsk,
): Loop {
  const turn = async () => {
    const now = clock.now()
    const counts = await Promise.all([
      outbox.retain({
        attemptsBefore: now - attemptsMs,
        attemptsMax: ATTEMPTS_MAX,
        attemptsBytesMax: ATTEMPTS_BYTES_MAX,
        deadLettersBefore: now - DEAD_LETTERS_KEPT_MS,
      }),
      org.retainSessions(clock.real()),
      inbox.forget(now - ACCEPTED_KEPT_MS),
      jobs.retainRuns(now - FINISHED_RUNS_KEPT_MS, clock.real()),
      mail.retainEmails({ settledBefore: now - EMAILS_KEPT_MS, settledMax: EMAILS_MAX }),
      timeQueue.retain(now - TIME_ENTRIES_KEPT_MS),
      traces.retain({ before: now - tracesMs, lengthMax: TRACES_LENGTH_MAX }),
    ])
    return counts.some((count) => count > 0) ? ('worked' as const) : ('idle' as const)
  }
  return startLoop(turn, {
    idleMs: LOOK_MS,
    onError: (error) => log.error('retention.failed', { reason: errorText(error) }),
  })
}
