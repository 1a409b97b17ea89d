import type { Instant } from '../base/clock.ts'
import type { NewEmail } from '../mail/email.ts'
import type { NewNotification } from '../outbox/notification.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { StoredDefinition } from './definitions.ts'
import type { Select, SelectRow } from './select.ts'
import type { TimeEntry } from './time-queue/time-entry.ts'
import type { TimeEntryChanges } from './time-queue/time-queue-store.ts'

/** All that one decision writes: all of it or nothing. */
export type ChangeSet = {
  readonly records: readonly RecordWrite[]
  readonly notifications: readonly NewNotification[]
  readonly timeEntries?: TimeEntryChanges
  /** E-mails that are owed; absent: none. */
  readonly emails?: readonly NewEmail[]
  readonly expectations: readonly Expectation[]
  /** A small fact of the installation that is true from this commit on. */
  readonly setting?: Setting
}

export type Setting = { readonly name: string; readonly value: string }

/** A delete keeps the row with `IsDeleted` true: it can be told from one that never was. */
export type RecordWrite =
  | { readonly kind: 'insert'; readonly record: OrgRecord }
  | { readonly kind: 'update' | 'delete'; readonly record: OrgRecord }

/** What must hold in the commit for the record `recordId` to be written. */
export type Expectation = { readonly recordId: RecordId } & (
  | { readonly kind: 'unchanged'; readonly objectName: string; readonly version: number } // since it was read
  | {
      readonly kind: 'unreferred' // by records that this commit does not write: `recordId` is deleted
      readonly objectName: string
      readonly field: string
      readonly written: readonly RecordId[]
    }
  | { readonly kind: 'exists'; readonly objectName: string; readonly referredId: RecordId } // what it refers to
  | {
      readonly kind: 'free' // nobody else has this value
      readonly objectName: string
      readonly field: string
      readonly value: string
      /** The key an upsert went by: taken means that it is an update. */
      readonly upsert: boolean
    }
  | {
      readonly kind: 'entryPending' // an entry of the time queue waits still
      readonly entryId: string
      /** Whose hand it must be in; null: in anybody's, or nobody's. */
      readonly token: string | null
    }
)

/** Data, not an exception: somebody must decide what a failed expectation means. */
export type CommitAnswer =
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly expectations: readonly Expectation[] }

/** Records to read, by id or by the value of a unique field. Deleted ones are found only where asked for. */
export type RecordAsk =
  | {
      readonly kind: 'ids'
      readonly objectName: string
      readonly ids: readonly RecordId[]
      /** Names of the fields to answer; all where they are not said. */
      readonly fields?: readonly string[]
      /** True: deleted ones too, with `IsDeleted` true. */
      readonly includeDeleted?: boolean
    }
  | {
      readonly kind: 'key'
      readonly objectName: string
      readonly field: string
      readonly values: readonly string[]
      /** Names of the fields to answer; all where they are not said. */
      readonly fields?: readonly string[]
      readonly limit?: number
      /** Of those that share a value the one with the least id: they may be very many. */
      readonly firstOnly?: boolean
      /** Only those whose ids come after this one. */
      readonly after?: RecordId
    }
  | {
      readonly kind: 'all'
      readonly objectName: string
      readonly limit: number
      readonly after?: RecordId
    }

export type Session = {
  /** SHA-256 of the token, hex: the token itself is never kept. */
  readonly tokenHash: string
  readonly userId: RecordId
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** What the org asks of a store. */
export type OrgStore = {
  /** Reads what the asks name, and the pending time entries of some records, as committed. One round trip. */
  readRecords(
    asks: readonly RecordAsk[],
    timedIds?: readonly RecordId[],
  ): Promise<{
    readonly records: readonly OrgRecord[]
    readonly timeEntries: readonly TimeEntry[]
    readonly definitionsVersion: number
  }>
  /** Writes all of the set or nothing, and answers when it is on disk. */
  commit(changeSet: ChangeSet): Promise<CommitAnswer>
  /** Takes `count` serial numbers nobody else gets, and answers the first. Gaps are allowed. */
  reserveSerials(sequence: string, count: number, startingAt?: number): Promise<number>
  /** Runs a compiled query; ends with a QueryTimeout refusal at its deadline. */
  select(select: Select, deadlineMs: number): Promise<readonly SelectRow[]>

  readDefinitions(): Promise<{
    readonly version: number
    readonly definitions: readonly StoredDefinition[]
    /** Objects of which records are, or once were, in the time queue. */
    readonly timedObjects: readonly string[]
  }>
  /**
   * Makes the definitions of `source` what is given: adds, replaces, and drops those it no longer names.
   * Creates and extends the tables of objects, keeps ids of definitions by kind and key. Answers the new
   * version, or the present one when nothing changed. The source `built-in` replaces no other's definitions.
   */
  replaceDefinitions(
    source: string,
    definitions: readonly Omit<StoredDefinition, 'id' | 'source'>[],
  ): Promise<number>

  readPasswordHash(userId: RecordId): Promise<string | null>
  writePasswordHash(userId: RecordId, hash: string): Promise<void>
  readSession(tokenHash: string): Promise<Session | null>
  writeSession(session: Session): Promise<void>
  deleteSession(tokenHash: string): Promise<void>
  /** Ends all sessions of the user. */
  endSessions(userId: RecordId): Promise<void>
  /** Removes those that are over; answers how many. */
  retainSessions(real: Instant): Promise<number>

  /** Small facts of the installation: organisation id, clock shift. Null when not set. */
  readSetting(name: string): Promise<string | null>
  writeSetting(name: string, value: string): Promise<void>
  /** Writes it when it is not set, and answers what is set then. */
  claimSetting(name: string, value: string): Promise<string>
}
