import type { RecordChange } from '../../schema/record.ts'
import type { RuleContext } from '../evaluate-rule.ts'
import type { ValidationRuleOutcome } from '../validation/compile-validation-rules.ts'
import { whyTrue } from './explain.ts'
import type { FormulaTrace } from './formula-trace.ts'
import { cutText } from './shown-value.ts'
import { watchedFormulaOf } from './trace-condition.ts'

/** What a validation rule said of a change, and why. */
export type ValidationTrace = {
  readonly fullName: string
  readonly verdict:
    | 'passed'
    | 'refused' // its error condition is true
    | 'no result' // refuses nothing, and is told of
    | 'not evaluated'
  readonly reason: string
  /** Null where it was not evaluated. */
  readonly formula: FormulaTrace | null
}

/** Evaluates a validation rule to tell of it. */
export function traceValidation(
  outcome: ValidationRuleOutcome,
  { before, after }: RecordChange,
  context: RuleContext,
): ValidationTrace {
  const { fullName, active, errorConditionFormula } = outcome.rule
  const idle = (reason: string): ValidationTrace => ({
    fullName,
    verdict: 'not evaluated',
    reason: `not evaluated: ${reason}`,
    formula: null,
  })
  if (outcome.kind === 'broken') {
    const problem = outcome.problems.find(({ severity }) => severity === 'error')
    return idle(`the rule is broken${problem ? `: ${cutText(problem.message)}` : ''}`)
  }
  if (!active) return idle('the rule is inactive')
  const { compiled } = outcome
  const watched = watchedFormulaOf(compiled, errorConditionFormula, compiled.options)
  const formula = watched({ ...context, record: after, before, isNew: before === null })
  if (formula.error !== null) {
    const reason = `refused nothing: its formula has no result: ${formula.error}`
    return { fullName, verdict: 'no result', reason, formula }
  }
  if (formula.result !== true) {
    return {
      fullName,
      verdict: 'passed',
      reason: 'passed: its error condition is not met',
      formula,
    }
  }
  return { fullName, verdict: 'refused', reason: `refused the save: ${whyTrue(formula)}`, formula }
}
