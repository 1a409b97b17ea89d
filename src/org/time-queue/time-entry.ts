import type { Instant } from '../../base/clock.ts'
import { decodePercent } from '../../base/decode-percent.ts'
import type { RecordId } from '../../schema/record-id.ts'

/** What put an entry in the time queue, and carries on with the record when it is due. */
export type TimeSource =
  | {
      readonly kind: 'rule' // a time trigger of a workflow rule of the record's object
      /** As the file names the rule, percent-encoded. */
      readonly ruleFullName: string
      /** The trigger's place among those of its rule, from 0. */
      readonly triggerIndex: number
    }
  | {
      readonly kind: 'flow' // a scheduled path of a flow
      readonly flowName: string
      readonly pathName: string
    }

/** One record's turn at a later time: a pending action of Salesforce's page Time-Based Workflow. */
export type NewTimeEntry = {
  readonly entryId: string
  readonly source: TimeSource
  readonly objectName: string
  readonly recordId: RecordId
  /** Who saved the record when the rule fired: the running user of what is carried out. */
  readonly userId: RecordId
  readonly createdAt: Instant
  /** By the org's time; in the past when its date was past already. */
  readonly dueAt: Instant
  /** How many entries came before it in its chain: each was due at once, queued by carrying out the one before. */
  readonly chainIndex: number
}

/** An entry that waits. */
export type TimeEntry = NewTimeEntry & {
  /** When it is tried next: its due time, or later after a try that failed. */
  readonly attemptAt: Instant
  /** Tries that failed; a crash is none. */
  readonly attemptCount: number
  /** Why the last try failed, or what it waits for besides its time. */
  readonly failureReason: string | null
}

/** What became of an entry; ended ones are kept for a while, for people. */
export type TimeEntryState =
  | 'pending'
  | 'executed' // its actions were carried out
  | 'removed' // before it was due, or because the record did not meet the criteria then
  | 'failed' // given up after its tries

/** A text that tells the sources of one object's entries apart. */
export function sourceKey(source: TimeSource): string {
  return source.kind === 'rule'
    ? `rule ${source.triggerIndex} ${source.ruleFullName}`
    : `flow ${source.pathName} ${source.flowName}`
}

/** What people call it: `rule "Remind me"`, `flow "Follow_up"`. */
export function sourceName(source: TimeSource): string {
  return source.kind === 'rule'
    ? `rule ${JSON.stringify(decodePercent(source.ruleFullName))}`
    : `flow ${JSON.stringify(source.flowName)}`
}
