import { type Instant, SECOND_MS } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import type { Lease, LeasedBatch, SlotAfter } from '../../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../outbox/settle.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { openLoadSizes } from './load-sizes.ts'

/** What came of one batch. `settled` resolves when it is written down. */
export type Delivered =
  | { readonly kind: 'attempted'; readonly settled: Promise<'settled' | 'lease lost'> }
  | {
      readonly kind: 'given back' // nothing was attempted
      /** Its outbound message has no definition. */
      readonly undefinedMessageId: RecordId | null
    }

/** Asked once for an attempt, when its outcome is known and before it is settled. */
export type AskSlotAfter = (outcome: AttemptOutcome) => SlotAfter

export type HandPorts = {
  readonly deliver: (batch: LeasedBatch, slotAfter: AskSlotAfter) => Promise<Delivered>
  /** Gives back what a lease took and is not settled. */
  readonly giveBack: (lease: Lease, undefinedMessageId: RecordId | null) => Promise<void>
  /** Prolongs leases; answers the tokens of those that are lost. */
  readonly renew: (leases: readonly Lease[]) => Promise<readonly string[]>
  /** Real time, on which leases lapse. */
  readonly realNow: () => Instant
  readonly leaseMs: number
  readonly heartbeatMs: number
  readonly log: Log
}

/** What a sender holds under leases that it prolongs together: of each lane a queue, and as many at it as there are slots. */
export type Hand = {
  /** Slots held. */
  count(): number
  /** Of those: of lanes that did not answer last. */
  failingCount(): number
  /** How many batches a slot of each lane may carry. */
  loads(): Readonly<Record<string, number>>
  /** Delivers what was leased at `askedAt` or later. Resolves when its slots are free; rejects with what went wrong, and then they lapse. */
  take(batches: readonly LeasedBatch[], askedAt: Instant): Promise<void>
  /** Gives back what is not under way, and resolves when nothing is held. */
  empty(): Promise<void>
}

/** So long a message waits here at most, in milliseconds: holds, new URLs and other lanes' turns are decided by the store. */
const FRESH_MS = 2 * SECOND_MS

/** What one slot carries. It is over when nothing of it waits, is under way or is being settled. */
type Load = {
  readonly lease: Lease
  readonly laneFailureCount: number
  waiting: number
  underWay: number
  unsettled: number
  givenBackCount: number
  undefinedMessageId: RecordId | null
  /** `lapsing`: nobody may write for it any more; it is left to lapse. */
  state: 'held' | 'freed' | 'lapsing'
  goodUntil: Instant
  /** What has not been sent by then goes back. */
  readonly freshUntil: Instant
  failure: unknown
  readonly over: PromiseWithResolvers<void>
}

type Lane = {
  readonly laneId: string
  readonly queue: { readonly batch: LeasedBatch; readonly load: Load }[]
  readonly loads: Set<Load>
  workers: number
}

