import { openPools } from './connections/pools.ts'
import { EgressRefused } from './egress-refused.ts'
import { exchange } from './exchange/exchange.ts'
import { openKeptConnections } from './exchange/kept-connections.ts'
import type { Guard } from './guard.ts'
import { failureOf, type HttpReply } from './http-reply.ts'
import { CONNECT_MS, type HttpTimeouts, TOTAL_MS } from './timeouts.ts'
import { makeTlsIdentity, type TlsIdentity } from './tls/tls-identity.ts'

/** A request. `headers` by name in any case; user name and password of the URL become Basic credentials. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly timeouts?: HttpTimeouts
  /** Of the answer, packed and unpacked. */
  readonly maxBytes?: number
  /** Whom TLS trusts, and who we say we are; without one, the settings' own. */
  readonly identity?: TlsIdentity | undefined
  readonly signal?: AbortSignal
}

/** The only way out. Keeps connections alive until `close`. */
export type Http = {
  /** Resolves with an answer or a failure; never rejects for what the network or the guard does. */
  request(request: HttpRequest): Promise<HttpReply>
  /** Lets requests in flight end, then closes every connection. */
  close(): Promise<void>
}

export type HttpSettings = {
  readonly guard: Guard
  /** Whom TLS trusts where a request does not say; without it, whom Node trusts. */
  readonly identity?: () => TlsIdentity
  /** DNS, TCP and TLS of one connection together. */
  readonly connectMs?: number
  readonly connectionsPerOrigin?: number
  /** How many origins keep connections; the one unused longest gives way. */
  readonly originsMax?: number
}

/** Bytes of an answer that are read: an Ack is 300. */
export const ANSWER_BYTES_MAX = 256 * 1024
/** As many as a lane has slots. */
export const CONNECTIONS_PER_ORIGIN = 16
export const ORIGINS_MAX = 512

/** Opens the guarded client: keep-alive, HTTP/1.1, one request at a time on a connection, no redirects, TLS verified. */
export function openHttp(settings: HttpSettings): Http {
  const { guard, connectMs = CONNECT_MS } = settings
  const { connectionsPerOrigin = CONNECTIONS_PER_ORIGIN, originsMax = ORIGINS_MAX } = settings
  const kept = openKeptConnections()
  const pools = openPools({ guard, connectMs, connectionsPerOrigin, originsMax, kept })
  const identityOf = settings.identity ?? plainIdentity()

  const request = async (asked: HttpRequest): Promise<HttpReply> => {
    const { totalMs = TOTAL_MS } = asked.timeouts ?? {}
    let url: URL
    try {
      url = guard.checkUrl(asked.url)
    } catch (error) {
      if (error instanceof EgressRefused) return failureOf(error, 0)
      throw error
    }
    const identity = asked.identity ?? identityOf()
    return pools.use({ origin: url.origin, identity }, (pool) =>
      exchange(pool, {
        options: {
          method: asked.method,
          path: url.pathname + url.search,
          headers: headersFor(url, asked.headers ?? {}),
          body: asked.body ?? null,
          headersTimeout: asked.timeouts?.headersMs ?? totalMs,
          bodyTimeout: asked.timeouts?.bodyMs ?? totalMs,
        },
        maxBytes: asked.maxBytes ?? ANSWER_BYTES_MAX,
        totalMs,
        signal: asked.signal,
        wasKept: kept.endedBy,
      }),
    )
  }
  return { request, close: () => pools.close().finally(kept.close) }
}

function headersFor(
  url: URL,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (url.username === '' && url.password === '') return headers
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return headers
  const pair = `${unescapeText(url.username)}:${unescapeText(url.password)}`
  return { ...headers, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Percent signs that escape nothing stay as they are. */
function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function plainIdentity(): () => TlsIdentity {
  const identity = makeTlsIdentity([], null)
  return () => identity
}
