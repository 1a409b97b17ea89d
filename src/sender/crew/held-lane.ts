import type { LeasedBatch } from '../../outbox/outbox-store.ts'
import type { AskSlotAfter, HandPorts } from './hand-ports.ts'
import type { Load } from './load.ts'

/** What a sender holds of one lane: its loads are one queue, worked at by as many workers as there are slots. */
export type HeldLane = {
  readonly loads: ReadonlySet<Load>
  take(load: Load, batches: readonly LeasedBatch[]): void
  /** Nothing more of it is sent: what waits goes back. */
  empty(): void
}

type LanePorts = Pick<HandPorts, 'deliver' | 'giveBack' | 'realNow' | 'log'> & {
  readonly laneId: string
  /** What a batch took, in milliseconds; null where it was not answered. */
  readonly learn: (tookMs: number | null) => void
  /** A load is over and not among `loads` any more. */
  readonly onOver: () => void
}

type Waiting = { readonly batch: LeasedBatch; readonly load: Load }

/** Opens a lane of which nothing is held. */
export function openHeldLane(ports: LanePorts): HeldLane {
  const { laneId, realNow, log } = ports
  const loads = new Set<Load>()
  const book = openLoadBook(ports, loads)
  let queue: Waiting[] = []
  let workers = 0

  const takeOut = (load: Load): readonly Waiting[] => {
    const its = queue.filter((each) => each.load === load)
    queue = queue.filter((each) => each.load !== load)
    return its
  }
  const lapse = (load: Load, failure: unknown = null) => {
    takeOut(load)
    book.lapse(load, failure)
  }
  const giveBack = (load: Load) => {
    for (const { batch } of takeOut(load)) {
      load.waiting -= 1
      load.givenBackCount += batch.notifications.length
    }
    book.endIfOver(load)
  }
  const empty = () => {
    for (const load of [...loads]) giveBack(load)
  }

  const carry = async ({ batch, load }: Waiting) => {
    load.waiting -= 1
    load.underWay += 1
    const startedAt = realNow()
    const slotAfter: AskSlotAfter = (outcome) => {
      const isAnswered = outcome.kind === 'acknowledged' || outcome.kind === 'refused'
      ports.learn(isAnswered ? realNow() - startedAt : null)
      if (!isAnswered) empty()
      return book.slotAfter(load)
    }
    try {
      const delivered = await ports.deliver(batch, slotAfter)
      if (delivered.kind === 'attempted') {
        book.settling(load, delivered.settled, lapse)
        return
      }
      load.underWay -= 1
      load.givenBackCount += batch.notifications.length
      load.undefinedMessageId = delivered.undefinedMessageId
      empty()
    } catch (error) {
      load.underWay -= 1
      lapse(load, error)
    }
  }
  const next = (): Waiting | undefined => {
    if (workers > loads.size) return undefined
    for (let [first] = queue; first; [first] = queue) {
      const { load } = first
      const now = realNow()
      if (now >= load.goodUntil) {
        // Whoever stood still beyond a lease must not send what somebody else took meanwhile.
        log.warn('sender.lease_lost', { laneId, outcome: null })
        lapse(load)
      } else if (now >= load.freshUntil) giveBack(load)
      else return queue.shift()
    }
    return undefined
  }
  const work = async () => {
    workers += 1
    for (let each = next(); each; each = next()) await carry(each)
    workers -= 1
  }
  return {
    loads,
    take: (load, batches) => {
      loads.add(load)
      for (const batch of batches) queue.push({ batch, load })
      if (workers < loads.size) void work()
    },
    empty,
  }
}

type LoadBook = {
  /** Ends a load of which nothing is left to do, and frees its slot first where nobody has. */
  endIfOver(load: Load): void
  /** Of a load whose writes must not go on. */
  lapse(load: Load, failure: unknown): void
  /** One of its batches is to be settled now: what becomes of the slot with that. */
  slotAfter(load: Load): ReturnType<AskSlotAfter>
  /** One of its writes is on the way; `onFailure` where it fails or the lease is lost. */
  settling(
    load: Load,
    written: Promise<unknown>,
    onFailure: (load: Load, failure: unknown) => void,
  ): void
}

/** Keeps count of what is left of each load. */
function openLoadBook({ giveBack, onOver }: LanePorts, loads: Set<Load>): LoadBook {
  const end = (load: Load) => {
    loads.delete(load)
    onOver()
    if (load.failure === null) load.over.resolve()
    else load.over.reject(load.failure)
  }
  const endIfOver = (load: Load) => {
    if (load.waiting + load.underWay + load.unsettled > 0 || !loads.has(load)) return
    if (load.state !== 'held') return end(load)
    load.state = 'freed'
    load.unsettled += 1
    settling(load, giveBack(load.lease, load.undefinedMessageId), lapse)
  }
  const lapse = (load: Load, failure: unknown) => {
    load.state = 'lapsing'
    load.waiting = 0
    load.failure ??= failure
    endIfOver(load)
  }
  const settling: LoadBook['settling'] = (load, written, onFailure) => {
    const over = (answer: unknown) => {
      load.unsettled -= 1
      if (answer === 'lease lost') onFailure(load, null)
      endIfOver(load)
    }
    written.then(over, (error: unknown) => {
      load.unsettled -= 1
      onFailure(load, error)
    })
  }
  return {
    endIfOver,
    lapse,
    settling,
    slotAfter: (load) => {
      load.underWay -= 1
      load.unsettled += 1
      if (load.waiting + load.underWay > 0 || load.state !== 'held') return { kind: 'kept' }
      load.state = 'freed'
      return { kind: 'freed', givenBackCount: load.givenBackCount }
    },
  }
}
