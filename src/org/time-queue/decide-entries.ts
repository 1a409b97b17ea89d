import { MINUTE_MS } from '../../base/clock.ts'
import type { EvaluationContext } from '../../rules/evaluation-context.ts'
import { FormulaRuntimeError } from '../../rules/formula/errors.ts'
import type { DueTime } from '../../rules/time-triggers/compile-time-trigger.ts'
import { sourceKey, type TimeEntry, type TimeSource } from './time-entry.ts'

/** What may put a record of an object in the time queue. */
export type TimedTrigger = DueTime & {
  readonly source: TimeSource
  /** Whether the record meets what it waits under: the rule criteria. Throws FormulaRuntimeError. */
  readonly holds: (context: EvaluationContext) => boolean
}

/** An entry as a save sees it; one that the save itself queues has no id yet. */
export type HeldEntry = Pick<TimeEntry, 'source' | 'dueAt' | 'chainIndex'> & {
  readonly entryId: string | null
}

/** What is due within this is due at once: the smallest unit of a scheduled path. */
const AT_ONCE_MS = MINUTE_MS

/** A saved change with what waits for its record. */
export type EntriesAsk = {
  readonly held: readonly HeldEntry[]
  /** Of the object, those that are active. */
  readonly triggers: readonly TimedTrigger[]
  /** Whether this save fired what the trigger belongs to. */
  readonly isFired: (source: TimeSource) => boolean
  /** The place in its chain of what comes to be due at once. */
  readonly chainIndex: number
  /** The record as it is saved, in the event that saved it. */
  readonly context: EvaluationContext
}

/** What goes on waiting, new entries among it, and what does not, with a reason for people. */
export type DecidedEntries = {
  readonly held: readonly HeldEntry[]
  readonly ended: readonly { readonly entry: HeldEntry; readonly reason: string }[]
}

/**
 * Decides what waits for a record after a save. What the record no longer meets is removed, what follows a date
 * moves with it, what fired is queued unless it waits already. Pure.
 */
export function decideEntries(ask: EntriesAsk): DecidedEntries {
  const { held, triggers, isFired, context } = ask
  const chainIndexOf = (dueAt: number) => (dueAt < context.now + AT_ONCE_MS ? ask.chainIndex : 0)
  if (context.record.fields.IsDeleted === true) return allEnded(held, 'the record was deleted')
  const known = new Map(triggers.map((each) => [sourceKey(each.source), each]))
  const meets = memoized((trigger) => meetsNow(trigger, context))
  const kept: HeldEntry[] = []
  const ended: DecidedEntries['ended'][number][] = []
  for (const entry of held) {
    const standing = standingOf(entry, known.get(sourceKey(entry.source)), { meets, context })
    if (standing.kind === 'ends') ended.push({ entry, reason: standing.reason })
    else kept.push(movedTo(standing.dueAt, entry, chainIndexOf))
  }
  const waiting = new Set(kept.map((entry) => sourceKey(entry.source)))
  for (const trigger of triggers) {
    const { source } = trigger
    if (!isFired(source) || waiting.has(sourceKey(source)) || !meets(trigger)) continue
    const dueAt = trigger.dueAt(context)
    if (dueAt === null) continue
    kept.push({ entryId: null, source, dueAt, chainIndex: chainIndexOf(dueAt) })
  }
  return { held: kept, ended }
}

/** Who moves an entry to be due at once takes it into his chain; a date to come ends a chain. */
function movedTo(
  dueAt: number,
  entry: HeldEntry,
  chainIndexOf: (dueAt: number) => number,
): HeldEntry {
  return dueAt === entry.dueAt ? entry : { ...entry, dueAt, chainIndex: chainIndexOf(dueAt) }
}

function allEnded(held: readonly HeldEntry[], reason: string): DecidedEntries {
  return { held: [], ended: held.map((entry) => ({ entry, reason })) }
}

type Standing =
  | { readonly kind: 'waits'; readonly dueAt: number }
  | { readonly kind: 'ends'; readonly reason: string }

function standingOf(
  entry: HeldEntry,
  trigger: TimedTrigger | undefined,
  at: { meets: (trigger: TimedTrigger) => boolean; context: EvaluationContext },
): Standing {
  const ends = (reason: string): Standing => ({ kind: 'ends', reason })
  if (!trigger) return ends('the record was saved, and what queued it is not active any more')
  if (!at.meets(trigger)) return ends('the record was saved, and no longer meets the criteria')
  if (!trigger.followsField) return { kind: 'waits', dueAt: entry.dueAt }
  const dueAt = trigger.dueAt(at.context)
  return dueAt === null ? ends('its date is blank now') : { kind: 'waits', dueAt }
}

/** The triggers of one rule share its criteria, which are evaluated once. */
function memoized(meets: (trigger: TimedTrigger) => boolean): (trigger: TimedTrigger) => boolean {
  const known = new Map<TimedTrigger['holds'], boolean>()
  return (trigger) => {
    const answer = known.get(trigger.holds) ?? meets(trigger)
    known.set(trigger.holds, answer)
    return answer
  }
}

/** Criteria without a result are not met. */
function meetsNow(trigger: TimedTrigger, context: EvaluationContext): boolean {
  try {
    return trigger.holds(context)
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return false
    throw error
  }
}
