import { isIP } from 'node:net'
import { isLoopbackName } from '../base/endpoint-url.ts'
import { type AddressSet, isAddressRange, openAddressSet } from '../base/network/address-set.ts'
import { EgressRefused } from './egress-refused.ts'

/**
 * What no request goes to unless the operator says so: IANA's special-purpose registries for IPv4 and IPv6
 * (RFC 6890 and its successors), and the ways to spell an IPv4 address inside an IPv6 one.
 */
const DENIED: readonly string[] = [
  '0.0.0.0/8', // this network; 0.0.0.0 reaches loopback
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, cloud metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relay
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // class E and broadcast
  // Of IPv6 only 2000::/3 is given out; the rest holds ::1, mapped and compatible IPv4, NAT64, unique local
  // and link-local addresses, multicast, and whatever will be invented.
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23', // Teredo, benchmarking, ORCHID and other assignments
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
]

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** The deny set, which an allow list makes exceptions of. */
export function deniedAddresses(): AddressSet {
  return openAddressSet(DENIED)
}

/** Reads an operator's list: CIDR ranges, single addresses, or the word `loopback`. Throws `EgressRefused`. */
export function parseAllowList(allow: readonly string[]): AddressSet {
  const ranges = allow.flatMap((entry) =>
    entry.trim().toLowerCase() === 'loopback' ? LOOPBACK : [entry.trim()],
  )
  const wrong = ranges.find((range) => !isAddressRange(range))
  if (wrong === undefined) return openAddressSet(ranges)
  throw new EgressRefused(
    'EGRESS_ALLOW',
    `expected an address range as 10.1.0.0/16, or loopback; found ${JSON.stringify(wrong)}`,
  )
}

/** Whether the set holds a host that is an address, or this machine by its name. */
export function holdsHost(set: AddressSet, host: string): boolean {
  return set.has(isLoopbackName(host) ? '127.0.0.1' : host)
}

/** The IPv4 address inside an IPv4-mapped, IPv4-compatible, NAT64 (RFC 6052) or 6to4 address; null in any other. */
export function innerIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null
  const groups = groupsOf(address)
  const start = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':')
  if (groups[0] === 0x2002) return dotted(groups.slice(1, 3))
  const isOwn = start === UNSPECIFIED && groups[6] === 0 // :: and ::1 hold no IPv4 address
  return EMBEDDING.has(start) && !isOwn ? dotted(groups.slice(6)) : null
}

const UNSPECIFIED = '0:0:0:0:0:0'
const EMBEDDING = new Set([UNSPECIFIED, '0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'])

/** The eight groups of an IPv6 address, however it is spelt. */
function groupsOf(address: string): readonly number[] {
  // The URL parser spells each address in one way, in hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((each) => parseInt(each, 16))
  const [before, after] = [groups(head), groups(tail ?? '')]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function dotted(groups: readonly number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}
