import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import type { LeasedBatch } from '../outbox/outbox-store.ts'

/** At most this share of the turns goes to lanes whose last attempt went unanswered. */
const FAILING_SHARE = 0.25

/** So many batches are leased at once: what a lease holds locked is then soon free again. */
export const LEASED_TOGETHER_MAX = 16

/** What the crew runs; durations are in milliseconds of real time. */
type CrewPorts = {
  /** Leases at most so many batches, and so many of them of lanes that did not answer last. */
  readonly lease: (most: {
    readonly count: number
    readonly failingCount: number
  }) => Promise<readonly LeasedBatch[]>
  readonly deliver: (batch: LeasedBatch) => Promise<unknown>
  /** Prolongs what is in hand. */
  readonly renew: (batches: readonly LeasedBatch[]) => Promise<void>
  readonly sweep: () => Promise<void>
  readonly lookMs: number
  readonly sweepMs: number
  readonly heartbeatMs: number
  readonly log: Log
}

/** So many deliveries at once, and one loop that leases what they need next. */
type Crew = {
  /** Leases one batch and delivers it. */
  turn(): Promise<'worked' | 'idle'>
  /** Makes the loop look at once. */
  nudge(): void
  start(concurrency: number): void
  /** Leases nothing more, and resolves when nothing is in hand. */
  stop(): Promise<void>
}

/**
 * Opens a crew that does nothing until it is started or given a turn. Leases are asked for one after the other: what
 * has become free meanwhile is asked for together.
 */
export function openCrew(ports: CrewPorts): Crew {
  const { lease, log } = ports
  const hand = openHand(ports)
  const loops: Loop[] = []
  let nudge = () => {}
  let isStopped = false
  const onError = (error: unknown) => log.error('sender.turn_failed', { reason: errorText(error) })

  const leaseTurn = async (concurrency: number) => {
    const count = Math.min(concurrency - hand.count(), LEASED_TOGETHER_MAX)
    if (count <= 0) return 'idle'
    const failingMax = Math.max(1, Math.floor(concurrency * FAILING_SHARE))
    const batches = await lease({
      count,
      failingCount: Math.max(0, failingMax - hand.failingCount()),
    })
    for (const { againInMs } of batches) {
      if (againInMs !== null) setTimeout(nudge, againInMs).unref() // its lane may send again then
    }
    for (const batch of batches) void hand.deliver(batch).catch(onError).finally(nudge)
    return batches.length > 0 ? 'worked' : 'idle'
  }
  return {
    turn: async () => {
      if (isStopped) return 'idle'
      const [batch] = await lease({ count: 1, failingCount: 1 })
      if (!batch) return 'idle'
      await hand.deliver(batch)
      return 'worked'
    },
    nudge: () => nudge(),
    start: (concurrency) => {
      const leasing = startLoop(() => leaseTurn(concurrency), { idleMs: ports.lookMs, onError })
      nudge = leasing.nudge
      const sweep = async () => {
        await ports.sweep()
        return 'idle' as const
      }
      loops.push(leasing, startLoop(sweep, { idleMs: ports.sweepMs, onError }))
    },
    stop: async () => {
      isStopped = true
      await Promise.all(loops.map((each) => each.stop()))
      await hand.empty()
    },
  }
}

/** What is being delivered, under leases that are prolonged together. If a delivery throws, its lease lapses. */
function openHand({ deliver, renew, heartbeatMs, log }: CrewPorts) {
  const batches = new Map<LeasedBatch, Promise<unknown>>()
  let heartbeat: NodeJS.Timeout | null = null

  const beat = () => {
    renew([...batches.keys()]).catch((error: unknown) => {
      log.warn('sender.renew_failed', { reason: errorText(error) })
    })
  }
  const put = (batch: LeasedBatch, delivered: Promise<unknown>) => {
    batches.set(batch, delivered)
    heartbeat ??= setInterval(beat, heartbeatMs).unref()
  }
  const take = (batch: LeasedBatch) => {
    batches.delete(batch)
    if (batches.size > 0 || heartbeat === null) return
    clearInterval(heartbeat)
    heartbeat = null
  }
  return {
    count: () => batches.size,
    failingCount: () => [...batches.keys()].filter((each) => each.laneFailureCount > 0).length,
    deliver: (batch: LeasedBatch): Promise<unknown> => {
      const delivered = deliver(batch).finally(() => take(batch))
      put(batch, delivered)
      return delivered
    },
    empty: async () => {
      await Promise.allSettled(batches.values())
    },
  }
}
