import { type Instant, SECOND_MS } from '../../base/clock.ts'
import type { LeasedBatch } from '../../outbox/outbox-store.ts'
import type { HandPorts } from './hand-ports.ts'
import { openHeart } from './heart.ts'
import { type HeldLane, openHeldLane } from './held-lane.ts'
import { newLoad } from './load.ts'
import { openLoadSizes } from './load-sizes.ts'

/** What a sender holds, under leases that it prolongs together. */
export type Hand = {
  /** Slots held. */
  count(): number
  /** Of those: of lanes that did not answer last. */
  failingCount(): number
  /** How many batches a slot of each lane may carry. */
  loads(): Readonly<Record<string, number>>
  /**
   * Delivers the load of one slot, leased at `askedAt` or later. Resolves when the slot is free; rejects with what went
   * wrong, and then it lapses.
   */
  take(load: readonly LeasedBatch[], askedAt: Instant): Promise<void>
  /** Gives back what is not under way, and resolves when nothing is held. */
  empty(): Promise<void>
}

/** So long a message waits here at most, in milliseconds: holds, new URLs and other lanes' turns are decided by the store. */
const FRESH_MS = 2 * SECOND_MS

/** Opens an empty hand. */
export function openHand(ports: HandPorts): Hand {
  const { realNow, leaseMs } = ports
  const lanes = new Map<string, HeldLane>()
  const sizes = openLoadSizes()
  const loads = () => [...lanes.values()].flatMap((lane) => [...lane.loads])
  const heart = openHeart(ports, loads)

  const laneOf = (laneId: string): HeldLane => {
    const known = lanes.get(laneId)
    if (known) return known
    const lane = openHeldLane({
      ...ports,
      laneId,
      learn: (tookMs) => sizes.learn(laneId, tookMs),
      onOver: () => {
        if (lane.loads.size === 0) lanes.delete(laneId)
        heart.look()
      },
    })
    lanes.set(laneId, lane)
    return lane
  }
  return {
    count: () => loads().length,
    failingCount: () => loads().filter((each) => each.laneFailureCount > 0).length,
    loads: sizes.all,
    take: async (batches, askedAt) => {
      const [first] = batches
      if (!first) return
      const load = newLoad(first, {
        waiting: batches.length,
        goodUntil: askedAt + leaseMs,
        freshUntil: realNow() + FRESH_MS,
      })
      laneOf(first.lease.laneId).take(load, batches)
      heart.look()
      await load.over.promise
    },
    empty: async () => {
      const held = loads().map((load) => load.over.promise)
      for (const lane of lanes.values()) lane.empty()
      await Promise.allSettled(held)
    },
  }
}
