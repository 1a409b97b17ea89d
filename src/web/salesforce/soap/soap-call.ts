import { ApiError } from '../../api-error.ts'
import type { SessionUser } from '../org-api.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import type { SoapRequest } from './read-soap.ts'
import type { SoapApi } from './write-soap.ts'

/** One SOAP request with where it came to. */
export type SoapCall = SoapRequest & {
  readonly api: SoapApi
  /** As in the path: `64.0`. */
  readonly version: string
  readonly baseUrl: string
}

/** Answers an operation: the text of its `result` elements. */
export type SoapOperation = (ports: SalesforcePorts, call: SoapCall) => Promise<string>

/** The user of the SessionHeader, or the fault that clients log in again on. */
export async function soapUser(
  { org }: SalesforcePorts,
  { sessionId }: Pick<SoapCall, 'sessionId'>,
): Promise<SessionUser> {
  const user = sessionId === null ? null : await org.sessionUser(sessionId)
  if (user) return user
  // The Java client renews its session only on the words "Session not found".
  throw new ApiError(
    500,
    'INVALID_SESSION_ID',
    'Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash',
  )
}

/** A required argument that is not there. */
export function missingArgument(name: string): ApiError {
  return new ApiError(500, 'MISSING_ARGUMENT', `the operation needs the element ${name}`)
}
