import type { FormulaTrace } from '../../../rules/trace/formula-trace.ts'
import { traceValidation, type ValidationTrace } from '../../../rules/trace/trace-validation.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { EvaluationBase } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TellStep } from '../save-trace.ts'
import { formulaLine } from './formula-line.ts'

/** Tells what each validation rule of the object says of a change. */
export function tellValidation(
  change: RecordChange,
  at: { definitions: OrgDefinitions; base: EvaluationBase; witness: TellStep },
): void {
  const { definitions, base, witness } = at
  const { objectName } = change
  const traces = definitions.validation
    .outcomesOf(objectName)
    .map((outcome) => traceValidation(outcome, change, base))
  if (traces.length === 0) return
  witness(change, {
    kind: 'validationRules',
    verdicts: traces.map(({ fullName, verdict, reason, formula }) => ({
      name: fullName,
      verdict,
      reason,
      ...(formula === null ? {} : { formula }),
    })),
    log: traces.flatMap((trace) => {
      const id = definitions.idOf('validationRule', `${objectName}.${trace.fullName}`)
      return trace.formula === null ? [] : linesOf(trace, trace.formula, id ?? '')
    }),
  })
}

function linesOf(
  { fullName, verdict }: ValidationTrace,
  formula: FormulaTrace,
  id: string,
): readonly (readonly string[])[] {
  const end = verdict === 'refused' ? ['VALIDATION_FAIL'] : ['VALIDATION_PASS']
  const failed = formula.error === null ? [] : [['VALIDATION_ERROR', formula.error]]
  return [
    ['VALIDATION_RULE', id, fullName],
    ['VALIDATION_FORMULA', ...formulaLine(formula)],
    ...failed,
    end,
  ]
}
