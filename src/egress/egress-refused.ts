export type EgressErrorCode =
  | 'EGRESS_URL' // not a URL
  | 'EGRESS_SCHEME' // neither http nor https
  | 'EGRESS_PORT' // not 80 (http), 443 (https), 1024–65535
  | 'EGRESS_ADDRESS_DENIED' // private, loopback or otherwise special, and not allowed by the operator
  | 'EGRESS_ALLOW' // the operator's allow list cannot be read

/** A request that may not leave. The message holds no credentials of the URL. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
  readonly errorCode: EgressErrorCode

  constructor(errorCode: EgressErrorCode, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}
