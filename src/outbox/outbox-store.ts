import type { Instant } from '../base/clock.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { Notification } from './notification.ts'
import type { AttemptOutcome, LaneSettlement, Settlement } from './settle.ts'

/** The right to send in one slot of a lane, until it lapses. Every write that follows carries the token. */
export type Lease = { readonly laneId: string; readonly slot: number; readonly token: string }

/** What a sender took: up to 100 due notifications of one outbound message. */
export type LeasedBatch = {
  readonly lease: Lease
  readonly outboundMessageId: RecordId
  readonly notifications: readonly Notification[]
  /** Attempts in a row that had gone unanswered in this lane. */
  readonly laneFailureCount: number
  /** The lane's breaker is open: this batch is the probe, of at most 10. */
  readonly isProbe: boolean
  readonly definitionsVersion: number
}

export type SettledBatch = {
  readonly lease: Lease
  readonly outboundMessageId: RecordId
  readonly outcome: AttemptOutcome
  readonly settlements: readonly { notificationId: RecordId; settlement: Settlement }[]
  readonly lane: LaneSettlement
  readonly now: Instant
  /** What the attempt log keeps of it. */
  readonly attempt: AttemptRecord
}

/** One attempt as the log keeps it: bounded, session ids masked. */
export type AttemptRecord = {
  readonly attemptId: string
  readonly startedAt: Instant
  readonly durationMs: number
  readonly endpointUrl: string
  readonly notificationIds: readonly RecordId[]
  readonly outcome: AttemptOutcome['kind']
  readonly reason: string | null
  readonly httpStatus: number | null
  readonly request: string
  readonly response: string
}

export type LaneAsk = {
  /** Who asks, for people to read: host and process. */
  readonly owner: string
  readonly limit: number
  /** The org's time: decides what is due. */
  readonly now: Instant
  /** On the store's own clock, not the org's. */
  readonly leaseMs: number
}

/** Which waiting or given-up notifications a person means. */
export type NotificationFilter = {
  readonly notificationIds?: readonly RecordId[]
  readonly outboundMessageId?: RecordId
  readonly recordId?: RecordId
  readonly state?: 'waiting' | 'expired'
  readonly limit: number
}

export type NotificationView = Notification & {
  readonly state: 'waiting' | 'expired'
  readonly laneId: string
  readonly heldReason: string | null
}

/** The lane of each endpoint URL, for people. */
export type LaneView = {
  readonly laneId: string
  readonly endpointUrl: string
  readonly failureCount: number
  readonly probeAt: Instant | null
  readonly heldReason: string | null
  readonly waitingCount: number
  readonly oldestCreatedAt: Instant | null
}

/** What the sender and the monitoring pages ask of a store. */
export type OutboxStore = {
  /** Takes a slot of the lane whose turn it is, and what is due in it of one outbound message. */
  lease(ask: LaneAsk): Promise<LeasedBatch | null>
  /** Writes nothing when the lease's token is no longer the slot's: somebody else holds it. */
  settle(settled: SettledBatch): Promise<'settled' | 'lease lost'>
  /** Prolongs a lease that is still held. */
  renew(lease: Lease, leaseMs: number): Promise<'renewed' | 'lease lost'>
  /** Gives back what was taken without an attempt: at shutdown, or when the definition is gone. */
  release(lease: Lease): Promise<void>
  /** Says that notifications of these messages may be due. A lost wake is repaired by `sweep`. */
  wake(outboundMessageIds: readonly RecordId[], now: Instant): Promise<void>
  /** Frees lapsed leases, repairs missed wakes, moves what outlived its lifetime to the dead letters. */
  sweep(now: Instant): Promise<{ readonly released: number; readonly expired: number }>

  list(filter: NotificationFilter): Promise<readonly NotificationView[]>
  lanes(): Promise<readonly LaneView[]>
  attempts(filter: {
    readonly notificationId?: RecordId
    readonly limit: number
  }): Promise<readonly AttemptRecord[]>
  /** Due now; a dead letter gets a new lifetime. Answers how many. */
  retry(filter: NotificationFilter, now: Instant, expiresAt: Instant): Promise<number>
  /** Removes them for good. Answers how many. */
  del(filter: NotificationFilter): Promise<number>
  /** Holds or resumes an outbound message (by id) or a lane; resuming moves `expiresAt` on by the time on hold. */
  hold(target: HoldTarget, reason: string, now: Instant): Promise<boolean>
  resume(target: HoldTarget, now: Instant): Promise<boolean>
  /** Ends delivered attempts' log and dead letters older than the given instants, a slice at a time. */
  retain(ends: { attemptsBefore: Instant; deadLettersBefore: Instant }): Promise<number>
}

export type HoldTarget =
  | { readonly kind: 'outboundMessage'; readonly outboundMessageId: RecordId }
  | { readonly kind: 'lane'; readonly laneId: string }
