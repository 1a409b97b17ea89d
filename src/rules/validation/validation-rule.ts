import type { SourcePlace } from '../../schema/object-definition.ts'

/** A validation rule as its file says it: a record for which its formula is true is not saved. */
export type ValidationRule = {
  readonly kind: 'validationRule'
  readonly objectName: string
  readonly fullName: string
  readonly active: boolean
  readonly description: string | null
  readonly errorConditionFormula: string
  /** The field that the error is shown at; null shows it above the record. */
  readonly errorDisplayField: string | null
  readonly errorMessage: string
  readonly place: SourcePlace
}
