import { SECOND_MS } from '../../base/clock.ts'
import { errorText } from '../../base/log.ts'
import { startLoop } from '../../base/loop.ts'
import type { Egress } from '../../egress/open-egress.ts'
import { openClassicSession } from '../../inbox/classic/classic-session.ts'
import { openInbox } from '../../inbox/open-inbox.ts'
import { type Listener, openListener } from '../../web/listener.ts'
import { openPeerReader } from '../../web/receiving/read-peer.ts'
import { openServerTls } from '../../web/receiving/server-tls.ts'
import { openServer, type ServerOptions, type WebServer } from '../../web/server.ts'
import type { HouseOptions } from '../house-options.ts'
import { answersOperators, type HouseOperations } from '../operations.ts'

/** The servers of a process, as its roles need them. */
export type Servers = {
  /** Where it answers, without a slash at the end; null: it does not. */
  readonly url: string | null
  /** Where the receiving route answers. */
  readonly receiverUrl: string | null
  /** Tells messages to come back, lets the requests in hand finish, and closes. */
  close(): Promise<void>
}

type Ask = {
  readonly operated: HouseOperations
  readonly routed: Pick<ServerOptions, 'routes' | 'frontPage'>
  readonly http: Egress['http']
  readonly nudgeRunner: () => void
}

type ServerAsk = Pick<ServerOptions, 'routes' | 'frontPage'> &
  Omit<ServerOptions, 'host' | 'port' | 'tls' | 'listener'>

/** How soon a certificate that was renewed on disk is used. */
const LOOK_MS = 10 * SECOND_MS

/** Opens them. Throws `PortError`, and `CertificateError` for a receiver's certificate that cannot be used. */
export async function openServers(options: HouseOptions, ask: Ask): Promise<Servers> {
  const { roles, port, host, publicUrl, log, receiver } = options
  const { operations, onAnswered } = ask.operated
  const receives = roles.includes('receiver')
  const listener = listenerOf(options, ask)
  const shared = { publicUrl, log, operations, ...(onAnswered && { onAnswered }), ...ask.routed }
  const ownPort = receives ? receiver.port : null
  const own =
    ownPort === null ? null : await openReceiver(options, { shared, listener, port: ownPort })
  const main = answersOperators(options)
    ? await openServer({
        ...shared,
        host,
        port,
        listener: receives && !own ? listener : null,
      })
    : null
  return {
    url: main?.url ?? null,
    receiverUrl: (own ?? main)?.url ?? null,
    close: async () => {
      listener.stop()
      await Promise.all([main?.close(), own?.close()])
    },
  }
}

/** The receiving route faces the internet: on a port of its own there is nothing else to find. */
async function openReceiver(
  { clock, log, host, receiver }: HouseOptions,
  { shared, listener, port }: { shared: ServerAsk; listener: Listener; port: number },
): Promise<Pick<WebServer, 'url' | 'close'>> {
  const tls = receiver.tlsFiles && (await openServerTls(receiver.tlsFiles, { clock, log }))
  const server = await openServer({
    ...shared,
    host: receiver.host ?? host,
    operations: { ...shared.operations, inner: null },
    port,
    ...(tls && { tls: tls.options }),
    routes: [],
    frontPage: null,
    listener,
  })
  const look = async () => {
    const renewed = await tls?.look()
    if (renewed) server.renewTls(renewed)
    return 'idle' as const
  }
  const onError = (error: unknown) =>
    log.error('certificates.not_read', { reason: errorText(error) })
  const follower = tls && startLoop(look, { idleMs: LOOK_MS, onError })
  return {
    url: server.url,
    close: async () => {
      await Promise.all([follower?.stop(), server.close()])
    },
  }
}

function listenerOf(
  { stores, clock, log, receiver }: HouseOptions,
  { http, nudgeRunner }: Pick<Ask, 'http' | 'nudgeRunner'>,
): Listener {
  const classicSession = openClassicSession({ http, store: stores.jobs, clock })
  const { proxies, certificateHeader, queueMax, tlsFiles } = receiver
  const checksAuthorities = tlsFiles !== null && tlsFiles.clientCa.length > 0
  return openListener({
    inbox: openInbox({ store: stores.inbox, classicSession, clock, log, nudgeRunner, queueMax }),
    peerOf: openPeerReader({ proxies, certificateHeader, checksAuthorities }),
    log,
  })
}
