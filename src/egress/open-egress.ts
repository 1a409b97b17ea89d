import { type Clock, SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { startLoop } from '../base/loop.ts'
import { openGuard } from './guard.ts'
import { openNames } from './names/open-names.ts'
import { type Http, openHttp } from './post.ts'
import { openIdentities, type TlsFiles } from './tls/identities.ts'
import type { TlsIdentity } from './tls/tls-identity.ts'

/** The way out of a process, with the names and certificates it goes by. */
export type Egress = {
  readonly http: Http
  /** Who we are on behalf of `name`, by the certificates as they lie on disk now. */
  identityOf(name: string): TlsIdentity
  /** Lets requests in hand end, and closes every connection. */
  stop(): Promise<void>
}

/** How soon a certificate that was renewed on disk is used. */
const LOOK_MS = 10 * SECOND_MS

/** Opens it. Throws `EgressRefused` for an allow list, `CertificateError` for a certificate that cannot be used. */
export async function openEgress(ask: {
  readonly allow: readonly string[]
  /** DNS, TCP and TLS of one connection together. */
  readonly connectMs: number
  readonly tlsFiles: TlsFiles
  readonly clock: Pick<Clock, 'real'>
  readonly log: Log
}): Promise<Egress> {
  const { allow, connectMs, clock, log } = ask
  // Elsewhere the system's resolver goes by more than files and name servers.
  const resolve = process.platform === 'linux' ? openNames({ clock }) : undefined
  const guard = openGuard({ allow, ...(resolve && { resolve }) })
  const identities = await openIdentities(ask.tlsFiles, { clock, log })
  const http = openHttp({ guard, connectMs, identity: identities.nobody })
  const follower = startLoop(
    async () => {
      await identities.look()
      return 'idle'
    },
    {
      idleMs: LOOK_MS,
      onError: (error) => log.error('certificates.not_read', { reason: errorText(error) }),
    },
  )
  return {
    http,
    identityOf: identities.of,
    stop: async () => {
      await follower.stop()
      await http.close()
    },
  }
}
