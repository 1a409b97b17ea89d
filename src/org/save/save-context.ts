import type { Instant } from '../../base/clock.ts'
import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { Permissions } from '../people/permissions.ts'

/** All that a decision may look at besides the records: fixed for one try. */
export type SaveContext = {
  readonly definitions: OrgDefinitions
  readonly organizationId: RecordId
  /** The running user. */
  readonly userId: RecordId
  readonly permissions: Permissions
  readonly now: Instant
  /** `now` as a date-time value, whole seconds. */
  readonly nowText: string
  /** Defaults of a new record for the fields that were not given. */
  readonly defaultsFor: (
    object: ObjectDefinition,
    given: ReadonlyMap<string, FieldValue>,
  ) => FieldValues
  readonly fire: (change: RecordChange) => FiredRules
}

/** What the rules make of one change. */
export type FiredRules = {
  /** The record's own fields that field updates set. */
  readonly updates: FieldValues
  /** Parents that field updates write, with what they set. */
  readonly parents: readonly { readonly recordId: RecordId; readonly fields: FieldValues }[]
  /** Rules that fired, by full name, and the outbound messages they owe, by key; in file order. */
  readonly fired: readonly {
    readonly ruleFullName: string
    readonly outboundMessageKeys: readonly string[]
  }[]
}
