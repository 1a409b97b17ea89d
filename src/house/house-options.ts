import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Role } from '../config/config.ts'
import type { ReceiverConfig } from '../config/receiver-config.ts'
import type { DeliveryTimeouts } from '../egress/timeouts.ts'
import type { TlsFiles } from '../egress/tls/identities.ts'
import type { JobPolicy } from '../jobs/kinds/job-policy.ts'
import type { Transport } from '../mail/transport.ts'
import type { Stores } from '../store/open-store.ts'

/** What a process is told to be. */
export type HouseOptions = {
  readonly stores: Stores
  /** Without a shift: the org's time is ahead of it by what the store says. */
  readonly clock: Clock
  /** `/dev/clock` moves the org's time. */
  readonly devClock: boolean
  readonly log: Log
  readonly roles: readonly Role[]
  readonly host: string
  readonly port: number
  /** Whether somebody chose the port: then a process listens that has no need of itself. */
  readonly isPortGiven: boolean
  readonly receiver: ReceiverConfig
  /** What the world calls this server; null: what it listens on. */
  readonly publicUrl: string | null
  /** Addresses besides the public ones that requests may go to. */
  readonly egressAllow: readonly string[]
  /** Whom TLS trusts, and which certificates listeners are shown. */
  readonly tlsFiles: TlsFiles
  readonly jobPolicy: JobPolicy
  /** What carries e-mails; null: there is no mail server, and they wait. */
  readonly mailTransport: Transport | null
  /** Where jobs run. */
  readonly projectFolder: string
  readonly deliveryTimeouts: DeliveryTimeouts
  /** Whether it is kept how saves were decided. */
  readonly traces: boolean
  /** How long the attempt log and the traces are kept. */
  readonly retention: { readonly attemptsMs: number; readonly tracesMs: number }
  /** Health is red when something that could be done has been due for so long. */
  readonly lateAfterMs: number
  /** Opens `/health` and `/metrics` to other machines; null: to none. */
  readonly metricsToken: string | null
  /** Signs what clients without a secret of their own get signed. */
  readonly signatureKey: string
}
