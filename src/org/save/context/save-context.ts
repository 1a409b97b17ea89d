import type { Instant } from '../../../base/clock.ts'
import type { Assignment } from '../../../rules/actions/assignment.ts'
import type { RuleOutcome } from '../../../rules/compile-rules.ts'
import type { FiredTask } from '../../../rules/fire-rules.ts'
import type { RuleTrace } from '../../../rules/trace/rule-trace.ts'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { Permissions } from '../../people/permissions.ts'
import type { Timers } from '../../time-queue/entry-book.ts'
import type { TimeSource } from '../../time-queue/time-entry.ts'
import type { SaveWitness } from '../../trace/save-trace.ts'
import type { SaveError } from '../../values/save-error.ts'
import type { DetailsAsk } from '../found-for-save.ts'
import type { RecordTypes } from '../record/record-types.ts'
import type { FlowsForSave } from './flows-for-save.ts'
import type { Detail, RolledUpMaster } from './roll-up-for-save.ts'
import type { Validated } from './validate-for-save.ts'

/** All that a decision may look at besides the records: fixed for one try. */
export type SaveContext = {
  readonly definitions: OrgDefinitions
  readonly organizationId: RecordId
  /** The running user. */
  readonly userId: RecordId
  readonly username: string
  readonly permissions: Permissions
  readonly now: Instant
  /** `now` as a date-time value, whole seconds. */
  readonly nowText: string
  /** Defaults of a new record for the fields that were not given. */
  readonly defaultsFor: (
    object: ObjectDefinition,
    given: ReadonlyMap<string, FieldValue>,
  ) => FieldValues
  /** The flows before the save: what they set is validated with the rest. */
  readonly beforeSave: (change: RecordChange) => FlowsForSave
  readonly recordTypes: RecordTypes
  /** The validation rules' say, before any workflow rule. */
  readonly validate: (change: RecordChange) => Validated
  readonly fire: (change: RecordChange) => Firing
  /** What the written records make of their masters. */
  readonly rollUp: (written: ReadonlyMap<RecordId, Detail>) => ReadonlyMap<RecordId, RolledUpMaster>
  /** Records behind a reference field, as committed; null where they were not read yet, which is noted. */
  readonly detailsOf: (ask: DetailsAsk) => readonly OrgRecord[] | null
  /** A living record as committed; what was not read yet is noted. */
  readonly related: (id: RecordId) => OrgRecord | undefined
  /** The flows after the save, behind the workflow rules. */
  readonly afterSave: (change: RecordChange) => FlowsForSave
  readonly timers: Timers
  /** What the source of a due entry does with its record, as it stands. */
  readonly fireDue: (source: TimeSource, record: OrgRecord) => DueFiring
  /** An id for a record that the decision itself makes. */
  readonly newId: (keyPrefix: string) => RecordId
  /** What one rule, an inactive one too, makes of a change: for people who try it. */
  readonly tellRule: (outcome: RuleOutcome, change: RecordChange) => RuleTrace
  /** Called where a decision begins, and where it begins anew without what masters refuse. */
  readonly begin: () => void
  /** The same context, which tells the witness what it looks at. */
  readonly witnessed: (witness: SaveWitness) => SaveContext
}

/** An action by its key, with the rule or flow that calls it. */
export type FiredAction = { readonly key: string; readonly ruleFullName: string }

/** What the rules, or the flows, make of one change. */
export type Firing = {
  /** The record's own fields that field updates set. */
  readonly updates: FieldValues
  /** Parents that field updates write, with what they set. */
  readonly parents: ReadonlyMap<RecordId, FieldValues>
  /** Full names, in the order the rules fired. */
  readonly rules: readonly string[]
  /** Names of the flows that ran, in their order. */
  readonly flows: readonly string[]
  /** One for each rule and outbound message; `key` is `Object.Name`. */
  readonly owed: readonly FiredAction[]
  /** Tasks to insert: each then goes through its own save. */
  readonly tasks: readonly FiredTask[]
  /** E-mail alerts to send; `key` is `Object.Name`. */
  readonly alerts: readonly FiredAction[]
  /** New owners to tell. */
  readonly assignments: readonly Assignment[]
  /** What a person should know: actions that are not carried out, formulas without a result. */
  readonly remarks: readonly Remark[]
}

/** What the source of an entry of the time queue makes of its record when it is due. */
export type DueFiring =
  | { readonly kind: 'fired'; readonly firing: Firing }
  | { readonly kind: 'ran'; readonly firing: Firing } // a flow: what it sets goes through a whole save
  | { readonly kind: 'failed'; readonly errors: readonly SaveError[] }
  | { readonly kind: 'not met'; readonly reason: string } // it is removed
  | { readonly kind: 'held'; readonly reason: string } // it waits on

export type Remark = {
  readonly kind: 'not executed' | 'failed'
  readonly rule: string
  readonly text: string
}
