import type { Instant } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import { type Loop, startLoop } from '../../base/loop.ts'
import type { LaneAsk, LeasedBatch } from '../../outbox/outbox-store.ts'
import type { Hand } from './hand.ts'

/** At most this share of the slots goes to lanes whose last attempt went unanswered. */
const FAILING_SHARE = 0.25

/** So many slots are leased at once: what a lease holds locked is then soon free again. */
export const LEASED_TOGETHER_MAX = 16

/** What the crew runs; durations are in milliseconds of real time. */
type CrewPorts = {
  readonly lease: (
    most: Pick<LaneAsk, 'count' | 'failingCount' | 'loads'>,
  ) => Promise<readonly LeasedBatch[]>
  readonly hand: Hand
  readonly sweep: () => Promise<void>
  readonly realNow: () => Instant
  readonly lookMs: number
  readonly sweepMs: number
  readonly log: Log
}

/** So many slots at once, and one loop that leases what they carry next. */
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
export function openCrew({ lease, hand, sweep, realNow, log, ...pace }: CrewPorts): Crew {
  const loops: Loop[] = []
  let nudge = () => {}
  let isStopped = false
  const onError = (error: unknown) => log.error('sender.turn_failed', { reason: errorText(error) })

  const leaseTurn = async (concurrency: number) => {
    const count = Math.min(concurrency - hand.count(), LEASED_TOGETHER_MAX)
    if (count <= 0) return 'idle'
    const failingMax = Math.max(1, Math.floor(concurrency * FAILING_SHARE))
    const failingCount = Math.max(0, failingMax - hand.failingCount())
    const askedAt = realNow()
    const batches = await lease({ count, failingCount, loads: hand.loads() })
    for (const { againInMs } of batches) {
      if (againInMs !== null) setTimeout(nudge, againInMs).unref() // its lane may send again then
    }
    for (const load of Map.groupBy(batches, (each) => each.lease.token).values()) {
      void hand.take(load, askedAt).catch(onError).finally(nudge)
    }
    return batches.length > 0 ? 'worked' : 'idle'
  }
  return {
    turn: async () => {
      if (isStopped) return 'idle'
      const askedAt = realNow()
      const batches = await lease({ count: 1, failingCount: 1 })
      if (batches.length === 0) return 'idle'
      await hand.take(batches, askedAt)
      return 'worked'
    },
    nudge: () => nudge(),
    start: (concurrency) => {
      const leasing = startLoop(() => leaseTurn(concurrency), { idleMs: pace.lookMs, onError })
      nudge = leasing.nudge
      const sweepTurn = async () => {
        await sweep()
        return 'idle' as const
      }
      loops.push(leasing, startLoop(sweepTurn, { idleMs: pace.sweepMs, onError }))
    },
    stop: async () => {
      isStopped = true
      await Promise.all(loops.map((each) => each.stop()))
      await hand.empty()
    },
  }
}
