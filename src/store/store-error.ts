/** The store could not do what it was asked: nothing was written. The cause says why. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly errorCode:
    | 'STORE_UNAVAILABLE'
    | 'STORE_CLOSED'
    | 'QUERY_TIMEOUT'
    | 'STORE_TOO_NEW'
    | 'STORE_IN_USE'
    | 'BACKUP_FAILED'

  constructor(errorCode: StoreError['errorCode'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.errorCode = errorCode
  }
}
