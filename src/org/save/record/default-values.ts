import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import { makeRecordId } from '../../../schema/record-id.ts'
import { blankValues } from '../../../schema/stored-fields.ts'
import { type EvaluationBase, standingRecord } from '../../formulas/evaluation-base.ts'
import { formulaValue, type OrgFormulas } from '../../formulas/org-formulas.ts'
import { picklistIn, type RecordTypes, typeDefault } from './record-types.ts'

/**
 * Defaults of a new record for the fields that were not given: its record type, picklist defaults as that
 * says, and default formulas, which see the given fields. A field given as null stays null, as at Salesforce.
 */
export function defaultValues(
  object: ObjectDefinition,
  given: ReadonlyMap<string, FieldValue>,
  { formulas, base, recordTypes }: Defaulting,
): FieldValues {
  const typeGiven = given.get('RecordTypeId')
  const typeId = typeGiven === undefined ? recordTypes.defaultOf(object) : typeGiven
  const type = recordTypes.typeOf(object, typeId)
  const fields = {
    ...blankValues(object),
    ...Object.fromEntries(given),
    ...(fieldOf(object, 'RecordTypeId') ? { RecordTypeId: typeId } : {}),
  }
  const record = { objectName: object.name, recordId: NOBODYS_ID, version: 0, fields }
  const defaults: Record<string, FieldValue> = {}
  for (const field of object.fields) {
    if (given.has(field.name) || field.formula !== undefined) continue
    const ofType = picklistIn(type, field)
    if (ofType) {
      defaults[field.name] = typeDefault(ofType)
      continue
    }
    if (field.name === 'RecordTypeId') {
      defaults[field.name] = typeId
      continue
    }
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

type Defaulting = {
  readonly formulas: OrgFormulas
  readonly base: EvaluationBase
  readonly recordTypes: RecordTypes
}

/** Stands for the id that the record does not have yet. */
const NOBODYS_ID = makeRecordId('000', 0)
