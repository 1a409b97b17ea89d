import { Pool } from 'undici'
import type { KeptConnections } from '../exchange/kept-connections.ts'
import type { Guard } from '../guard.ts'
import type { HttpReply } from '../http-reply.ts'
import type { TlsIdentity } from '../tls/tls-identity.ts'
import { type Connector, openConnector } from './connector.ts'

/** Connections by origin and identity: nobody's connection is another's. */
export type Pools = {
  /** Makes a request on the pool of an origin. */
  use(
    { origin, identity }: { readonly origin: string; readonly identity: TlsIdentity },
    request: (pool: Pool) => Promise<HttpReply>,
  ): Promise<HttpReply>
  /** Lets requests in hand end, drops what is being connected for nobody, and closes every connection. */
  close(): Promise<void>
}

type OriginPool = {
  readonly pool: Pool
  readonly connector: Connector
  readonly inHand: Set<Promise<HttpReply>>
}

type PoolsSettings = {
  readonly guard: Guard
  readonly connectMs: number
  readonly connectionsPerOrigin: number
  readonly originsMax: number
  readonly kept: KeptConnections
}

/** Opens no connection yet. */
export function openPools(settings: PoolsSettings): Pools {
  // In order of use: the first has been unused longest.
  const pools = new Map<string, OriginPool>()
  const closing = new Set<Promise<void>>()

  const closeOne = (key: string, entry: OriginPool) => {
    pools.delete(key)
    const closed = closePool(entry).finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const poolOf = (origin: string, identity: TlsIdentity) => {
    const key = `${origin} ${identity.id}`
    const entry = pools.get(key) ?? openPool(origin, identity, settings)
    pools.delete(key)
    pools.set(key, entry)
    const [oldest] = pools
    if (pools.size > settings.originsMax && oldest) closeOne(...oldest)
    return entry
  }
  const use: Pools['use'] = async ({ origin, identity }, request) => {
    const { pool, connector, inHand } = poolOf(origin, identity)
    const replying = request(pool)
    inHand.add(replying)
    try {
      const reply = await replying
      return connector.missedCertificate() ? { ...reply, missedCertificate: true } : reply
    } finally {
      inHand.delete(replying)
    }
  }
  const close = async () => {
    for (const [key, entry] of [...pools]) closeOne(key, entry)
    await Promise.all(closing)
  }
  return { use, close }
}

async function closePool({ pool, connector, inHand }: OriginPool): Promise<void> {
  await Promise.allSettled(inHand)
  // `close` of the pool would wait for connections that nobody waits for any more.
  await pool.destroy()
  connector.destroy()
}

function openPool(
  origin: string,
  identity: TlsIdentity,
  { guard, connectMs, connectionsPerOrigin, kept }: PoolsSettings,
): OriginPool {
  const connector = openConnector({ guard, identity, connectMs, kept })
  const pool = new Pool(origin, {
    connect: connector.connect,
    connections: connectionsPerOrigin,
    pipelining: 1,
    allowH2: false,
  })
  return { pool, connector, inHand: new Set() }
}
