import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import { makeRecordId } from '../../../schema/record-id.ts'
import { blankValues } from '../../../schema/stored-fields.ts'
import { type EvaluationBase, standingRecord } from '../../formulas/evaluation-base.ts'
import { formulaValue, type OrgFormulas } from '../../formulas/org-formulas.ts'

/**
 * Defaults of a new record for the fields that were not given: picklist defaults and default formulas,
 * which see the given fields. A field given as null stays null, as at Salesforce.
 */
export function defaultValues(
  object: ObjectDefinition,
  given: ReadonlyMap<string, FieldValue>,
  { formulas, base }: { formulas: OrgFormulas; base: EvaluationBase },
): FieldValues {
  const fields = { ...blankValues(object), ...Object.fromEntries(given) }
  const record = { objectName: object.name, recordId: NOBODYS_ID, version: 0, fields }
  const defaults: Record<string, FieldValue> = {}
  for (const field of object.fields) {
    if (given.has(field.name) || field.formula !== undefined) continue
    const listed = field.picklist?.find((each) => each.isDefault && each.active)
    if (listed) defaults[field.name] = listed.value
    else if (field.defaultValue === 'true' || field.defaultValue === 'false') {
      if (field.type === 'boolean') defaults[field.name] = field.defaultValue === 'true'
    } else if (field.defaultValue !== undefined) {
      const formula = formulas.defaultFormula(object, field)
      if (formula) defaults[field.name] = formulaValue(formula, field, standingRecord(base, record))
    }
  }
  return defaults
}

/** Stands for the id that the record does not have yet. */
const NOBODYS_ID = makeRecordId('000', 0)
