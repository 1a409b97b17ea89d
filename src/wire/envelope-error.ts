export type EnvelopeErrorCode =
  | 'MALFORMED_XML' // not well formed, cut off, or text before the first tag
  | 'MALFORMED_ENCODING' // neither UTF-8 nor UTF-16 with its mark
  | 'DOCTYPE_REFUSED'
  | 'TOO_DEEP' // elements inside each other beyond the limit
  | 'NAME_TOO_LONG'
  | 'TOO_MANY_ATTRIBUTES' // of one element
  | 'TOO_MANY_FIELDS' // of one record
  | 'WRONG_ENVELOPE_VERSION' // SOAP 1.2
  | 'NOT_AN_OUTBOUND_MESSAGE' // well-formed XML of another kind
  | 'NO_NOTIFICATIONS'
  | 'TOO_MANY_NOTIFICATIONS' // 101 or more
  | 'MISSING_ORGANIZATION_ID'
  | 'MISSING_ACTION_ID'
  | 'MISSING_NOTIFICATION_ID'
  | 'MALFORMED_ID'

/** Text that is no outbound message we take. It never quotes the session id. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly errorCode: EnvelopeErrorCode

  constructor(errorCode: EnvelopeErrorCode, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}

/** The refusal of well-formed XML that is something else. */
export function notAMessage(message: string): EnvelopeError {
  return new EnvelopeError('NOT_AN_OUTBOUND_MESSAGE', message)
}

const QUOTED_MAX = 60

/** Untrusted text for a message: in quotes, and short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text)
}
