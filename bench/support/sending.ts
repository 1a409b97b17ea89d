import { freshDatabase, temporaryFolder } from './bench-stores.ts'
import { startChild } from './child.ts'
import { percentile } from './figures.ts'
import type { ObmProcess } from './obm-process.ts'
import type { Backlog } from './open-backlog.ts'

/** One who sends: OBM with a store, or a peer. */
export type Sending = {
  readonly name: string
  readonly pid: number
  /** Makes so many notifications wait, of which `batchLimit` go in a message; nothing is sent yet. */
  queue(count: number, batchLimit: number): Promise<void>
  /** Lets them go. Resolves when they are under way, or gone. */
  start(): Promise<void>
  /** Resolves when nothing waits; answers how long POSTs took, where that is known. */
  settled(): Promise<{ readonly p50: number; readonly p99: number }>
}

const UNKNOWN = { p50: Number.NaN, p99: Number.NaN }

/** `obm serve --roles sender` over a backlog; its POST times are those of its log. */
export function obmSending(name: string, sender: ObmProcess, backlog: Backlog): Sending {
  return {
    name,
    pid: sender.pid,
    queue: async (count, batchLimit) => {
      sender.newLogLines()
      await backlog.queue(count, batchLimit)
    },
    start: () => backlog.start(),
    settled: async () => {
      await backlog.settled()
      const postsMs = sender
        .newLogLines()
        .filter(({ event }) => event === 'message.sent')
        .map(({ durationMs }) => Number(durationMs))
      return { p50: percentile(postsMs, 0.5), p99: percentile(postsMs, 0.99) }
    },
  }
}

type PeerAsk = {
  readonly kind: 'queue' | 'start'
  readonly endpointUrl: string
  readonly folder: string
  readonly databaseUrl: string
  readonly count: number
  readonly batchLimit: number
}

/** A peer in a process of its own: `bench/peers/NAME-main.mjs`. */
export async function peerSending(
  scope: AsyncDisposableStack,
  name: string,
  {
    endpointUrl,
    postgresUrl,
  }: { readonly endpointUrl: string; readonly postgresUrl: string | null },
): Promise<Sending> {
  const databaseUrl = postgresUrl ? await freshDatabase(scope, postgresUrl, name) : ''
  const peer = startChild<PeerAsk, unknown>(scope, `../peers/${name}-main.mjs`)
  const always = { endpointUrl, folder: temporaryFolder(scope), databaseUrl }
  let asked = { count: 0, batchLimit: 1 }
  return {
    name,
    pid: peer.pid,
    queue: async (count, batchLimit) => {
      asked = { count, batchLimit }
      await peer.ask({ kind: 'queue', ...always, ...asked })
    },
    start: async () => {
      await peer.ask({ kind: 'start', ...always, ...asked })
    },
    settled: async () => UNKNOWN,
  }
}
