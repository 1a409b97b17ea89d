import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, type Log } from '../base/log.ts'
import type { Inbox } from '../inbox/open-inbox.ts'
import type { BodyAsk } from '../inbox/peek.ts'
import type { ListenerReply, ListenerRequest } from '../inbox/receive.ts'
import { type Rejection, rejected } from '../inbox/rejection.ts'
import { type BodyBudget, openBodyBudget, readBody } from './read-body.ts'
import type { PeerReader } from './receiving/read-peer.ts'

/** The only route that outbound messages are posted to. */
export type Listener = {
  /**
   * Whether the request's URL is the receiving route's; then `answer` answers it, whatever it is.
   */
  matches(url: string): boolean
  answer(request: IncomingMessage, response: ServerResponse): void
  /** Lets the requests in hand finish, and tells all others to come back. */
  stop(): void
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
  readonly inbox: Inbox
  readonly peerOf: PeerReader
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
  let isStopping = false

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const named = { ...addressed(request), peer: ports.peerOf(request) }
    const refusal = doorRefusal(request, { isStopping, isFull: requestCount >= limits.requestsMax })
    if (refusal) return send(response, ports.inbox.refuse(named, refusal), { isStopping })
    requestCount += 1
    const body = openBody(request, { limits, budget })
    try {
      send(
        response,
        await answerOf(ports, { ...named, charset: charsetOf(request), readBody: body.read }),
        { isStopping },
      )
    } finally {
      body.release()
      requestCount -= 1
    }
  }

  return {
    matches: (url) => ROUTE.test(url),
    answer: (request, response) => {
      void answer(request, response)
    },
    stop: () => {
      isStopping = true
    },
  }
}

/** Which route a request is for. */
function addressed({ url }: IncomingMessage): Pick<ListenerRequest, 'jobConfigId' | 'pathSecret'> {
  const [, jobConfigId = '', secret = ''] = ROUTE.exec(url ?? '') ?? []
  return { jobConfigId: decoded(jobConfigId), pathSecret: secret === '' ? null : decoded(secret) }
}

/** What the head alone refuses. */
function doorRefusal(
  request: IncomingMessage,
  { isStopping, isFull }: { readonly isStopping: boolean; readonly isFull: boolean },
): Rejection | null {
  if (request.method !== 'POST') {
    return rejected('METHOD_NOT_ALLOWED', 'outbound messages are sent with POST')
  }
  if (isStopping) return rejected('SHUTTING_DOWN', 'this receiver is stopping: send it again later')
  if (isFull) return rejected('OVERLOADED', 'too many messages at once: send it again later')
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? 'text/xml'
  if (CONTENT_TYPES.includes(type)) return null
  return rejected('CONTENT_TYPE_NOT_SUPPORTED', `expected text/xml, got ${type.slice(0, 100)}`)
}

/** SOAP 1.2's own is let in: its envelope is refused by content, with a reason that helps. */
const CONTENT_TYPES = ['text/xml', 'application/xml', 'application/soap+xml']

/** The inbox's answer; a bug of ours is answered too, and told. */
async function answerOf(
  { inbox, log }: ListenerPorts,
  request: ListenerRequest,
): Promise<ListenerReply> {
  try {
    return await inbox.receive(request)
  } catch (error) {
    log.error('inbox.broken', { jobConfigId: request.jobConfigId, error: errorText(error) })
    return inbox.refuse(
      request,
      rejected('INTERNAL_ERROR', 'an error of ours: send it again later'),
    )
  }
}

/** The body's bytes count against the budget until the message is answered. */
function openBody(
  request: IncomingMessage,
  { limits, budget }: { readonly limits: ListenerLimits; readonly budget: BodyBudget },
) {
  const share = budget.open()
  return {
    read: (take: (piece: Uint8Array) => void, ask?: BodyAsk) =>
      readBody(request, {
        limits: ask ? { bodyBytesMax: ask.bytesMax, bodyDeadlineMs: ask.deadlineMs } : limits,
        share,
        take,
      }),
    release: share.release,
  }
}

/** Of the Content-Type, where it names one. */
function charsetOf({ headers }: IncomingMessage): string | null {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1] ?? null
}

function send(
  response: ServerResponse,
  { status, body }: ListenerReply,
  { isStopping }: { readonly isStopping: boolean },
): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': bytes.length,
    ...(isStopping && { connection: 'close' }),
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
