import type { SourcePlace } from '../schema/object-definition.ts'

/** When a rule is looked at, in Salesforce's own three values (and a fourth that only its enum has). */
export type TriggerType =
  | 'onCreateOnly' // created
  | 'onAllChanges' // created, and every time it's edited
  | 'onCreateOrTriggeringUpdate' // created, and any time it's edited to subsequently meet criteria
  | 'OnRecursiveUpdate'

export type FilterItem = {
  /** `Object.Field`, one dot. */
  readonly field: string
  readonly operation: string
  readonly value: string
  readonly valueField?: string
}

export type ActionReference = { readonly name: string; readonly type: string }

export type TimeTrigger = {
  readonly actions: readonly ActionReference[]
  /** `Object.Field`; null is the moment the rule fired. */
  readonly offsetFromField: string | null
  readonly timeLength: number
  readonly unit: 'Hours' | 'Days'
}

/** A workflow rule as its file says it, nothing compiled. */
export type WorkflowRule = {
  readonly kind: 'rule'
  readonly objectName: string
  /** As in the file, percent-encoded: the key. `decodeURIComponent` gives the name people see. */
  readonly fullName: string
  readonly active: boolean
  readonly description: string | null
  readonly triggerType: TriggerType
  readonly criteriaItems: readonly FilterItem[]
  readonly booleanFilter: string | null
  readonly formula: string | null
  readonly actions: readonly ActionReference[]
  readonly timeTriggers: readonly TimeTrigger[]
  readonly place: SourcePlace
}

export type FieldUpdateOperation =
  | 'Literal'
  | 'Formula'
  | 'LookupValue'
  | 'Null'
  | 'NextValue'
  | 'PreviousValue'

/** A field update as its file says it. */
export type FieldUpdate = {
  readonly kind: 'fieldUpdate'
  readonly objectName: string
  readonly fullName: string
  readonly name: string
  readonly field: string
  /** Name of the reference field that leads to the parent to update; null for the record itself. */
  readonly targetObject: string | null
  readonly operation: FieldUpdateOperation
  readonly literalValue: string | null
  readonly formula: string | null
  readonly lookupValue: string | null
  readonly lookupValueType: string | null
  readonly reevaluateOnChange: boolean
  readonly notifyAssignee: boolean
  readonly place: SourcePlace
}

/** A task that a rule assigns, as its file says it. */
export type WorkflowTask = {
  readonly kind: 'task'
  readonly objectName: string
  readonly fullName: string
  readonly subject: string
  readonly description: string | null
  /** `owner`, `user`, `role`, `creator`, `accountOwner` …: Salesforce's own words. */
  readonly assignedToType: string
  /** A username or a role's developer name, where the type asks for one. */
  readonly assignedTo: string | null
  /** Days from `offsetFromField`, which is `Object.Field`; null counts from the moment the rule fires. */
  readonly dueDateOffset: number
  readonly offsetFromField: string | null
  readonly priority: string
  readonly status: string
  readonly notifyAssignee: boolean
  readonly place: SourcePlace
}
