import { Decimal } from 'decimal.js'
import type { FieldValue } from '../../../schema/field-value.ts'
import { isNumberType } from '../../../schema/field-value.ts'
import type { FieldDefinition } from '../../../schema/object-definition.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { returnTypeFor } from '../../field-updates/field-value-of.ts'
import { fieldValueOf } from '../../formula/compile-formula.ts'
import type { Expression } from '../../formula/expression.ts'
import { roundTo } from '../../formula/values/rounding.ts'
import { refuseFlow } from '../flow-error.ts'
import { fitted } from './flow-values.ts'

/** Computes what a flow writes to a field. Throws FormulaRuntimeError. */
export type FieldWriter = (context: EvaluationContext) => FieldValue

/** Compiles the writing of a value to a field: fitted to its type and scale. Throws FlowError. */
export function fieldWriter(
  field: FieldDefinition,
  expression: Expression,
  what: string,
): FieldWriter {
  const isKept = field.formula === undefined && field.type !== 'id' && field.type !== 'autonumber'
  if (!isKept || (field.createable === false && field.updateable === false)) {
    return refuseFlow(`${what} cannot be set: Salesforce computes it`)
  }
  const value = fitted(expression, returnTypeFor(field), what)
  if (field.type === 'boolean') {
    const { run } = value
    return (context) => run(context) === true
  }
  if (value.type !== 'Number' || !isNumberType(field.type)) return fieldValueOf(value)
  const scale = field.type === 'int' ? 0 : field.scale
  if (scale === undefined) return fieldValueOf(value)
  const { run } = value
  return fieldValueOf({
    type: 'Number',
    run: (context) => {
      const number = run(context)
      return number === null ? null : roundTo(number, scale, Decimal.ROUND_HALF_UP)
    },
  })
}
