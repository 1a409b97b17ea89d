import type { Instant } from '../base/clock.ts'
import { decodePercent } from '../base/decode-percent.ts'
import type { TimeSource } from '../org/time-queue/time-entry.ts'
import type { TimeEntryView } from '../org/time-queue/time-queue-store.ts'
import type { StoryEvent } from './timeline.ts'

/** What waits for the record in the time queue, or did. */
export type StoryTimeEntry = Pick<
  TimeEntryView,
  'entryId' | 'state' | 'createdAt' | 'dueAt' | 'endedAt' | 'failureReason'
> & {
  /** `time trigger 1 of rule "Remind"`, `path "Later" of flow "Follow_up"`. */
  readonly name: string
  /** A sentence while it waits. */
  readonly whyNotYet: string | null
}

/** The entries as a story tells them. */
export function timeEntriesOf(
  entries: readonly TimeEntryView[],
  now: Instant,
): readonly StoryTimeEntry[] {
  return entries.map((entry) => ({
    entryId: entry.entryId,
    state: entry.state,
    createdAt: entry.createdAt,
    dueAt: entry.dueAt,
    endedAt: entry.endedAt,
    failureReason: entry.failureReason,
    name: nameOf(entry.source),
    whyNotYet: whyNotYet(entry, now),
  }))
}

/** When each came into the time queue, and what became of it. */
export function timeEvents(entries: readonly StoryTimeEntry[]): readonly StoryEvent[] {
  return entries.flatMap(({ entryId, name, createdAt, endedAt, ...entry }) => {
    const about = { ...NOTHING_ELSE, entryId }
    const text = `${name} was put in the time queue`
    const queued: StoryEvent = { ...about, at: createdAt, kind: 'dueLater', text }
    if (endedAt === null) return [queued]
    const ended = `${name} ${endText(entry)}`
    return [queued, { ...about, at: endedAt, kind: 'dueEnded', text: ended }]
  })
}

const NOTHING_ELSE = {
  notificationId: null,
  attemptId: null,
  runId: null,
  emailId: null,
  traceId: null,
  verdicts: [],
}

function nameOf(source: TimeSource): string {
  if (source.kind === 'flow') return `path "${source.pathName}" of flow "${source.flowName}"`
  const rule = JSON.stringify(decodePercent(source.ruleFullName))
  return `time trigger ${source.triggerIndex + 1} of rule ${rule}`
}

function endText({ state, failureReason }: Pick<StoryTimeEntry, 'state' | 'failureReason'>) {
  const why = failureReason === null ? '' : `: ${failureReason}`
  if (state === 'executed') return 'was due, and was carried out'
  return state === 'failed' ? `was due, and was given up${why}` : `was removed from it${why}`
}

function whyNotYet(
  { state, dueAt, attemptAt, failureReason, isLeased }: TimeEntryView,
  now: Instant,
): string | null {
  if (state !== 'pending') return null
  if (isLeased) return 'It is being carried out now.'
  if (failureReason !== null) {
    return `It was due at ${timeOf(dueAt)}; ${failureReason}; it is looked at again at ${timeOf(attemptAt)}.`
  }
  if (attemptAt > now) return `It is due at ${timeOf(attemptAt)}.`
  return 'It is due, and goes with the next turn of the time queue.'
}

function timeOf(at: Instant): string {
  return new Date(at).toISOString()
}