/** Opens an empty hand. */
export function openHand(ports: HandPorts): Hand {
  const { realNow, leaseMs, log } = ports
  const lanes = new Map<string, Lane>()
  const sizes = openLoadSizes()
  const loads = () => [...lanes.values()].flatMap((lane) => [...lane.loads])
  const heart = openHeart(ports, loads)

  const laneOf = (laneId: string): Lane => {
    const lane = lanes.get(laneId) ?? { laneId, queue: [], loads: new Set(), workers: 0 }
    lanes.set(laneId, lane)
    return lane
  }
  /** Nothing more of the lane's queue is sent: it is given back. */
  const emptyLane = (lane: Lane) => {
    for (const { batch, load } of lane.queue.splice(0)) {
      load.waiting -= 1
      load.givenBackCount += batch.notifications.length
    }
    for (const load of lane.loads) endIfOver(lane, load)
  }
  /** Takes what waits of a load out of the queue. Answers how many notifications. */
  const takeOut = (lane: Lane, load: Load): number => {
    const its = lane.queue.filter((each) => each.load === load)
    const others = lane.queue.filter((each) => each.load !== load)
    lane.queue.splice(0, lane.queue.length, ...others)
    load.waiting = 0
    return its.reduce((sum, { batch }) => sum + batch.notifications.length, 0)
  }
  const lapse = (lane: Lane, load: Load, failure: unknown = null) => {
    load.state = 'lapsing'
    load.failure ??= failure
    takeOut(lane, load)
    endIfOver(lane, load)
  }
  const end = (lane: Lane, load: Load) => {
    lane.loads.delete(load)
    if (lane.loads.size === 0) lanes.delete(lane.laneId)
    heart.look()
    if (load.failure === null) load.over.resolve()
    else load.over.reject(load.failure)
  }
  const endIfOver = (lane: Lane, load: Load) => {
    if (load.waiting + load.underWay + load.unsettled > 0 || !lane.loads.has(load)) return
    if (load.state !== 'held') return end(lane, load)
    load.state = 'freed'
    load.unsettled += 1
    const given = ports.giveBack(load.lease, load.undefinedMessageId)
    settling(lane, load, given)
  }
  const settling = (lane: Lane, load: Load, written: Promise<unknown>) => {
    void written
      .then(
        (answer) => {
          load.unsettled -= 1
          if (answer === 'lease lost') lapse(lane, load)
        },
        (error: unknown) => {
          load.unsettled -= 1
          lapse(lane, load, error)
        },
      )
      .then(() => endIfOver(lane, load))
  }

  const carry = async (lane: Lane, batch: LeasedBatch, load: Load) => {
    load.waiting -= 1
    load.underWay += 1
    const startedAt = realNow()
    const slotAfter: AskSlotAfter = (outcome) => {
      load.underWay -= 1
      load.unsettled += 1
      const isAnswered = outcome.kind === 'acknowledged' || outcome.kind === 'refused'
      sizes.learn(lane.laneId, isAnswered ? realNow() - startedAt : null)
      if (!isAnswered) emptyLane(lane)
      if (load.waiting + load.underWay > 0 || load.state !== 'held') return { kind: 'kept' }
      load.state = 'freed'
      return { kind: 'freed', givenBackCount: load.givenBackCount }
    }
    try {
      const delivered = await ports.deliver(batch, slotAfter)
      if (delivered.kind === 'attempted') return settling(lane, load, delivered.settled)
      load.givenBackCount += batch.notifications.length
      load.undefinedMessageId = delivered.undefinedMessageId
    } catch (error) {
      load.underWay -= 1
      return lapse(lane, load, error)
    }
    load.underWay -= 1
    emptyLane(lane)
  }
  const next = (lane: Lane) => {
    if (lane.workers > lane.loads.size) return undefined
    for (let first = lane.queue[0]; first; first = lane.queue[0]) {
      const { load } = first
      const now = realNow()
      if (now >= load.goodUntil) {
        // Whoever stood still beyond a lease must not send what somebody else took meanwhile.
        log.warn('sender.lease_lost', { laneId: lane.laneId, outcome: null })
        lapse(lane, load)
      } else if (now >= load.freshUntil) {
        load.givenBackCount += takeOut(lane, load)
        endIfOver(lane, load)
      } else return lane.queue.shift()
    }
    return undefined
  }
  const work = async (lane: Lane) => {
    lane.workers += 1
    for (let each = next(lane); each; each = next(lane)) await carry(lane, each.batch, each.load)
    lane.workers -= 1
  }

  return {
    count: () => loads().length,
    failingCount: () => loads().filter((each) => each.laneFailureCount > 0).length,
    loads: sizes.all,
    take: async (batches, askedAt) => {
      const taken = [...Map.groupBy(batches, (each) => each.lease.token).values()].map((all) => {
        const lane = laneOf(all[0]?.lease.laneId ?? '')
        const load = newLoad(all, askedAt + leaseMs, realNow() + FRESH_MS)
        lane.loads.add(load)
        lane.queue.push(...all.map((batch) => ({ batch, load })))
        return { lane, load }
      })
      heart.look()
      for (const { lane } of taken) if (lane.workers < lane.loads.size) void work(lane)
      await Promise.all(taken.map(({ load }) => load.over.promise))
    },
    empty: async () => {
      const held = loads().map((load) => load.over.promise)
      for (const lane of lanes.values()) emptyLane(lane)
      await Promise.allSettled(held)
    },
  }
}

function newLoad(batches: readonly LeasedBatch[], goodUntil: Instant, freshUntil: Instant): Load {
  const [first] = batches
  if (!first) throw new Error('a load has a batch')
  const over = Promise.withResolvers<void>()
  over.promise.catch(() => {}) // whoever took it hears of it
  return {
    lease: first.lease,
    laneFailureCount: first.laneFailureCount,
    waiting: batches.length,
    underWay: 0,
    unsettled: 0,
    givenBackCount: 0,
    undefinedMessageId: null,
    state: 'held',
    goodUntil,
    freshUntil,
    failure: null,
    over,
  }
}

/** Prolongs what is held as long as something is. What is lost meanwhile is told when it is to be settled. */
function openHeart(
  { renew, realNow, leaseMs, heartbeatMs, log }: HandPorts,
  loads: () => readonly Load[],
) {
  let heartbeat: NodeJS.Timeout | null = null
  const beat = async () => {
    const askedAt = realNow()
    const held = loads().filter(({ state }) => state !== 'lapsing')
    const lost = await renew(held.map(({ lease }) => lease))
    for (const load of held) {
      load.goodUntil = lost.includes(load.lease.token) ? askedAt : askedAt + leaseMs
    }
  }
  const look = () => {
    const isHolding = loads().length > 0
    if (isHolding && heartbeat === null) {
      heartbeat = setInterval(() => {
        beat().catch((error: unknown) => {
          log.warn('sender.renew_failed', { reason: errorText(error) })
        })
      }, heartbeatMs).unref()
    } else if (!isHolding && heartbeat !== null) {
      clearInterval(heartbeat)
      heartbeat = null
    }
  }
  return { look }
}
