import type { Instant } from '../../../../base/clock.ts'

/** A lane's bucket of tokens, one for each message that may be sent. */
export type LaneTokens = {
  /** Thousandths of messages a second. */
  readonly rateMilli: number
  /** Until when, in microseconds of the store's time, tokens are spent. */
  readonly pacedUntil: number
}

const MICROSECONDS = 1000
/** A bucket holds what comes in so long, and one token at least. */
const BUCKET_US = 100_000

/** How many messages may go now. */
export function tokensLeft({ rateMilli, pacedUntil }: LaneTokens, storeNow: Instant): number {
  const now = storeNow * MICROSECONDS
  const spentUntil = Math.max(pacedUntil, now)
  return Math.max(0, Math.floor((now + bucketOf(rateMilli) - spentUntil) / intervalOf(rateMilli)))
}

/** The bucket after `count` messages went, and when, in the store's time, the next may go. */
export function takeTokens(
  { rateMilli, pacedUntil }: LaneTokens,
  count: number,
  storeNow: Instant,
): { readonly pacedUntil: number; readonly limitedUntil: Instant } {
  const interval = intervalOf(rateMilli)
  const spentUntil = Math.max(pacedUntil, storeNow * MICROSECONDS) + count * interval
  return {
    pacedUntil: spentUntil,
    limitedUntil: Math.ceil((spentUntil + interval - bucketOf(rateMilli)) / MICROSECONDS),
  }
}

/** Whole microseconds, so that sums stay exact. */
function intervalOf(rateMilli: number): number {
  return Math.ceil(1_000_000_000 / rateMilli)
}

function bucketOf(rateMilli: number): number {
  return Math.max(BUCKET_US, intervalOf(rateMilli))
}
