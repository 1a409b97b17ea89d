import type { Org } from '../open-org.ts'
import type { EntryChanges } from './entry-book.ts'
import { sourceName, type TimeEntry } from './time-entry.ts'

/** After the commit: one log line for each entry that came, moved or went. */
export function tellOfEntries(
  { log, clock, onTimed }: Pick<Org, 'log' | 'clock' | 'onTimed'>,
  { timeEntries }: { readonly timeEntries: EntryChanges },
): void {
  for (const { source, recordId, dueAt } of timeEntries.added) {
    log.info('time.queued', { source: sourceName(source), recordId, dueAt: isoOf(dueAt) })
  }
  for (const { entry, dueAt } of timeEntries.moved) {
    log.info('time.moved', { ...named(entry), dueAt: isoOf(dueAt) })
  }
  for (const { entry, state, reason } of timeEntries.ended) {
    const level = state === 'failed' ? 'warn' : 'info'
    log[level](`time.${state}`, { ...named(entry), reason })
  }
  const now = clock.now()
  const { added, moved } = timeEntries
  if ([...added, ...moved].some(({ dueAt }) => dueAt <= now)) onTimed?.()
}

function named({ entryId, source, recordId }: TimeEntry) {
  return { entryId, source: sourceName(source), recordId }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}
