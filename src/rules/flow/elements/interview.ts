import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import type { SeenCondition } from '../values/flow-conditions.ts'

/** What one element of a flow did, for an account of the run. */
export type FlowStep =
  | {
      readonly kind: 'decision'
      readonly element: string
      /** The outcome that was taken; null is the default one. */
      readonly outcome: string | null
      readonly rules: readonly { readonly name: string; readonly seen: readonly SeenCondition[] }[]
    }
  | {
      readonly kind: 'set'
      readonly element: string
      /** `$Record.Name`, `Account.Rating` or a variable's name, with what it holds now. */
      readonly target: string
      readonly value: FieldValue
    }
  | { readonly kind: 'skipped'; readonly element: string; readonly reason: string }
  | { readonly kind: 'action'; readonly element: string; readonly action: string }

/** Fields of a parent that a flow sets. */
export type FlowParentUpdate = {
  readonly recordId: RecordId
  readonly fields: FieldValues
}

/** One run of a flow, as far as it has come. */
export type Interview = {
  /** Its `record` is `$Record` as the flow sees it now. */
  context: EvaluationContext
  readonly variables: Map<string, unknown>
  /** Fields of `$Record` that an assignment has changed in memory. */
  readonly assigned: Set<string>
  /** Fields of `$Record` to be saved. */
  readonly saved: Record<string, FieldValue>
  readonly parentUpdates: FlowParentUpdate[]
  /** `Object.Name` of each, in the order they were come by. */
  readonly outboundMessages: string[]
  readonly alerts: string[]
  /** Null: nobody listens. */
  readonly steps: FlowStep[] | null
}

/** Carries one element out and says which is next; null ends the run. Throws FormulaRuntimeError. */
export type FlowNode = (interview: Interview) => string | null

/** Sets a field of `$Record` in memory, and for good where `isSaved` says so. */
export function setRecordField(
  interview: Interview,
  { name, value, isSaved }: { name: string; value: FieldValue; isSaved: boolean },
): void {
  const { record } = interview.context
  const changed = { ...record, fields: { ...record.fields, [name]: value } }
  interview.context = { ...interview.context, record: changed }
  if (isSaved) interview.saved[name] = value
  else interview.assigned.add(name)
}
