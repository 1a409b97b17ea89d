import type { Instant } from './clock.ts'

/** What a store's loops have in hand, and what they will have next: `/dev/clock` goes by it. */
export type WorkAhead = {
  /** How much is leased now. */
  readonly leasedCount: number
  /** When the next of the rest is due, not after now if it is due already; null when nothing is to come. */
  readonly dueAt: Instant | null
}
