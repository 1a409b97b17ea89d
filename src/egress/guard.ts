import { lookup as lookupAddresses } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { remembered } from '../base/cache/remembered.ts'
import { hostOf, isPortSentTo, URL_LENGTH_MAX } from '../base/endpoint-url.ts'
import type { AddressSet } from '../base/network/address-set.ts'
import { deniedAddresses, holdsHost, innerIpv4, parseAllowList } from './address-sets.ts'
import { EgressRefused } from './egress-refused.ts'

/** Says what may leave: asked for each URL, for each name that is resolved, and for each socket. */
export type Guard = {
  /** Reads a URL and checks scheme, port and a literal address. Throws `EgressRefused`. */
  checkUrl(url: string): Readonly<URL>
  /** Whether a socket may go to `address`. */
  admits(address: string): boolean
  /** Resolves a name for `net.connect`: all its addresses, or an `EgressRefused` if one of them is denied. */
  readonly lookup: LookupFunction
}

export type ResolvedAddress = { readonly address: string; readonly family: number }

/** How names are resolved; tests bring their own. */
export type ResolveName = (
  hostname: string,
  answer: (error: Error | null, addresses: readonly ResolvedAddress[]) => void,
) => void

/**
 * Opens the guard. By default only public addresses are let out; `allow` adds ranges as `10.1.0.0/16`, single
 * addresses, or `loopback`. What it vets is what is connected to: there is no second look-up.
 */
export function openGuard({
  allow,
  resolve = resolveName,
}: {
  allow: readonly string[]
  resolve?: ResolveName
}): Guard {
  const allowed = parseAllowList(allow)
  const denied = deniedAddresses()
  const admits = (address: string): boolean => {
    const bare = withoutZone(address)
    if (isIP(bare) === 0 || (denied.has(bare) && !allowed.has(bare))) return false
    // Who allows NAT64 does not thereby allow what lies behind it on the inside.
    const inner = innerIpv4(bare)
    return inner === null || admits(inner)
  }
  const check = (text: string): URL => {
    const url = parseUrl(text)
    const host = hostOf(url)
    checkPort(url, allowed)
    if (isIP(host) !== 0 && !admits(host)) throw addressDenied(host, host)
    return url
  }
  return {
    // Of a name nothing is decided here: it is resolved, and its addresses checked, for each connection.
    checkUrl: remembered(check, { countMax: 1000, lengthMax: URL_LENGTH_MAX }),
    admits,
    lookup: guardedLookup(resolve, admits),
  }
}

function parseUrl(text: string): URL {
  if (text.length > URL_LENGTH_MAX) {
    throw new EgressRefused(
      'EGRESS_URL',
      `expected a URL of ${URL_LENGTH_MAX} characters at most, found ${text.length}`,
    )
  }
  if (!URL.canParse(text)) {
    throw new EgressRefused('EGRESS_URL', 'expected a URL as https://host/path, found none')
  }
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressRefused('EGRESS_SCHEME', `expected http or https, found ${url.protocol}//`)
  }
  return url
}

/** Salesforce's rule; where the operator allows the address itself, any port will do. */
function checkPort(url: URL, allowed: AddressSet): void {
  if (isPortSentTo(url) || holdsHost(allowed, hostOf(url))) return
  throw new EgressRefused(
    'EGRESS_PORT',
    `expected port 80 (http), 443 (https) or 1024 to 65535, found ${url.port} for ${url.protocol}//`,
  )
}

function guardedLookup(resolve: ResolveName, admits: Guard['admits']): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) {
        callback(error, '', 0)
        return
      }
      const refused = addresses.find(({ address }) => !admits(address))
      const [first] = addresses
      if (refused) callback(addressDenied(hostname, refused.address), '', 0)
      else if (!first) callback(notFound(hostname), '', 0)
      else if (options.all) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}

const resolveName: ResolveName = (hostname, answer) => {
  lookupAddresses(hostname, { all: true, order: 'verbatim' }, (error, addresses) => {
    answer(error, addresses)
  })
}

function addressDenied(host: string, address: string): EgressRefused {
  const where = host === address ? address : `${host} (${address})`
  return new EgressRefused(
    'EGRESS_ADDRESS_DENIED',
    `${where} is not a public address: allow its range with OBM_EGRESS_ALLOW if it is meant`,
  )
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' })
}

/** `fe80::1%eth0` is the address `fe80::1`. */
function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}
