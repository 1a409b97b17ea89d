import type { EvaluationContext } from '../../evaluation-context.ts'
import { fieldValueOf } from '../../formula/compile-formula.ts'
import { FormulaRuntimeError } from '../../formula/errors.ts'
import type { Expression } from '../../formula/expression.ts'
import type { FlowScope } from '../flow-scope.ts'

const SEEN_MAX = 255

/** How an account of a run shows a value: a secret masked, a long text cut, one without a result by its reason. */
export function valueSeen(
  expression: Expression,
  { secrets }: Pick<FlowScope, 'secrets'>,
): (context: EvaluationContext) => string | null {
  const read = fieldValueOf(expression)
  return (context) => {
    if (secrets.has(expression)) return '*****'
    try {
      const value = read(context)
      return value === null ? null : String(value).slice(0, SEEN_MAX)
    } catch (error) {
      if (error instanceof FormulaRuntimeError) return error.message
      throw error
    }
  }
}
