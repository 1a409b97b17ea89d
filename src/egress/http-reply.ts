/** What came of one request, as data: trouble on the network is no exception. */
export type HttpReply = HttpAnswer | TransportFailure

/** Some server answered, with whatever status. Redirects are answers: they are not followed. */
export type HttpAnswer = {
  readonly kind: 'answered'
  readonly status: number
  /** By lower-case name; several of one name are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>
  /** Decoded from gzip or deflate; at most `maxBytes`. */
  readonly body: Uint8Array
  readonly timings: HttpTimings
  /** The server asked for a client certificate, and there was none to show. */
  readonly missedCertificate?: boolean
}

export type HttpTimings = {
  /** Until the request went out on a connection: queue, DNS, TCP, TLS. */
  readonly startedMs: number
  /** Until the answer's headers were read. */
  readonly headersMs: number
  readonly totalMs: number
}

/** No usable answer. Whether the request arrived is not known, but for the codes of connecting. */
export type TransportFailure = {
  readonly kind: 'failed'
  /** Node's or OpenSSL's error code, one of `FailureCode`, or an EGRESS_ one. */
  readonly code: string
  /** For people; without credentials. */
  readonly reason: string
  /** How long it had taken when it failed. */
  readonly atMs: number
  /** When the request went out on a connection, if it did. */
  readonly startedMs?: number
  /** As of an answer. */
  readonly missedCertificate?: boolean
  /** Of an answer that began, and could not be taken in whole. */
  readonly status?: number
}

/** Our names for what undici names otherwise, or not at all. */
export type FailureCode =
  | 'DNS_TIMEOUT' // the name had no address in the time for connecting
  | 'CONNECT_TIMEOUT' // no TCP connection in it
  | 'TLS_TIMEOUT' // the TLS handshake did not end in it
  | 'HEADERS_TIMEOUT' // connected, and no headers came
  | 'BODY_TIMEOUT' // the body stood still
  | 'TOTAL_TIMEOUT' // the whole took too long
  | 'ANSWER_TOO_LARGE' // more than `maxBytes`, packed or unpacked
  | 'BAD_ANSWER' // no HTTP, or what was not asked for: 100 Continue, an upgrade
  | 'BAD_PACKING' // a body that is not packed as it says
  | 'CLOSED_BY_PEER' // the connection ended before the answer did
  | 'CANCELLED' // by the caller's signal

/** A failure with one of our codes. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  readonly code: FailureCode

  constructor(code: FailureCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The failure that an error of Node's, undici's or ours tells of. */
export function failureOf(
  error: unknown,
  atMs: number,
  reached: { readonly startedMs?: number; readonly status?: number } = {},
): TransportFailure {
  const { code, message } = codeOf(error)
  return { kind: 'failed', code: RENAMED.get(code) ?? code, reason: message, atMs, ...reached }
}

const RENAMED: ReadonlyMap<string, FailureCode> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'CONNECT_TIMEOUT'],
  ['UND_ERR_HEADERS_TIMEOUT', 'HEADERS_TIMEOUT'],
  ['UND_ERR_BODY_TIMEOUT', 'BODY_TIMEOUT'],
  ['UND_ERR_SOCKET', 'CLOSED_BY_PEER'],
  ['UND_ERR_HEADERS_OVERFLOW', 'ANSWER_TOO_LARGE'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'ANSWER_TOO_LARGE'],
])

function codeOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: String(error) }
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const { message } = error
  if ('errorCode' in error && typeof error.errorCode === 'string') {
    return { code: error.errorCode, message }
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN'
  if (error.name === 'HTTPParserError') return { code: 'BAD_ANSWER', message }
  // undici's words for what comes unasked: a 100 Continue, an upgrade, a second answer.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad '))
    return { code: 'BAD_ANSWER', message }
  return { code, message }
}
