import { randomUUID } from 'node:crypto'
import type { Instant } from '../../base/clock.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { EntryChanges } from './entry-book.ts'
import type { TimeEntryChanges } from './time-queue-store.ts'

/** What a save made of the time queue, as the store writes it: new entries have their ids, and whose they are. */
export function toEntryChanges(
  { added, moved, ended }: EntryChanges,
  { userId, now }: { userId: RecordId; now: Instant },
): TimeEntryChanges {
  return {
    added: added.map((each) => ({ ...each, entryId: randomUUID(), userId, createdAt: now })),
    moved: moved.map(({ entry, ...to }) => ({ entryId: entry.entryId, ...to })),
    ended: ended.map(({ entry: { entryId }, state, reason }) => {
      return { entryId, state, reason, endedAt: now }
    }),
  }
}
