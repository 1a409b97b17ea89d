import type { FieldValue } from '../../schema/field-value.ts'
import type { CompiledRule } from '../compile-rule.ts'
import type { Criterion } from '../criteria/compile-criteria.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import type { CompileOptions } from '../formula/compile-formula.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { ConditionTrace, CriterionTrace } from './rule-trace.ts'
import { cutText, shownValue } from './shown-value.ts'
import { type WatchedFormula, watchFormula } from './watch-formula.ts'

/** Evaluates a rule's criteria once more, and tells of each part. */
export function traceCondition(rule: CompiledRule, context: EvaluationContext): ConditionTrace {
  const { condition } = rule
  if (condition.kind === 'formula') {
    const formula = watchedFormulaOf(rule, condition.text, condition.options)(context)
    return { kind: 'formula', met: formula.result === true, formula }
  }
  return {
    kind: 'criteria',
    met: metOrFailed(() => rule.holds(context)) === true,
    booleanFilter: condition.booleanFilter,
    criteria: condition.criteria.map((each, index) => traceCriterion(each, index + 1, context)),
  }
}

/** Gone with the rules' version of the definitions. */
const watched = new WeakMap<object, WatchedFormula>()

/** The watched formula of a compiled rule, compiled when it is asked for first. */
export function watchedFormulaOf(
  rule: object,
  text: string,
  options: CompileOptions,
): WatchedFormula {
  const known = watched.get(rule)
  if (known !== undefined) return known
  const made = watchFormula(text, options)
  if (made === null) throw new Error('a formula that compiled once does so again')
  watched.set(rule, made)
  return made
}

function traceCriterion(
  { item, test, field }: Criterion,
  number: number,
  context: EvaluationContext,
): CriterionTrace {
  const { operation } = item
  const told = { number, field: item.field, operation, value: cutText(item.value) }
  if (field === null) return { ...told, met: false, state: 'unknown field', seen: null }
  const met = metOrFailed(() => test(context))
  if (met === 'failed') return { ...told, met: false, state: 'failed', seen: null }
  const seen = field.read(context)
  if (seen !== undefined && seen !== null && seen !== '') {
    return { ...told, met, state: 'value', seen: shownValue(labelled(seen, field), field.isSecret) }
  }
  const isBlank = field.isBlank(context)
  const missing = isBlank === undefined ? 'no parent' : 'not found'
  return { ...told, met, state: isBlank === true ? 'blank' : missing, seen: null }
}

/** A picklist value is compared by its label: where that is another, both are told. */
function labelled(value: FieldValue, { definition }: NonNullable<Criterion['field']>): FieldValue {
  const found = definition.picklist?.find((each) => each.value === value)
  if (definition.type !== 'picklist' || !found || found.label === value) return value
  return `${found.label} (${value})`
}

function metOrFailed(test: () => boolean): boolean | 'failed' {
  try {
    return test()
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return 'failed'
    throw error
  }
}
