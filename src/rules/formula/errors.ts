/** A place in a formula's text; both count from 1. */
export type FormulaPlace = { readonly line: number; readonly column: number }

/** Why a formula cannot be compiled. */
export type FormulaErrorCode =
  | 'FORMULA_SYNTAX'
  | 'FORMULA_TOO_LONG'
  | 'FORMULA_TOO_DEEP'
  | 'FORMULA_TOO_BIG'
  | 'FORMULA_UNKNOWN_FUNCTION'
  | 'FORMULA_ARGUMENT_COUNT'
  | 'FORMULA_ARGUMENT_TYPE'
  | 'FORMULA_RETURN_TYPE'
  | 'FORMULA_FIELD_CYCLE'
  | 'FORMULA_FIELD_BROKEN'
  | 'FORMULA_INVALID_REGEX'

/** Why a compiled formula has no result for a record. */
export type FormulaRuntimeErrorCode =
  | 'FORMULA_DIVISION_BY_ZERO'
  | 'FORMULA_INVALID_NUMBER'
  | 'FORMULA_NUMBER_RANGE'
  | 'FORMULA_INVALID_DATE'
  | 'FORMULA_INVALID_TIME'
  | 'FORMULA_INVALID_ARGUMENT'
  | 'FORMULA_INVALID_REGEX'
  | 'FORMULA_REGEX_TOO_BIG'
  | 'FORMULA_TEXT_TOO_LONG'
  | 'FORMULA_NOT_AVAILABLE'

/** A formula that cannot be compiled: what was expected, what came, and where. */
export class FormulaError extends Error {
  override readonly name = 'FormulaError'
  readonly errorCode: FormulaErrorCode
  readonly at: FormulaPlace

  constructor(errorCode: FormulaErrorCode, message: string, at: FormulaPlace) {
    super(message)
    this.errorCode = errorCode
    this.at = at
  }
}

/** A compiled formula met values it has no result for, as 1/0. A rule whose formula throws it does not fire. */
export class FormulaRuntimeError extends Error {
  override readonly name = 'FormulaRuntimeError'
  readonly errorCode: FormulaRuntimeErrorCode
  readonly at: FormulaPlace | null

  constructor(errorCode: FormulaRuntimeErrorCode, message: string, at: FormulaPlace | null = null) {
    super(message)
    this.errorCode = errorCode
    this.at = at
  }
}

/** Where the character at `offset` stands. Linear in `offset`: for messages. */
export function placeOf(text: string, offset: number): FormulaPlace {
  let line = 1
  let lineStart = 0
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; ) {
    line += 1
    lineStart = index + 1
    index = text.indexOf('\n', lineStart)
  }
  return { line, column: offset - lineStart + 1 }
}

/** A piece of untrusted text for a message, quoted and at most 40 characters long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
}
