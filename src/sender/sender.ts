import type { Clock } from '../base/clock.ts'
import { SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { NOTIFICATIONS_MAX } from '../outbox/notification.ts'
import type { LeasedBatch, OutboxStore } from '../outbox/outbox-store.ts'
import { PROBE_NOTIFICATIONS_MAX } from '../outbox/settle.ts'
import { openWriterCache } from './compose-envelope.ts'
import { openCrew, openFailingShare } from './crew.ts'
import { type DeliveryPorts, deliver } from './deliver.ts'
import type { Post } from './post.ts'
import type { RecordReader } from './record-reader.ts'
import type { MessageOf } from './sendable.ts'

// The sender pays what the outbox owes. A leased batch comes in, one POST goes out, a settlement is written. At
// every moment a notification waits in the store or is held under a lease that lapses by itself.

/** Durations in milliseconds of real time. */
type SenderSettings = {
  /** A crash costs a batch at most so long. */
  readonly leaseMs: number
  /** How often a lease is prolonged while its POST is on the way. */
  readonly heartbeatMs: number
  /** How often one idle turn looks for what has come due. */
  readonly lookMs: number
  readonly sweepMs: number
  /** After so long `stop` cancels the POSTs in flight and gives back what they carried. */
  readonly stopMs: number
}

const SENDER_SETTINGS: SenderSettings = {
  leaseMs: 90 * SECOND_MS,
  heartbeatMs: 30 * SECOND_MS,
  lookMs: SECOND_MS,
  sweepMs: 2 * SECOND_MS,
  stopMs: 10 * SECOND_MS,
}

/** Turns at once by default: four hanging endpoints of 16 slots each, before their breakers open. */
export const CONCURRENCY = 64

type SenderPorts = {
  readonly store: OutboxStore
  readonly records: RecordReader
  readonly messageOf: MessageOf
  readonly post: Post
  readonly clock: Clock
  readonly log: Log
  /** Who sends, for people to read: host and process. */
  readonly owner: string
  readonly settings?: Partial<SenderSettings>
}

/** The loop over the outbox; any number of them may run over one store. */
export type Sender = {
  /** Leases one batch, delivers and settles it. Tests call this; `start` calls it in loops. */
  turn(): Promise<'worked' | 'idle'>
  start(concurrency?: number): void
  /** Looks for work at once; losing a nudge costs a second. */
  nudge(): void
  /** Ends the turns in hand, within `stopMs`. Leases without an attempt are given back. */
  stop(): Promise<void>
}

/** Opens a sender that does nothing until it is started or given a turn. */
export function openSender(ports: SenderPorts): Sender {
  const settings = { ...SENDER_SETTINGS, ...ports.settings }
  const { store, clock, log } = ports
  const ending = new AbortController()
  const delivery: DeliveryPorts = { ...ports, writerOf: openWriterCache(), signal: ending.signal }
  const failing = openFailingShare()
  const crew = openCrew(log)
  let stopped: Promise<void> | null = null

  const turn = async (): Promise<'worked' | 'idle'> => {
    if (stopped) return 'idle'
    const share = failing.reserve()
    try {
      const batch = await leaseBatch(ports, settings.leaseMs, !share.isReserved)
      if (!batch) return 'idle'
      if (batch.laneFailureCount === 0) share.giveBack()
      crew.nudge() // where one finds work there may be more
      await deliverBatch(delivery, batch, settings)
      return 'worked'
    } finally {
      share.giveBack()
    }
  }

  const sweep = async (): Promise<'idle'> => {
    const { released, expired, dropped } = await store.sweep(clock.now())
    if (released + expired + dropped > 0) log.info('outbox.swept', { released, expired, dropped })
    return 'idle'
  }

  return {
    turn,
    nudge: crew.nudge,
    start: (concurrency = CONCURRENCY) => {
      failing.limit(concurrency)
      crew.start({ ...settings, turn, sweep, concurrency })
    },
    stop: () => {
      stopped ??= stopWithin(settings.stopMs, ending, crew.stop)
      return stopped
    },
  }
}

function leaseBatch(
  { store, clock, owner }: SenderPorts,
  leaseMs: number,
  healthyOnly: boolean,
): Promise<LeasedBatch | null> {
  return store.lease({
    owner,
    limit: NOTIFICATIONS_MAX,
    probeLimit: PROBE_NOTIFICATIONS_MAX,
    now: clock.now(),
    leaseMs,
    healthyOnly,
  })
}

/** Delivers under a lease that is prolonged meanwhile. If it throws, the lease lapses: nothing is lost but time. */
async function deliverBatch(
  ports: DeliveryPorts,
  batch: LeasedBatch,
  { leaseMs, heartbeatMs }: SenderSettings,
): Promise<void> {
  const { store, log } = ports
  const heartbeat = setInterval(() => {
    store.renew(batch.lease, leaseMs).catch((error: unknown) => {
      log.warn('sender.renew_failed', { reason: errorText(error) })
    })
  }, heartbeatMs)
  heartbeat.unref()
  try {
    await deliver(ports, batch)
  } finally {
    clearInterval(heartbeat)
  }
}

/** Cancels what still hangs after the grace. */
async function stopWithin(
  stopMs: number,
  ending: AbortController,
  stop: () => Promise<void>,
): Promise<void> {
  const timer = setTimeout(() => ending.abort(), stopMs)
  await stop()
  clearTimeout(timer)
}
