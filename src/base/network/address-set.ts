import { BlockList, isIP } from 'node:net'

/** Addresses by range: asked for every socket. */
export type AddressSet = {
  /** Whether the set holds `address`, IPv4 or IPv6; an IPv4-mapped one counts as its IPv4. */
  has(address: string): boolean
}

/** Whether `text` is an address or a range as `10.1.0.0/16` or `2001:db8::/32`. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== null
}

/** Opens a set of ranges that `isAddressRange` has let through. */
export function openAddressSet(ranges: readonly string[]): AddressSet {
  // Two lists, since one takes `::/3` to hold all of IPv4, as if each address were an IPv4-mapped one.
  const four = new BlockList()
  const six = new BlockList()
  for (const text of ranges) {
    const range = parseRange(text)
    if (range === null) throw new RangeError(`${JSON.stringify(text)} is no address range`)
    const list = range.family === 'ipv4' ? four : six
    list.addSubnet(range.address, range.bits, range.family)
  }
  return {
    has: (address) => {
      const family = isIP(address)
      if (family === 4) return four.check(address, 'ipv4')
      return family === 6 && (six.check(address, 'ipv6') || four.check(address, 'ipv6'))
    },
  }
}

type Range = {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

const MAPPED_BITS = 96

function parseRange(text: string): Range | null {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  const bitsMax = family === 4 ? 32 : 128
  const bits = prefix === undefined ? bitsMax : Number(prefix)
  const isBits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && bits <= bitsMax)
  if (family === 0 || !isBits || rest.length > 0 || address.includes('%')) return null
  if (family === 4) return { address, bits, family: 'ipv4' }
  const inner = mappedIpv4(address)
  if (inner === null || bits < MAPPED_BITS) return { address, bits, family: 'ipv6' }
  return { address: inner, bits: bits - MAPPED_BITS, family: 'ipv4' }
}

/** The IPv4 address inside an IPv4-mapped one (`::ffff:10.0.0.1`), however it is spelt; null in any other. */
export function mappedIpv4(address: string): string | null {
  if (isIP(address) !== 6 || address.includes('%')) return null
  // The URL parser spells each address in one way, in hexadecimal.
  const { hostname } = new URL(`http://[${address}]`)
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? []
  if (high === undefined || low === undefined) return null
  const groups = [parseInt(high, 16), parseInt(low, 16)]
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}
