import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, type Log } from '../base/log.ts'
import type { ListenerReply, ListenerRequest } from '../inbox/receive.ts'
import { type Rejection, rejected } from '../inbox/rejection.ts'
import { writeFault } from '../wire/fault.ts'
import { type BodyBudget, openBodyBudget, readBody } from './read-body.ts'

/** The only route that outbound messages are posted to. */
export type Listener = {
  /**
   * Whether the request's URL is the receiving route's; then `answer` answers it, whatever it is.
   */
  matches(url: string): boolean
  answer(request: IncomingMessage, response: ServerResponse): void
}

export type ListenerLimits = {
  /**
   * Of one body, as sent and as decoded. Default 50 MB: a hundred notifications with long texts.
   */
  readonly bodyBytesMax: number
  /** Of all bodies in hand together. Default 256 MB. */
  readonly allBodiesBytesMax: number
  /** A body must be there by then. Default 30 s. */
  readonly bodyDeadlineMs: number
  /** Requests in hand; one more is told to come back. Default 512. */
  readonly requestsMax: number
}

const LIMITS: ListenerLimits = {
  bodyBytesMax: 50 * 1024 * 1024,
  allBodiesBytesMax: 256 * 1024 * 1024,
  bodyDeadlineMs: 30_000,
  requestsMax: 512,
}

const ROUTE =
  /^\/+v2\/api\/jobconfigs\/([^/?#]{1,200})\/sfdc\/obm(?:\/([^/?#]{0,500}))?\/?(?:\?[^#]*)?$/

const RETRY_AFTER_S = '30'

const LINGER_MS = 5_000

type ListenerPorts = {
  readonly receive: (request: ListenerRequest) => Promise<ListenerReply>
  readonly log: Log
  readonly limits?: Partial<ListenerLimits>
}

/**
 * The receiving endpoint as a plain `node:http` handler, in front of the web framework for speed.
 */
export function openListener(ports: ListenerPorts): Listener {
  const limits = { ...LIMITS, ...ports.limits }
  const budget = openBodyBudget(limits.allBodiesBytesMax)
  let requestCount = 0

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const refusal = doorRefusal(request, requestCount >= limits.requestsMax)
    if (refusal) {
      const { errorCode: code, httpStatus: status, reason } = refusal
      ports.log.info('inbox.refused', {
        remoteAddress: remoteAddressOf(request),
        code,
        status,
        reason,
      })
      return send(response, replyOf(refusal))
    }
    requestCount += 1
    try {
      send(response, await answerOf(ports, request, { limits, budget }))
    } finally {
      requestCount -= 1
    }
  }

  return {
    matches: (url) => ROUTE.test(url),
    answer: (request, response) => {
      void answer(request, response)
    },
  }
}

/** What the head alone refuses. */
function doorRefusal(request: IncomingMessage, isFull: boolean): Rejection | null {
  if (request.method !== 'POST') {
    return rejected('METHOD_NOT_ALLOWED', 'outbound messages are sent with POST')
  }
  if (isFull) return rejected('OVERLOADED', 'too many messages at once: send it again later')
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? 'text/xml'
  if (CONTENT_TYPES.includes(type)) return null
  return rejected('CONTENT_TYPE_NOT_SUPPORTED', `expected text/xml, got ${type.slice(0, 100)}`)
}

/** SOAP 1.2's own is let in: its envelope is refused by content, with a reason that helps. */
const CONTENT_TYPES = ['text/xml', 'application/xml', 'application/soap+xml']

async function answerOf(
  { receive, log }: ListenerPorts,
  request: IncomingMessage,
  reading: { readonly limits: ListenerLimits; readonly budget: BodyBudget },
): Promise<ListenerReply> {
  const [, jobConfigId = '', secret = ''] = ROUTE.exec(request.url ?? '') ?? []
  const body = openBody(request, reading)
  try {
    return await receive({
      jobConfigId: decoded(jobConfigId),
      pathSecret: secret === '' ? null : decoded(secret),
      remoteAddress: remoteAddressOf(request),
      charset: charsetOf(request),
      readBody: body.read,
    })
  } catch (error) {
    log.error('inbox.broken', { error: errorText(error) })
    return replyOf(rejected('INTERNAL_ERROR', 'an error of ours: send it again later'))
  } finally {
    body.release()
  }
}

/** The body's bytes count against the budget until the message is answered. */
function openBody(
  request: IncomingMessage,
  { limits, budget }: { readonly limits: ListenerLimits; readonly budget: BodyBudget },
) {
  const share = budget.open()
  return {
    read: (take: (piece: Uint8Array) => void) => readBody(request, { limits, share, take }),
    release: share.release,
  }
}

/** Of the Content-Type, where it names one. */
function charsetOf({ headers }: IncomingMessage): string | null {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1] ?? null
}

function remoteAddressOf(request: IncomingMessage): string | null {
  return request.socket.remoteAddress ?? null
}

function replyOf({ httpStatus, faultCode, errorCode, reason }: Rejection): ListenerReply {
  const body = writeFault({ faultcode: faultCode, faultstring: reason, detailCode: errorCode })
  return { status: httpStatus, body, errorCode }
}

function send(response: ServerResponse, { status, body }: ListenerReply): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': bytes.length,
    ...(status === 405 ? { allow: 'POST' } : {}),
    ...(status === 503 ? { 'retry-after': RETRY_AFTER_S } : {}),
  })
  response.end(bytes)
  if (!response.req.complete) linger(response.req)
}

/** Lets whoever was refused before his body was read see the answer, and then not send for ever. */
function linger(request: IncomingMessage): void {
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER_MS)
  request.once('close', () => clearTimeout(timer))
}

/**
 * A path segment as text; one that cannot be decoded, or kept by a store, is nobody's name as it
 * stands.
 */
function decoded(segment: string): string {
  try {
    const text = decodeURIComponent(segment)
    return text.includes('\0') ? segment : text
  } catch {
    return segment
  }
}
