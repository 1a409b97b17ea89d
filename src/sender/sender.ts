import type { Clock, Instant } from '../base/clock.ts'
import { SECOND_MS } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { NOTIFICATIONS_MAX } from '../outbox/notification.ts'
import type { LaneAsk, Lease, LeasedBatch, OutboxStore } from '../outbox/outbox-store.ts'
import { PROBE_NOTIFICATIONS_MAX } from '../outbox/settle.ts'
import type { RecordId } from '../schema/record-id.ts'
import { openWriterCache } from './compose-envelope.ts'
import { openCrew } from './crew/crew.ts'
import { openHand } from './crew/hand.ts'
import { type DeliveryPorts, deliver } from './deliver.ts'
import type { Post } from './post.ts'
import { readTogether } from './read-together.ts'
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
  leaseMs: 30 * SECOND_MS,
  heartbeatMs: 10 * SECOND_MS,
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
  /** When a turn ended last, in real time: one that hangs shows by it. Null before the first. */
  turnedAt(): Instant | null
  /** Ends the turns in hand, within `stopMs`. Leases without an attempt are given back. */
  stop(): Promise<void>
}

/** Opens a sender that does nothing until it is started or given a turn. */
export function openSender(ports: SenderPorts): Sender {
  const settings = { ...SENDER_SETTINGS, ...ports.settings }
  const { store, clock, log } = ports
  const ending = new AbortController()
  const delivery: DeliveryPorts = {
    ...ports,
    records: readTogether(ports.records),
    writerOf: openWriterCache(),
    signal: ending.signal,
  }
  let stopped: Promise<void> | null = null
  let turnedAt: Instant | null = null
  /** Whatever came of it: a turn that ended did not hang. */
  const turning = <T>(done: Promise<T>): Promise<T> =>
    done.finally(() => {
      turnedAt = clock.real()
    })
  const hand = openHand({
    deliver: (batch, slotAfter) => turning(deliver(delivery, batch, slotAfter)),
    giveBack: (lease, undefinedMessageId) => giveBack(ports, lease, undefinedMessageId),
    renew: (leases) => renewLeases(ports, settings.leaseMs, leases),
    realNow: () => clock.real(),
    leaseMs: settings.leaseMs,
    heartbeatMs: settings.heartbeatMs,
    log,
  })
  const crew = openCrew({
    lease: (most) => turning(leaseBatches(ports, settings.leaseMs, most)),
    hand,
    sweep: async () => {
      const { released, expired } = await store.sweep(clock.now())
      if (released + expired > 0) log.info('outbox.swept', { released, expired })
    },
    realNow: () => clock.real(),
    lookMs: settings.lookMs,
    sweepMs: settings.sweepMs,
    log,
  })

  return {
    turn: crew.turn,
    nudge: crew.nudge,
    turnedAt: () => turnedAt,
    start: (concurrency = CONCURRENCY) => crew.start(concurrency),
    stop: () => {
      stopped ??= stopWithin(settings.stopMs, ending, crew.stop)
      return stopped
    },
  }
}

function leaseBatches(
  { store, clock, owner }: SenderPorts,
  leaseMs: number,
  most: Pick<LaneAsk, 'count' | 'failingCount' | 'loads'>,
): Promise<readonly LeasedBatch[]> {
  return store.lease({
    owner,
    ...most,
    limit: NOTIFICATIONS_MAX,
    probeLimit: PROBE_NOTIFICATIONS_MAX,
    now: clock.now(),
    leaseMs,
  })
}

/** What is lost is told: somebody else may be sending it again meanwhile. */
async function renewLeases(
  { store, log }: SenderPorts,
  leaseMs: number,
  leases: readonly Lease[],
): Promise<readonly string[]> {
  const lost = await store.renew(leases, leaseMs)
  for (const { laneId, token } of leases) {
    if (lost.includes(token)) log.warn('sender.lease_lost', { laneId, outcome: null })
  }
  return lost
}

async function giveBack(
  { store, clock }: SenderPorts,
  lease: Lease,
  undefinedMessageId: RecordId | null,
): Promise<void> {
  if (undefinedMessageId === null) return store.release(lease)
  const reason = 'Its outbound message is not defined any more.'
  await store.release(lease, {
    outboundMessageId: undefinedMessageId,
    reason,
    now: clock.now(),
  })
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
