import type { FormulaTrace } from '../../../rules/trace/formula-trace.ts'
import type { FieldValue } from '../../../schema/field-value.ts'

/** A formula and the values it saw, as a debug log tells them: the formula, then `Amount=5 , Stage=New`. */
export function formulaLine({ formula, values }: FormulaTrace): readonly string[] {
  const seen = values.flatMap(({ name, value, before }) => [
    `${name}=${logged(value)}`,
    ...(before === undefined ? [] : [`PRIORVALUE(${name})=${logged(before)}`]),
  ])
  return [formula, seen.join(', ')]
}

function logged(value: FieldValue): string {
  return value === null ? 'null' : String(value)
}
