import type { Instant } from '../base/clock.ts'
import type { FieldValues } from '../schema/field-value.ts'
import type { OrgSettings } from '../schema/org-settings.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'

/** The user in whose name the record is saved: `$User`, `$Profile`, `$UserRole`, and `User.X` in criteria. */
export type RunningUser = {
  readonly record: OrgRecord | null
  readonly profile: OrgRecord | null
  readonly role: OrgRecord | null
  /** Developer names of the custom permissions the user has, in lower case. */
  readonly permissions: ReadonlySet<string>
}

/**
 * All that an evaluation may look at. Nothing is read meanwhile: the caller reads the records on the
 * compiled paths beforehand, `related` only finds them again.
 */
export type EvaluationContext = {
  readonly record: OrgRecord
  /** The record before the first update of the transaction; null when it is new. */
  readonly before: OrgRecord | null
  readonly isNew: boolean
  readonly isClone?: boolean
  /** Answers for every id on a compiled path: parents, users, queues (Group), record types, profiles, roles. */
  readonly related: (id: RecordId) => OrgRecord | undefined
  /** Finds the record of an object by its Name, for VLOOKUP; missing where formulas may not look for records. */
  readonly recordNamed?: (objectName: string, name: string) => OrgRecord | undefined
  readonly now: Instant
  readonly user: RunningUser
  readonly org: OrgSettings & { readonly id: string }
  /** `$Setup`: the hierarchy custom setting as the running user sees it, already merged. */
  readonly setup?: (objectName: string) => FieldValues | undefined
  /** `$Organization`: the organisation's own record. */
  readonly organization?: OrgRecord | null
  /** `$Api`: where this org is reached from outside; null where nobody said so. */
  readonly serverUrl?: string | null
  /** `$Label`: the text of a custom label, by its name in any case; a namespace goes before two underscores. */
  readonly label?: (name: string) => string | undefined
  /** Exchange rate of an ISO code against the corporate currency, for CURRENCYRATE. */
  readonly currencyRate?: (isoCode: string) => string | undefined
  /** What a flow's variables hold, and which of its elements it came by: see rules/flow. */
  readonly variables?: ReadonlyMap<string, unknown>
}

/** A user about whom nothing is known, for evaluations without one. */
export const NOBODY: RunningUser = {
  record: null,
  profile: null,
  role: null,
  permissions: new Set(),
}
