import { fieldOf } from '../../schema/object-definition.ts'
import type { Test } from '../criteria/filter-logic.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { fieldValueOf } from '../formula/compile-formula.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { DueTime } from '../time-triggers/compile-time-trigger.ts'
import {
  OFFSET_LENGTH_MAX,
  offsetFieldValue,
  offsetInstant,
} from '../time-triggers/offset-instant.ts'
import type { FlowDefinition, FlowEntry, FlowPath } from './flow-definition.ts'
import type { CompiledEntry } from './flow-entry.ts'
import { refuseFlow } from './flow-error.ts'
import type { FlowScope } from './flow-scope.ts'
import { compileReference } from './values/flow-values.ts'

/** A path of a flow that runs later, ready to be queued and run. */
export type CompiledPath = DueTime & {
  readonly name: string
  readonly label: string
  /** The element it begins with; null does nothing. */
  readonly first: string | null
  /** Whether a record still meets what the path waits under. Throws FormulaRuntimeError. */
  readonly holds: Test<EvaluationContext>
}

/** Compiles when a path is due, and what it waits under. Throws FlowError. */
export function compilePath(
  { name, label, first, after }: FlowPath,
  flow: FlowDefinition,
  { entry, scope }: { readonly entry: CompiledEntry; readonly scope: FlowScope },
): CompiledPath {
  const head = { name, label, first, paths: [] }
  if (flow.triggerType === 'RecordBeforeSave')
    refuseFlow('a flow before the save has no such paths')
  if (after.kind === 'commit') {
    // Its conditions were met by the save, perhaps by what it changed: nothing is asked again.
    return { ...head, dueAt: ({ now }) => now, followsField: false, holds: () => true }
  }
  if (asksForChanges(flow.entry)) {
    refuseFlow('its entry conditions ask what a save changed, which they cannot when it is due')
  }
  const offset = { length: after.offset, unit: after.unit }
  if (Math.abs(offset.length) > OFFSET_LENGTH_MAX) {
    refuseFlow(`${offset.length} ${offset.unit} are more than anybody waits`)
  }
  const { isMet: holds } = entry
  const { field } = after
  if (field === null) {
    const dueAt = ({ now, org }: EvaluationContext) => offsetInstant(now, offset, org.timeZone)
    return { ...head, dueAt, followsField: false, holds }
  }
  const type = fieldOf(scope.object, field)?.type
  if (type !== 'date' && type !== 'datetime') {
    refuseFlow(`${scope.object.name} has no date field ${field}`)
  }
  const read = fieldValueOf(compileReference(`$Record.${field}`, scope))
  const dueAt = (context: EvaluationContext) => {
    const value = valueOrNull(read, context)
    if (typeof value !== 'string') return null
    return offsetFieldValue(value, offset, context.org.timeZone)
  }
  return { ...head, dueAt, followsField: true, holds }
}

/** A formula field without a result is blank. */
function valueOrNull(read: ReturnType<typeof fieldValueOf>, context: EvaluationContext) {
  try {
    return read(context)
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return null
    throw error
  }
}

const CHANGE = /\$Record__Prior\b|\b(?:ISCHANGED|PRIORVALUE|ISNEW)\s*\(/i

function asksForChanges({ conditions, formula }: FlowEntry): boolean {
  if (formula !== null) return CHANGE.test(formula)
  return conditions.some(
    ({ operator, right }) =>
      operator === 'IsChanged' || (right.kind === 'reference' && CHANGE.test(right.name)),
  )
}
