import { unreachable } from '../base/unreachable.ts'
import type { RecordChange } from '../schema/record.ts'
import type { CompiledRule } from './compile-rule.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { FormulaRuntimeError } from './formula/errors.ts'

/** What an evaluation looks at besides the change itself. */
export type RuleContext = Omit<EvaluationContext, 'record' | 'before' | 'isNew'>

/**
 * Whether a saved change fires the rule. `before` is the record before the transaction, whatever field
 * updates did meanwhile. Throws FormulaRuntimeError when the new values have no result.
 */
export function ruleFires(
  rule: CompiledRule,
  change: Pick<RecordChange, 'before' | 'after'>,
  context: RuleContext,
): boolean {
  const { before, after } = change
  if (!rule.active) return false
  const isNew = before === null
  const meets = () => rule.holds({ ...context, record: after, before, isNew })
  switch (rule.triggerType) {
    case 'onCreateOnly':
      return isNew && meets()
    case 'onAllChanges':
      return meets()
    case 'onCreateOrTriggeringUpdate':
      if (!meets()) return false
      // Fires on the edit that makes the record meet the criteria, or gives it another parent.
      return (
        before === null || reparentedBy(rule, change) !== null || !metBefore(rule, before, context)
      )
    case 'OnRecursiveUpdate':
      return false // No file has it, no document says what it means.
    default:
      return unreachable(rule.triggerType)
  }
}

/** Whether the old values met the criteria; values without a result did not. */
function metBefore(
  rule: CompiledRule,
  before: EvaluationContext['record'],
  context: RuleContext,
): boolean {
  try {
    return rule.holds({ ...context, record: before, before, isNew: false })
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return false
    throw error
  }
}

/** The lookup or master-detail field that leads to another parent now; null when none does. */
export function reparentedBy(
  rule: CompiledRule,
  { before, after }: Pick<RecordChange, 'before' | 'after'>,
): string | null {
  const changed = rule.parentFields.find(
    (name) => (before?.fields[name] ?? null) !== (after.fields[name] ?? null),
  )
  return changed ?? null
}
