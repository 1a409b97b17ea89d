import type { RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Expectation } from '../org-store.ts'
import type { DecidedEntries, HeldEntry } from './decide-entries.ts'
import type { NewTimeEntry, TimeEntry } from './time-entry.ts'
import type { EndedEntry, LeasedEntry } from './time-queue-store.ts'

/** What a save may ask about the time queue. */
export type Timers = {
  /** What waits for the record, as committed. */
  readonly entriesOf: (recordId: RecordId) => readonly TimeEntry[]
  /** What waits for it after the change, which fired and ran what is said. */
  readonly decide: (
    change: RecordChange,
    fired: Fired,
    held: readonly HeldEntry[],
  ) => DecidedEntries
}

/** What a save fired, as the time queue takes it. */
export type Fired = {
  /** Full names of the rules that fired. */
  readonly rules: readonly string[]
  /** Names of the flows that ran. */
  readonly flows: readonly string[]
  /** The place in its chain of what the save queues to be due at once; 0 unless it carries an entry out. */
  readonly chainIndex: number
}

type RecordName = Pick<RecordChange, 'objectName' | 'recordId'>
type EndOf = Pick<EndedEntry, 'state' | 'reason'>

/** What a save makes of the time queue. New entries have no id yet. */
export type EntryChanges = {
  readonly added: readonly Omit<NewTimeEntry, 'entryId' | 'userId' | 'createdAt'>[]
  readonly moved: readonly {
    readonly entry: TimeEntry
    readonly dueAt: number
    readonly chainIndex: number
  }[]
  readonly ended: readonly (EndOf & { readonly entry: TimeEntry })[]
  readonly expectations: readonly Expectation[]
}

/** The entries of the records that a save writes, as they come to stand while it is decided. */
export type EntryBook = {
  /** Takes a saved change in. */
  saved(change: RecordChange, fired: Fired): void
  /** Ends an entry that is due and in hand. */
  end(leased: LeasedEntry, end: EndOf): void
  /** Whether it waits still, for the time it was leased with: this save has neither moved nor ended it. */
  waits(entry: TimeEntry): boolean
  changes(): EntryChanges
}

type Page = RecordName & {
  readonly committed: readonly TimeEntry[]
  held: readonly HeldEntry[]
  readonly ends: Map<string, EndOf>
}

/** Opens an empty book for one decision. */
export function openEntryBook(timers: Timers): EntryBook {
  const pages = new Map<RecordId, Page>()
  const tokens = new Map<string, string>()

  const pageOf = ({ objectName, recordId }: RecordName): Page => {
    const known = pages.get(recordId)
    if (known) return known
    const committed = timers.entriesOf(recordId)
    const page = { objectName, recordId, committed, held: committed, ends: new Map() }
    pages.set(recordId, page)
    return page
  }

  return {
    saved(change, fired) {
      const page = pageOf(change)
      const { held, ended } = timers.decide(change, fired, page.held)
      page.held = held
      for (const { entry, reason } of ended) {
        if (entry.entryId !== null) page.ends.set(entry.entryId, { state: 'removed', reason })
      }
    },
    end({ entry, token }, end) {
      const page = pageOf(entry)
      page.held = page.held.filter(({ entryId }) => entryId !== entry.entryId)
      page.ends.set(entry.entryId, end)
      tokens.set(entry.entryId, token)
    },
    waits(entry) {
      const held = pageOf(entry).held.find(({ entryId }) => entryId === entry.entryId)
      return held?.dueAt === entry.dueAt
    },
    changes: () => changesOf([...pages.values()], tokens),
  }
}

function changesOf(pages: readonly Page[], tokens: ReadonlyMap<string, string>): EntryChanges {
  return {
    added: pages.flatMap(({ recordId, objectName, held }) =>
      held
        .filter(({ entryId }) => entryId === null)
        .map(({ source, dueAt, chainIndex }) => {
          return { source, objectName, recordId, dueAt, chainIndex }
        }),
    ),
    moved: pages.flatMap(({ committed, held }) =>
      committed.flatMap((entry) => {
        const now = held.find(({ entryId }) => entryId === entry.entryId)
        if (!now || now.dueAt === entry.dueAt) return []
        return [{ entry, dueAt: now.dueAt, chainIndex: now.chainIndex }]
      }),
    ),
    ended: pages.flatMap(({ committed, ends }) =>
      committed.flatMap((entry) => {
        const end = ends.get(entry.entryId)
        return end ? [{ ...end, entry }] : []
      }),
    ),
    // What was decided holds for the entries that were there: whoever ended one meanwhile came first.
    expectations: pages.flatMap(({ recordId, committed }) =>
      committed.map(({ entryId }) => {
        const token = tokens.get(entryId) ?? null
        return { kind: 'entryPending' as const, recordId, entryId, token }
      }),
    ),
  }
}
