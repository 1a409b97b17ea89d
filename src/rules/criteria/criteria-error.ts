/** Why a rule's criteria cannot be compiled. */
export type CriteriaErrorCode =
  | 'CRITERIA_UNKNOWN_FIELD'
  | 'CRITERIA_UNKNOWN_OBJECT'
  | 'CRITERIA_UNKNOWN_PARENT'
  | 'CRITERIA_AMBIGUOUS_PARENT'
  | 'CRITERIA_UNKNOWN_OPERATION'
  | 'CRITERIA_INVALID_VALUE'
  | 'CRITERIA_BROKEN_FORMULA_FIELD'

/** A criteria item that cannot be compiled. Caught where criteria are compiled. */
export class CriteriaError extends Error {
  override readonly name = 'CriteriaError'
  readonly errorCode: CriteriaErrorCode

  constructor(errorCode: CriteriaErrorCode, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}
