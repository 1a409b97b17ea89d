/**
 * A request that is refused: the status and the stable code the caller gets, with a message that says what
 * was expected, what came and what to do. `fields` names the fields it is about.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly errorCode: string
  readonly fields: readonly string[] | null

  constructor(
    status: number,
    errorCode: string,
    message: string,
    fields: readonly string[] | null = null,
  ) {
    super(message)
    this.status = status
    this.errorCode = errorCode
    this.fields = fields
  }
}
