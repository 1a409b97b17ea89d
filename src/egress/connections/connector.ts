import { isIP, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { EgressRefused } from '../egress-refused.ts'
import type { KeptConnections } from '../exchange/kept-connections.ts'
import type { Guard } from '../guard.ts'
import { type FailureCode, HttpFailure } from '../http-reply.ts'
import type { TlsIdentity } from '../tls/tls-identity.ts'

/** Opens the connections of one pool, all under one TLS identity. */
export type Connector = {
  readonly connect: buildConnector.connector
  /** A listener asked for a client certificate, and there was none to show. */
  missedCertificate(): boolean
  /** Drops what is still being connected. */
  destroy(): void
}

type ConnectorSettings = {
  readonly guard: Guard
  readonly identity: TlsIdentity
  /** DNS, TCP and TLS of one connection together. */
  readonly connectMs: number
  readonly kept: KeptConnections
}

/** Vets every new connection: a literal before, a name as it is resolved, and the address it ended at. */
export function openConnector(settings: ConnectorSettings): Connector {
  const { guard, identity, connectMs, kept } = settings
  const pending = new Set<Socket>()
  let missedCertificate = false
  // Sessions are resumed within a connector alone: a certificate that was shown once is shown to no other's listener.
  const open = buildConnector({
    lookup: guard.lookup,
    timeout: connectMs,
    allowH2: false,
    autoSelectFamilyAttemptTimeout: 1000,
    ...tlsOptions(identity),
  }) as (...args: Parameters<buildConnector.connector>) => Socket

  const noteAsked = (socket: Socket) => {
    if (identity.hasCertificate || !asksCertificate(socket)) return false
    missedCertificate = true
    return true
  }
  const connect: buildConnector.connector = (options, callback) => {
    const seen = { resolved: isIP(options.hostname) !== 0, connected: false }
    const socket = open(withServerName(options), (...[error, opened]) => {
      pending.delete(socket)
      if (error) {
        const asked = noteAsked(socket)
        callback(isTimeout(error) ? tooSlow(options, seen, connectMs) : error, null)
        if (asked) socket.destroy()
        return
      }
      noteAsked(opened)
      const refusal = refusalOf(guard, options.hostname, opened.remoteAddress)
      if (refusal) {
        opened.destroy()
        callback(refusal, null)
      } else {
        kept.watch(opened)
        callback(null, opened)
      }
    })
    pending.add(socket)
    socket.once('lookup', () => (seen.resolved = true))
    socket.once('connect', () => (seen.connected = true))
  }
  return {
    connect,
    missedCertificate: () => missedCertificate,
    destroy: () => {
      for (const socket of pending)
        socket.destroy(new HttpFailure('CANCELLED', 'the request was cancelled'))
    },
  }
}

/** What TLS is by, whatever the environment says: NODE_TLS_REJECT_UNAUTHORIZED and --tls-min-v1.0 change nothing. */
function tlsOptions({ context }: TlsIdentity) {
  return { secureContext: context, rejectUnauthorized: true }
}

/** The name that a server is asked for has no dot at its end (RFC 6066), also where the URL's has. */
function withServerName(options: buildConnector.Options): buildConnector.Options {
  const { hostname } = options
  return isIP(hostname) === 0 ? { ...options, servername: hostname.replace(/\.$/, '') } : options
}

/** The signature algorithms that both sides know are set only when the server asks for a certificate. */
function asksCertificate(socket: Socket): boolean {
  return socket instanceof TLSSocket && (socket.getSharedSigalgs()?.length ?? 0) > 0
}

function refusalOf(
  guard: Guard,
  hostname: string,
  address: string | undefined,
): EgressRefused | null {
  if (address !== undefined && guard.admits(address)) return null
  return new EgressRefused(
    'EGRESS_ADDRESS_DENIED',
    `${hostname} (${address}) is not a public address`,
  )
}

function isTimeout(error: Error): boolean {
  return 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT'
}

function tooSlow(
  { hostname }: buildConnector.Options,
  seen: { readonly resolved: boolean; readonly connected: boolean },
  connectMs: number,
): HttpFailure {
  const [code, what]: [FailureCode, string] = seen.connected
    ? ['TLS_TIMEOUT', `no TLS handshake with ${hostname}`]
    : seen.resolved
      ? ['CONNECT_TIMEOUT', `no connection to ${hostname}`]
      : ['DNS_TIMEOUT', `no address of ${hostname}`]
  return new HttpFailure(code, `${what} within ${connectMs} ms`)
}
