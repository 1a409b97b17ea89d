import { errorText } from '../base/log.ts'

/**
 * Whether we know who is sending. All that is not trusted is answered without an Ack, so nothing is
 * lost.
 */
export type Authentication = { readonly kind: 'trusted' } | Rejection

/** A refusal as the sender gets it: a SOAP fault with an HTTP status and a stable code. */
export type Rejection = {
  readonly kind: 'rejected'
  readonly httpStatus: number
  /** `Client`: the sender must change something. `Server`: the same may do later. */
  readonly faultCode: 'Client' | 'Server'
  readonly errorCode: string
  readonly reason: string
  /** What went wrong on our side: for the log, never for the sender. */
  readonly cause?: string
}

/** Each refusal of ours with its status. Those of the envelope's own reader are 400. */
const STATUSES = {
  UNKNOWN_JOB_CONFIG: 404,
  ADDRESS_NOT_ALLOWED: 403,
  CLIENT_CERTIFICATE_MISSING: 403,
  CLIENT_CERTIFICATE_UNREADABLE: 403, // in a proxy's header
  CLIENT_CERTIFICATE_UNTRUSTED: 403, // another authority's
  CLIENT_CERTIFICATE_NOT_ALLOWED: 403,
  CLIENT_CERTIFICATE_EXPIRED: 403, // or not valid yet
  PATH_SECRET_WRONG: 403,
  ORGANIZATION_NOT_ALLOWED: 403,
  ACTION_NOT_ALLOWED: 403,
  SESSION_ID_MISSING: 401, // as from every real org since February 2026
  CALLBACK_HOST_NOT_ALLOWED: 400, // never dialled
  SESSION_ID_INVALID: 401, // expired, or of another organisation
  SETTING_NOT_READABLE: 403, // the session's user may not, or there is no such custom setting
  SETTING_MISSING: 401, // no row with a user name and a password
  LOGIN_FAILED: 401, // DataCloud does not know the pair
  USER_INACTIVE: 403,
  EXECUTE_NOT_ALLOWED: 403,
  BODY_TOO_LARGE: 413,
  BODY_TOO_SLOW: 408,
  BODY_INCOMPLETE: 400,
  CONTENT_TYPE_NOT_SUPPORTED: 415,
  CONTENT_ENCODING_NOT_SUPPORTED: 415,
  METHOD_NOT_ALLOWED: 405,
  INTERNAL_ERROR: 500,
  LOGIN_RATE_EXCEEDED: 503, // transient, as the next ones are
  ORG_UNAVAILABLE: 503, // transient: never remembered
  STORE_UNAVAILABLE: 503,
  OVERLOADED: 503, // too much in hand
  QUEUE_FULL: 503, // too many runs of the job config wait
  ROUTE_CLOSED: 503, // inactive, and told to reject
  SHUTTING_DOWN: 503,
} as const

export type RejectionCode = keyof typeof STATUSES

/** Makes a refusal; the status and whose fault it is go by the code. */
export function rejected(errorCode: RejectionCode, reason: string): Rejection {
  const httpStatus = STATUSES[errorCode]
  const faultCode = httpStatus >= 500 ? 'Server' : 'Client'
  return { kind: 'rejected', httpStatus, faultCode, errorCode, reason }
}

/** A refusal on its way to the door, from where no answer can be returned. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly errorCode: string
  readonly rejection: Rejection

  constructor(rejection: Rejection) {
    super(rejection.reason)
    this.errorCode = rejection.errorCode
    this.rejection = rejection
  }
}

/**
 * Turns a store that cannot be read or written into 503: the sender comes back, and nothing was
 * promised.
 */
export async function fromStore<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const reason = 'the store cannot be read or written now: send it again later'
    const cause = errorText(error)
    throw new RefusalError({ ...rejected('STORE_UNAVAILABLE', reason), cause })
  }
}
