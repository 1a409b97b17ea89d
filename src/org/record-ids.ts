import type { Clock } from '../base/clock.ts'
import { SECOND_MS } from '../base/clock.ts'
import { makeRecordId, type RecordId } from '../schema/record-id.ts'
import type { OrgStore } from './org-store.ts'

/** The first serial of a key prefix that is handed out; those below are the founding's. */
const FREE_SERIAL_MIN = 3
/** Serials taken from the store at a time, for ids: nobody minds gaps in them. */
const ID_BLOCK = 1000
/** The most auto-numbers taken at a time: people do mind gaps, so blocks grow only under load. */
const NUMBER_BLOCK_MAX = 256

/** Hands out ids and auto-numbers from blocks of serials reserved beforehand. */
export type Serials = {
  /** `count` new ids with the key prefix `prefix`. */
  takeIds(prefix: string, count: number): Promise<readonly RecordId[]>
  /** `count` numbers of a sequence that began at `startingAt`, ascending, gaps allowed. */
  takeNumbers(sequence: string, count: number, startingAt: number): Promise<readonly number[]>
}

type Block = { next: number; end: number; size: number; filledAt: number }

/** Opens the serials of this process. Two processes never hand out the same one. */
export function openSerials({ store, clock }: { store: OrgStore; clock: Clock }): Serials {
  const blocks = new Map<string, Block>()
  const filling = new Map<string, Promise<void>>()

  const fill = async (sequence: string, size: number, startingAt: number) => {
    const first = await store.reserveSerials(sequence, size, startingAt)
    blocks.set(sequence, { next: first, end: first + size, size, filledAt: clock.real() })
  }

  const take = async (
    sequence: string,
    count: number,
    sizeOf: (block: Block | undefined) => number,
    startingAt: number,
  ) => {
    const taken: number[] = []
    while (taken.length < count) {
      const block = blocks.get(sequence)
      if (block && block.next < block.end) {
        taken.push(block.next)
        block.next += 1
        continue
      }
      // One refill in flight for each sequence; who comes meanwhile waits for it.
      const size = Math.max(sizeOf(block), count - taken.length)
      const refill = filling.get(sequence) ?? fill(sequence, size, startingAt)
      filling.set(sequence, refill)
      try {
        await refill
      } finally {
        if (filling.get(sequence) === refill) filling.delete(sequence)
      }
    }
    return taken
  }

  const growing = (block: Block | undefined) => {
    const isBusy = block !== undefined && clock.real() - block.filledAt < SECOND_MS
    return isBusy ? Math.min(block.size * 2, NUMBER_BLOCK_MAX) : 1
  }

  return {
    takeIds: async (prefix, count) =>
      (await take(`id ${prefix}`, count, () => ID_BLOCK, FREE_SERIAL_MIN)).map((each) =>
        makeRecordId(prefix, each),
      ),
    takeNumbers: (sequence, count, startingAt) =>
      take(`number ${sequence}`, count, growing, startingAt),
  }
}
