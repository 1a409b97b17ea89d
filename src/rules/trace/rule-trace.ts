import type { FieldValue } from '../../schema/field-value.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { TriggerType } from '../workflow-rule.ts'
import type { FormulaTrace } from './formula-trace.ts'

/** What became of a rule at one record change. */
export type RuleVerdict =
  | 'fired'
  | 'did not fire' // its criteria are not met, or have no result
  | 'not evaluated' // it is not looked at for this change: inactive, broken, for new records alone …

/** How a rule was decided in one round, for people and programs. */
export type RuleTrace = {
  /** As the definitions have it, percent-encoded: the key. */
  readonly fullName: string
  /** As people read it. */
  readonly name: string
  readonly triggerType: TriggerType
  /** 0 is the first; then come those that field updates asked for. */
  readonly round: number
  readonly verdict: RuleVerdict
  /** One sentence that says why. */
  readonly reason: string
  /** The criteria with the values that are saved; null where they were not looked at. */
  readonly newValues: ConditionTrace | null
  /** The same with the values before the save: for rules that fire when they are met anew. */
  readonly oldValues: ConditionTrace | null
  /** Of a rule that fired, in file order. */
  readonly fieldUpdates: readonly FieldUpdateTrace[]
  readonly actions: readonly ActionTrace[]
}

/** A rule's criteria, evaluated once. */
export type ConditionTrace =
  | {
      readonly kind: 'criteria'
      readonly met: boolean
      readonly booleanFilter: string | null
      readonly criteria: readonly CriterionTrace[]
    }
  | { readonly kind: 'formula'; readonly met: boolean; readonly formula: FormulaTrace }

/** One filter item, and the value it was compared with. */
export type CriterionTrace = {
  /** From 1, as filter logic counts. */
  readonly number: number
  readonly field: string
  readonly operation: string
  readonly value: string
  readonly met: boolean
  readonly state:
    | 'value'
    | 'blank'
    | 'no parent' // a reference on the way is empty
    | 'not found' // the reference is set, its record is not there
    | 'unknown field' // the definitions do not have it
    | 'failed' // a formula field without a result
  /** Of a reference the record's name; null where there is none. */
  readonly seen: FieldValue
}

/** What a field update came to. */
export type FieldUpdateTrace = {
  readonly fullName: string
  readonly objectName: string
  readonly recordId: RecordId | null
  readonly field: string
  readonly outcome: 'changed' | 'unchanged' | 'no parent' | 'failed'
  readonly before: FieldValue
  readonly after: FieldValue
  /** Why it failed. */
  readonly reason: string | null
}

/** An action that is not a field update, and whether it is carried out when the save commits. */
export type ActionTrace = {
  readonly type: string
  readonly name: string
  readonly outcome: 'spooled' | 'not executed'
  readonly reason: string | null
}
