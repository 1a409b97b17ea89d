import { unreachable } from '../../base/unreachable.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { Test } from '../criteria/filter-logic.ts'
import type { RuleContext } from '../evaluate-rule.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { FlowDefinition } from './flow-definition.ts'
import { refuseFlow } from './flow-error.ts'
import type { FlowScope } from './flow-scope.ts'
import { compileConditions, type SeenCondition } from './values/flow-conditions.ts'
import { compileFlowFormula, compileReference } from './values/flow-values.ts'

/** A flow's entry conditions, ready to be asked. */
export type CompiledEntry = {
  /** Whether a record meets them. Throws FormulaRuntimeError. */
  readonly isMet: Test<EvaluationContext>
  readonly see: (context: EvaluationContext) => readonly SeenCondition[]
}

/** Compiles entry filters or the entry formula. Throws FlowError. */
export function compileEntry({ entry }: FlowDefinition, scope: FlowScope): CompiledEntry {
  if (entry.formula === null) {
    const leftOf = (field: string) => compileReference(`$Record.${field}`, scope)
    const { hold, see } = compileConditions(entry, leftOf, scope)
    return { isMet: hold, see }
  }
  if (entry.conditions.length > 0) {
    refuseFlow('it has entry filters and an entry formula: Salesforce takes one of them')
  }
  const { formula } = entry
  const { run } = compileFlowFormula(formula, 'Boolean', scope)
  const isMet = (context: EvaluationContext) => run(context) === true
  return {
    isMet,
    see: (context) => {
      const holds = isMet(context)
      return [{ condition: formula, value: String(holds), isMet: holds }]
    },
  }
}

/** What decides whether a flow runs for a change. */
export type Entering = Pick<FlowDefinition, 'recordTriggerType'> & {
  readonly requiresChange: boolean
  readonly entry: CompiledEntry
}

/** Whether a flow runs for a change, or in a word why not. */
export type Entrance =
  | 'entered'
  | 'not for new records'
  | 'not for updates'
  | 'its entry conditions are not met'
  | 'its entry conditions were met before the save too'

/**
 * Whether a change makes the flow run: of the kind it is for, and the entry conditions are met; where it
 * asks for that, by this save and not before it. Throws FormulaRuntimeError.
 */
export function entranceOf(
  { recordTriggerType, requiresChange, entry }: Entering,
  { before, after }: Pick<RecordChange, 'before' | 'after'>,
  context: RuleContext,
): Entrance {
  if (!isOfKind(recordTriggerType, before === null)) {
    return before === null ? 'not for new records' : 'not for updates'
  }
  const isMet = entry.isMet({ ...context, record: after, before, isNew: before === null })
  if (!isMet) return 'its entry conditions are not met'
  if (!requiresChange || before === null) return 'entered'
  return wasMet(entry, { ...context, record: before, before, isNew: false })
    ? 'its entry conditions were met before the save too'
    : 'entered'
}

function isOfKind(trigger: FlowDefinition['recordTriggerType'], isNew: boolean): boolean {
  switch (trigger) {
    case 'Create':
      return isNew
    case 'Update':
      return !isNew
    case 'CreateAndUpdate':
      return true
    default:
      return unreachable(trigger)
  }
}

/** Old values without a result did not meet the conditions. */
function wasMet({ isMet }: CompiledEntry, context: EvaluationContext): boolean {
  try {
    return isMet(context)
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return false
    throw error
  }
}
