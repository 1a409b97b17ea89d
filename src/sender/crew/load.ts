import type { Instant } from '../../base/clock.ts'
import type { Lease, LeasedBatch } from '../../outbox/outbox-store.ts'
import type { RecordId } from '../../schema/record-id.ts'

/** What one slot carries. It is over when nothing of it waits, is under way or is being settled. */
export type Load = {
  readonly lease: Lease
  readonly laneFailureCount: number
  waiting: number
  underWay: number
  unsettled: number
  /** Notifications that go back without an attempt. */
  givenBackCount: number
  undefinedMessageId: RecordId | null
  /** `lapsing`: nobody may write for it any more; it is left to lapse. */
  state: 'held' | 'freed' | 'lapsing'
  goodUntil: Instant
  /** What has not been sent by then goes back. */
  readonly freshUntil: Instant
  failure: unknown
  /** Resolves when its slot is free; rejects with what went wrong, and then it lapses. */
  readonly over: PromiseWithResolvers<void>
}

/** The batches of one lease, none of which is under way. */
export function newLoad(
  { lease, laneFailureCount }: LeasedBatch,
  more: Pick<Load, 'waiting' | 'goodUntil' | 'freshUntil'>,
): Load {
  const over = Promise.withResolvers<void>()
  over.promise.catch(() => {}) // whoever took it hears of it
  return {
    lease,
    laneFailureCount,
    underWay: 0,
    unsettled: 0,
    givenBackCount: 0,
    undefinedMessageId: null,
    state: 'held',
    failure: null,
    over,
    ...more,
  }
}
