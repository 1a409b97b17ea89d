import type { Instant } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Lease, LeasedBatch, SlotAfter } from '../../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../outbox/settle.ts'
import type { RecordId } from '../../schema/record-id.ts'

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
