import type { RecordChange } from '../../schema/record.ts'
import type { RuleContext } from '../evaluate-rule.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { CompiledValidationRule, CompiledValidationRules } from './compile-validation-rules.ts'

/** What the validation rules say of one change. */
export type Validation = {
  /** The rules that refuse it, in file order. */
  readonly refusedBy: readonly CompiledValidationRule[]
  /** Formulas without a result: such a rule refuses nothing. */
  readonly errors: readonly { readonly rule: string; readonly message: string }[]
}

const NOTHING_SAID: Validation = { refusedBy: [], errors: [] }

/** Asks every validation rule of the object, so that a person sees all that is wrong at once. Pure. */
export function validateChange(
  compiled: CompiledValidationRules,
  change: RecordChange,
  context: RuleContext,
): Validation {
  const rules = compiled.forObject(change.objectName)
  if (rules.length === 0) return NOTHING_SAID
  const { before, after } = change
  const evaluation = { ...context, record: after, before, isNew: before === null }
  const errors: { rule: string; message: string }[] = []
  const refusedBy = rules.filter((rule) => {
    try {
      return rule.refuses(evaluation)
    } catch (error) {
      if (!(error instanceof FormulaRuntimeError)) throw error
      errors.push({ rule: rule.fullName, message: error.message })
      return false
    }
  })
  return { refusedBy, errors }
}
