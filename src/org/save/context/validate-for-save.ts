import { validateChange } from '../../../rules/validation/validate-change.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { EvaluationBase } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TellStep } from '../../trace/save-trace.ts'
import { tellValidation } from '../../trace/steps/tell-validation.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'
import type { Remark } from './save-context.ts'

/** What the validation rules say of a change. */
export type Validated = {
  /** One for each rule that refuses it; none lets it pass. */
  readonly errors: readonly SaveError[]
  /** Rules whose formulas have no result. */
  readonly remarks: readonly Remark[]
}

/** Asks the org's validation rules. A rule without a result refuses nothing, and is told of. */
export function validateForSave(
  change: RecordChange,
  at: { definitions: OrgDefinitions; base: EvaluationBase; witness: TellStep | null },
): Validated {
  const { definitions, base, witness } = at
  if (witness !== null) tellValidation(change, { definitions, base, witness })
  const { refusedBy, errors } = validateChange(definitions.validation, change, base)
  return {
    errors: refusedBy.map(({ errorMessage, errorDisplayField }) =>
      saveError(
        'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        errorMessage,
        ...(errorDisplayField === null ? [] : [errorDisplayField]),
      ),
    ),
    remarks: errors.map(({ rule, message }) => ({
      kind: 'failed',
      rule: `validation rule ${change.objectName}.${rule}`,
      text: message,
    })),
  }
}
