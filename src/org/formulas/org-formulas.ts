import { Decimal } from 'decimal.js'
import type { EvaluationContext } from '../../rules/evaluation-context.ts'
import { type CompiledFormula, compileFormula } from '../../rules/formula/compile-formula.ts'
import { FormulaRuntimeError } from '../../rules/formula/errors.ts'
import type { FormulaFieldCache } from '../../rules/formula/scope.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import { writeDecimal } from '../values/coerce-number.ts'
import { coerceValue } from '../values/coerce-value.ts'

/** The formulas of one version of the definitions, each compiled when it is first needed. */
export type OrgFormulas = {
  /** The formula of a formula field; null when it is none or cannot be compiled. */
  readonly fieldFormula: (
    object: ObjectDefinition,
    field: FieldDefinition,
  ) => CompiledFormula | null
  /** The formula of a default value, in the same way. */
  readonly defaultFormula: (
    object: ObjectDefinition,
    field: FieldDefinition,
  ) => CompiledFormula | null
}

/** Starts with nothing compiled; `objectOf` finds definitions by name in any case. */
export function openFormulas(
  objectOf: (name: string) => ObjectDefinition | undefined,
): OrgFormulas {
  const formulaFields: FormulaFieldCache = new Map()
  const compiled = new Map<FieldDefinition, CompiledFormula | null>()

  const compile = (text: string | undefined, object: ObjectDefinition, field: FieldDefinition) => {
    if (text === undefined) return null
    const known = compiled.get(field)
    if (known !== undefined) return known
    const blanks = field.blanksAs === 'blank' ? 'asNull' : 'asZero'
    const made = compileFormula(text, { object, objects: objectOf, blanks, formulaFields })
    const formula = made.kind === 'compiled' ? made : null
    compiled.set(field, formula)
    return formula
  }
  return {
    fieldFormula: (object, field) => compile(field.formula, object, field),
    defaultFormula: (object, field) => compile(field.defaultValue, object, field),
  }
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['string', 'textarea', 'url', 'phone', 'email'])

/** The formula's value fitted to the field's type; null where it has none, as 1/0. */
export function formulaValue(
  formula: CompiledFormula,
  field: FieldDefinition,
  context: EvaluationContext,
): FieldValue {
  const blank = field.type === 'boolean' ? false : null
  try {
    const value = formula.evaluate(context)
    // What a formula field writes stays as it is, blanks around it and any length.
    const isWritten = field.formula !== undefined && TEXT_TYPES.has(field.type)
    if (isWritten && typeof value === 'string') return value || null
    // Formulas compute with 0.5 what a percent field shows as 50.
    const isFraction = field.type === 'percent' && typeof value === 'string'
    const shown = isFraction ? writeDecimal(new Decimal(value).mul(100)) : value
    const coerced = coerceValue(field, shown)
    return coerced.kind === 'value' ? coerced.value : blank
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return blank
    throw error
  }
}
