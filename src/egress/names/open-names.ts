import { lookup } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Clock, Instant } from '../../base/clock.ts'
import { isLoopbackName } from '../../base/endpoint-url.ts'
import type { ResolvedAddress, ResolveName } from '../guard.ts'
import { askNameServers } from './ask-name-servers.ts'
import { parseHosts } from './hosts-file.ts'
import { parseSearchList, wholeNames } from './search-list.ts'

// The system's own look-up, getaddrinfo, runs two at a time in all, and one whose name servers are silent takes ten
// seconds or more: one dead name would delay every other. These look-ups need no thread, so any number runs at once.

type NamesSettings = {
  readonly clock: Pick<Clock, 'real'>
  readonly hostsFile?: string
  readonly searchFile?: string
  /** Instead of the system's: `127.0.0.1:5353`. */
  readonly servers?: readonly string[]
}

/** Addresses are remembered for as long as their name servers say, and no longer than this. */
const KEPT_MAX_MS = 60_000
const NAMES_MAX = 2000
/** Each name server is given so long, twice; the second time twice as long. */
const SERVER_TIMEOUT_MS = 2000
const SERVER_TRIES = 2

/** Resolves names as the system does: `/etc/hosts` first, then its name servers with its search list. */
export function openNames(settings: NamesSettings): ResolveName {
  const { clock, hostsFile = '/etc/hosts', searchFile = '/etc/resolv.conf' } = settings
  const hosts = followFile(hostsFile, parseHosts)
  const servers = followFile(searchFile, (text) => ({
    search: parseSearchList(text),
    resolver: openResolver(settings.servers),
  }))
  const kept = new Map<string, { readonly addresses: readonly string[]; readonly until: Instant }>()
  const inHand = new Map<string, Promise<readonly string[]>>()

  const ask = async (name: string): Promise<readonly string[]> => {
    const listed = (await hosts()).get(name.replace(/\.$/, ''))
    if (listed) return listed
    const { search, resolver } = await servers()
    for (const whole of wholeNames(name, search)) {
      const answer = await askNameServers(resolver, whole)
      if (!answer) continue
      if (kept.size >= NAMES_MAX) kept.clear()
      const until = clock.real() + Math.min(answer.ttlMs, KEPT_MAX_MS)
      kept.set(name, { addresses: answer.addresses, until })
      return answer.addresses
    }
    return isOthers(name) ? askSystem(name) : []
  }
  const find = (name: string): Promise<readonly string[]> => {
    const known = kept.get(name)
    if (known && known.until > clock.real()) return Promise.resolve(known.addresses)
    kept.delete(name)
    const running = inHand.get(name) ?? ask(name).finally(() => inHand.delete(name))
    inHand.set(name, running)
    return running
  }
  return (hostname, answer) => {
    const name = hostname.toLowerCase()
    const found = isLoopbackName(name) ? Promise.resolve(['127.0.0.1', '::1']) : find(name)
    found.then(
      (addresses) => answer(null, addresses.map(withFamily)),
      (error: Error) => answer(error, []),
    )
  }
}

function openResolver(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: SERVER_TIMEOUT_MS, tries: SERVER_TRIES })
  if (servers) resolver.setServers(servers)
  return resolver
}

/** The content of a file, read anew when it has changed; empty while there is none. */
function followFile<T>(file: string, parse: (text: string) => T): () => Promise<T> {
  let known: { readonly stamp: string; readonly value: T } | null = null
  return async () => {
    const found = await stat(file).catch(() => null)
    const stamp = found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
    if (known?.stamp === stamp) return known.value
    const value = parse(found ? await readFile(file, 'utf8').catch(() => '') : '')
    known = { stamp, value }
    return value
  }
}

/** Names that the system may know by other means than name servers: of this network, as mDNS. */
function isOthers(name: string): boolean {
  return !name.includes('.') || /\.local\.?$/.test(name)
}

function askSystem(name: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error) reject(error)
      else resolve(addresses.map(({ address }) => address))
    })
  })
}

function withFamily(address: string): ResolvedAddress {
  return { address, family: isIP(address) }
}
