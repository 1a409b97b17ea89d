import type { Instant } from '../../../base/clock.ts'
import { timedIdsFrom } from '../../../base/timed-id.ts'

/** Characters of an id that attempts of about three quarters of a minute share: they are a bucket. */
export const BUCKET_DIGITS = 6

/** What the attempts of one bucket come to. */
export type Bucket = { readonly bucket: string; readonly attempts: number; readonly bytes: number }

/** Nothing is written any more into a bucket that is so far behind the newest: a quarter of an hour. */
const OPEN_BUCKETS = 20
/** After so many looks all is added up anew: a machine whose clock is behind may have written into what was added up. */
const LOOKS_MAX = 60

/**
 * Answers what the attempt log holds, the newest bucket first. What was added up before is remembered, so that a look
 * reads the attempts of the last quarter of an hour. Old buckets may have been ended since by another process: nobody
 * asks for those.
 */
export function openLogSize(
  sumFrom: (bucket: string) => Promise<readonly Bucket[]>,
): () => Promise<readonly Bucket[]> {
  let closed: readonly Bucket[] = []
  let looks = 0
  return async () => {
    if (looks % LOOKS_MAX === 0) closed = []
    looks += 1
    const [lastClosed] = closed
    const read = await sumFrom(lastClosed ? nameOf(numberOf(lastClosed) + 1) : '')
    const all = [...read, ...closed]
    const [newest] = all
    if (newest) closed = all.filter((each) => numberOf(each) <= numberOf(newest) - OPEN_BUCKETS)
    return all
  }
}

function numberOf({ bucket }: Bucket): number {
  return Number.parseInt(bucket, 36)
}

function nameOf(number: number): string {
  return number.toString(36).padStart(BUCKET_DIGITS, '0')
}

/** What the attempt log may hold: the newest attempts, within all three. */
export type AttemptBounds = {
  readonly attemptsBefore: Instant
  readonly attemptsMax: number
  readonly attemptsBytesMax: number
}

/** The bucket that goes beyond a bound, and what of it may be kept: its attempts are to be looked at one by one. */
export type Overfull = {
  readonly bucket: string
  readonly attemptsLeft: number
  readonly bytesLeft: number
}

/** Finds the bucket with which the log, the newest bucket first, goes beyond its bounds; null when it does not. */
export function overfullOf(buckets: readonly Bucket[], bounds: AttemptBounds): Overfull | null {
  const tooOld = timedIdsFrom(bounds.attemptsBefore)
  let [attemptsLeft, bytesLeft] = [bounds.attemptsMax, bounds.attemptsBytesMax]
  for (const { bucket, attempts, bytes } of buckets) {
    if (bucket < tooOld.slice(0, BUCKET_DIGITS)) return null // it ends for its age
    if (attempts > attemptsLeft || bytes > bytesLeft) return { bucket, attemptsLeft, bytesLeft }
    attemptsLeft -= attempts
    bytesLeft -= bytes
  }
  return null
}
