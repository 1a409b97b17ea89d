import type { Instant } from '../../base/clock.ts'
import type { WorkAhead } from '../../base/work-ahead.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { NewTimeEntry, TimeEntry, TimeEntryState } from './time-entry.ts'

/** What a save does to the time queue: a part of its change set. */
export type TimeEntryChanges = {
  readonly added: readonly NewTimeEntry[]
  /** Their date changed: due then, whatever was tried before, and nobody's lease. */
  readonly moved: readonly {
    readonly entryId: string
    readonly dueAt: Instant
    readonly chainIndex: number
  }[]
  readonly ended: readonly EndedEntry[]
}

/** An entry's end, with a sentence for people that says why; null says that it is as it should be. */
export type EndedEntry = {
  readonly entryId: string
  readonly state: Exclude<TimeEntryState, 'pending'>
  readonly reason: string | null
  readonly endedAt: Instant
}

/** The right to carry out one entry until it lapses. */
export type LeasedEntry = { readonly entry: TimeEntry; readonly token: string }

/** A try that came to nothing: what is written down of it, if the lease is still the one given. */
export type PutOffEntry = {
  readonly entryId: string
  readonly token: string
  readonly attemptAt: Instant
  readonly reason: string
  /** Whether it counts as a failed try. */
  readonly isFailure: boolean
}

/** An entry as people see it, ended ones too. */
export type TimeEntryView = TimeEntry & {
  readonly state: TimeEntryState
  readonly isLeased: boolean
  readonly endedAt: Instant | null
}

/** Which entries; what is absent is not asked for. Names in any case. */
export type TimeEntryFilter = {
  readonly entryIds?: readonly string[]
  readonly recordId?: RecordId
  readonly objectName?: string
  /** A part of the rule's or flow's name. */
  readonly sourceName?: string
  readonly userId?: RecordId
  readonly dueBefore?: Instant
  readonly dueFrom?: Instant
  readonly createdBefore?: Instant
  readonly createdFrom?: Instant
  /** Absent: of every state. */
  readonly state?: TimeEntryState
  readonly limit: number
}

/** What the time queue asks of a store. Entries come and go with the org's change sets. */
export type TimeQueueStore = {
  /** Takes what is due, the longest due first. Lapsed leases are free again, by the store's own clock. */
  lease(ask: {
    readonly limit: number
    readonly now: Instant
    readonly leaseMs: number
  }): Promise<readonly LeasedEntry[]>
  /** Writes down failed tries, and gives the leases back. */
  putOff(entries: readonly PutOffEntry[]): Promise<void>
  /** Ends entries whose tries are used up; those whose lease is lost stay as they are. */
  giveUp(entries: readonly (EndedEntry & { readonly token: string })[]): Promise<void>
  workAhead(): Promise<WorkAhead>

  /** The next to be tried first. */
  list(filter: TimeEntryFilter): Promise<readonly TimeEntryView[]>
  /** Removes pending entries for good, also those in hand. Answers how many. */
  del(filter: TimeEntryFilter, end: Pick<EndedEntry, 'reason' | 'endedAt'>): Promise<number>
  /** Makes pending entries due now, whatever their time. Answers how many. */
  hasten(filter: TimeEntryFilter, now: Instant): Promise<number>
  /** Forgets a slice of what ended before. Answers how many. */
  retain(endedBefore: Instant): Promise<number>
}
