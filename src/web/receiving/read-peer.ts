import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type AddressSet, mappedIpv4, openAddressSet } from '../../base/network/address-set.ts'
import type { Peer, PeerAuthority, PeerCertificate } from '../../inbox/peer.ts'
import { readCertificateHeader, shownCertificate } from './certificate-header.ts'

/** Says who is at the other end of a request. */
export type PeerReader = (request: IncomingMessage) => Peer

/** What the operator says of what stands before the receiver. */
export type PeerSettings = {
  /** Addresses and ranges of proxies whose headers are believed. */
  readonly proxies: readonly string[]
  /** Which of their headers, in lower case, tells the sender's certificate; null: none does. */
  readonly certificateHeader: string | null
  /** Whether the TLS of this process holds client certificates to authorities of the operator's. */
  readonly checksAuthorities: boolean
}

/**
 * Behind a named proxy the sender is whom the proxy says it is; from anybody else the same headers are not even
 * looked at. The proxy's own certificate is never taken for the sender's.
 */
export function openPeerReader(settings: PeerSettings): PeerReader {
  const proxies = openAddressSet(settings.proxies)
  const { certificateHeader } = settings
  /** A connection's certificate stays the same. */
  const shown = new WeakMap<TLSSocket, PeerCertificate>()

  const certificateOf = (socket: TLSSocket): PeerCertificate => {
    const known = shown.get(socket) ?? socketCertificate(socket, settings)
    shown.set(socket, known)
    return known
  }
  return (request) => {
    const { socket } = request
    const address = bareAddress(socket.remoteAddress ?? '')
    if (address === null || !proxies.has(address)) {
      const certificate = socket instanceof TLSSocket ? certificateOf(socket) : NONE
      return { address, proxyAddress: null, certificate }
    }
    return {
      address: forwardedFor(request.headers['x-forwarded-for'], proxies),
      proxyAddress: address,
      certificate:
        certificateHeader === null ? NONE : readCertificateHeader(request, certificateHeader),
    }
  }
}

const NONE: PeerCertificate = { kind: 'none' }

function socketCertificate(
  socket: TLSSocket,
  { checksAuthorities }: Pick<PeerSettings, 'checksAuthorities'>,
): PeerCertificate {
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return NONE
  return shownCertificate(certificate, authorityOf(socket, checksAuthorities))
}

function authorityOf(socket: TLSSocket, checksAuthorities: boolean): PeerAuthority {
  if (!checksAuthorities) return { kind: 'unchecked' }
  if (socket.authorized) return { kind: 'trusted' }
  const reason = String(socket.authorizationError ?? 'not verified')
  return { kind: 'untrusted', reason }
}

/**
 * From the right, the first address that is no named proxy's: what stands left of it the sender may have written
 * itself. Null where it cannot be told.
 */
function forwardedFor(header: string | string[] | undefined, proxies: AddressSet): string | null {
  const hops = String(header ?? '').split(',')
  for (const hop of hops.toReversed()) {
    const address = bareAddress(withoutPort(hop.trim()))
    if (address === null || !proxies.has(address)) return address
  }
  return null
}

/** Some proxies add the port: `203.0.113.7:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  const [, six, four] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? []
  return six ?? four ?? hop
}

/** Without a zone, and an IPv4-mapped one as its IPv4; null for what is no address. */
function bareAddress(text: string): string | null {
  const [address = ''] = text.split('%')
  return isIP(address) === 0 ? null : (mappedIpv4(address) ?? address)
}
