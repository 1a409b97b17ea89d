import type { Instant } from '../base/clock.ts'
import type { WorkAhead } from '../base/work-ahead.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { AttemptFilter, AttemptPage, AttemptRecord } from './attempt.ts'
import type { DeliverySchedule } from './delivery-schedule.ts'
import type { LanePace } from './lane-pace.ts'
import type { Notification } from './notification.ts'
import type { AttemptOutcome, LaneSettlement, Regrowth, Settlement } from './settle.ts'

/** The right to send in one slot of a lane, until it lapses. Every write that follows carries the token. */
export type Lease = { readonly laneId: string; readonly slot: number; readonly token: string }

/** What a sender took: up to 100 due notifications of one outbound message. */
export type LeasedBatch = {
  /** Batches that share a lease are the load of its slot: they are posted one after the other. */
  readonly lease: Lease
  readonly outboundMessageId: RecordId
  /** The lane's: where it goes. */
  readonly endpointUrl: string
  /** In the order of their due times. */
  readonly notifications: readonly Notification[]
  /** Attempts in a row that had gone unanswered in this lane. */
  readonly laneFailureCount: number
  /** The lane's breaker is open: this batch is the probe, of at most 10. */
  readonly isProbe: boolean
  readonly definitionsVersion: number
  /** The lane's rate is limited: its next message may go after so long. Null: it is not limited. */
  readonly againInMs: number | null
}

export type SettledBatch = {
  readonly lease: Lease
  readonly outboundMessageId: RecordId
  readonly settlements: readonly {
    readonly notification: Pick<
      Notification,
      'notificationId' | 'recordId' | 'ruleFullName' | 'createdAt'
    >
    readonly settlement: Settlement
  }[]
  /** By how many attempts in a row had gone unanswered when it is written; see `settleLaneByCount`. */
  readonly lane: readonly LaneSettlement[]
  /** What becomes of its neighbours' limits. */
  readonly regrowth: Regrowth | null
  readonly now: Instant
  /** What the attempt log keeps of it. */
  readonly attempt: AttemptRecord
  readonly slot: SlotAfter
}

/** Of a slot after one batch of its load: more of it is on the way, or it is free, and so many are given back. */
export type SlotAfter =
  | { readonly kind: 'kept' }
  | { readonly kind: 'freed'; readonly givenBackCount: number }

/** That a notification was in an attempt: what is left to tell of it when it is delivered. */
export type AttemptedNotification = {
  readonly attemptId: string
  readonly notificationId: RecordId
  readonly outboundMessageId: RecordId
  readonly recordId: RecordId
  readonly ruleFullName: string
  readonly createdAt: Instant
  readonly startedAt: Instant
  readonly durationMs: number
  readonly outcome: AttemptOutcome['kind']
  /** Null when it was acknowledged. */
  readonly reason: string | null
  /** Null without an HTTP answer. */
  readonly httpStatus: number | null
}

/** Where an outbound message goes, by its definition. */
export type Route = {
  readonly outboundMessageId: RecordId
  /** `Account.Notify_ERP`: what people call it, also when its definition is gone. */
  readonly key: string
  readonly endpointUrl: string
  /** The definition says that it must not be sent, and why; null sends. */
  readonly heldReason: string | null
  readonly schedule: Pick<DeliverySchedule, 'lifetimeMs'>
  /** Of its endpoint: the same in all routes to it. */
  readonly pace: LanePace
}

export type LaneAsk = {
  /** Who asks, for people to read: host and process. */
  readonly owner: string
  /** The most slots to take. */
  readonly count: number
  /** The most of them from lanes whose last attempt went unanswered; left out, there is no such limit. */
  readonly failingCount?: number
  /** The most notifications in a batch, and the most when it is a probe. */
  readonly limit: number
  readonly probeLimit: number
  /** The most batches in one slot of a lane, by the lane's id; one where it is not named, is limited, or fails. */
  readonly loads?: Readonly<Record<string, number>>
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
  /** Of these endpoints. */
  readonly laneIds?: readonly string[]
  /** `held`: waiting, and its outbound message or endpoint is on hold. */
  readonly state?: 'waiting' | 'held' | 'expired'
  /** Queued then or later. */
  readonly createdFrom?: Instant
  /** Which come first when listed: the oldest (by default), or the next due, less what is being sent already. */
  readonly order?: 'dueAt' | 'createdAt'
  readonly limit: number
}

export type NotificationView = Notification & {
  readonly state: 'waiting' | 'expired'
  /** When it was given up. */
  readonly expiredAt: Instant | null
  /** `Account.Notify_ERP`, also when it is defined no more. */
  readonly outboundMessage: string
  /** In a message that is being sent now. */
  readonly isLeased: boolean
  /** Null until its outbound message has a route. */
  readonly laneId: string | null
  readonly heldReason: string | null
}

/** The lane of each endpoint URL, for people. */
export type LaneView = {
  readonly laneId: string
  readonly endpointUrl: string
  readonly failureCount: number
  readonly probeAt: Instant | null
  readonly heldReason: string | null
  readonly heldAt: Instant | null
  /** Slots in which a message is being sent now. */
  readonly leasedCount: number
  readonly pace: LanePace
  /** The person who set the pace; null: it is as configured. */
  readonly pacedBy: string | null
  /** Its rate is used up for the moment. */
  readonly isLimited: boolean
  /** Counted up to a thousand for each outbound message. */
  readonly waitingCount: number
  /** There are more than were counted. */
  readonly waitingIsAtLeast: boolean
  readonly oldestCreatedAt: Instant | null
  readonly outboundMessages: readonly {
    readonly outboundMessageId: RecordId
    /** `Account.Notify_ERP` */
    readonly outboundMessage: string
    readonly heldReason: string | null
    readonly heldAt: Instant | null
    readonly waitingCount: number
    readonly waitingIsAtLeast: boolean
  }[]
}

/** What a sweep found, in slots and notifications. */
export type Swept = {
  readonly released: number
  readonly expired: number
}

/** What the sender and the monitoring pages ask of a store. */
export type OutboxStore = {
  /**
   * Takes slots of the lanes whose turn it is, and for each what is due in its lane of one outbound message: a
   * batch, or several where `loads` says so. Leases that lapsed are free once `sweep` has seen them.
   */
  lease(ask: LaneAsk): Promise<readonly LeasedBatch[]>
  /** Writes nothing when the lease's token is no longer the slot's: somebody else holds it. */
  settle(settled: SettledBatch): Promise<'settled' | 'lease lost'>
  /** Prolongs leases that are still held. Answers the tokens of those that are not. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly string[]>
  /**
   * Gives back what was taken without an attempt: at shutdown, or, with why and since when, because the outbound
   * message has no definition; then it is held until `route` names it.
   */
  release(
    lease: Lease,
    undefinedMessage?: {
      readonly outboundMessageId: RecordId
      readonly reason: string
      readonly now: Instant
    },
  ): Promise<void>
  /**
   * Makes the lanes those of `routes`, all that the definitions name. An outbound message that is not named any
   * more is held; what a person holds stays held; time on hold that ends moves `expiresAt` on. A lifetime that
   * is another now moves it by the difference; an endpoint that is another now makes what waits due at once.
   */
  route(routes: readonly Route[], now: Instant): Promise<void>
  /** Says that notifications of these messages may be due. A lost wake is repaired by `sweep`. */
  wake(outboundMessageIds: readonly RecordId[], now: Instant): Promise<void>
  /** Frees lapsed leases, repairs missed wakes, moves what outlived its lifetime to the dead letters. */
  sweep(now: Instant): Promise<Swept>
  /**
   * Leased slots, and the next moment at which a notification is due, a lane is probed or a lifetime ends. While
   * a lane's breaker is open its probe counts, not what waits in it. What is on hold comes due never.
   */
  workAhead(): Promise<WorkAhead>

  list(filter: NotificationFilter): Promise<readonly NotificationView[]>
  lanes(): Promise<readonly LaneView[]>
  /** How many wait in a lane, all of them counted: it may take a second for a million. Null: there is no such lane. */
  countWaiting(laneId: string): Promise<number | null>
  /** Whole, the newest first. */
  attempts(filter: {
    readonly attemptId?: string
    readonly notificationId?: RecordId
    readonly limit: number
  }): Promise<readonly AttemptRecord[]>
  findAttempts(filter: AttemptFilter): Promise<AttemptPage>
  /** The endpoints that the attempt log knows, masked, also those that are no lane any more. */
  attemptEndpoints(): Promise<readonly { readonly laneId: string; readonly endpointUrl: string }[]>
  /** What was sent of a record, the newest attempt first; also of notifications that are delivered. */
  attempted(filter: {
    readonly recordId: RecordId
    readonly limit: number
  }): Promise<readonly AttemptedNotification[]>
  /**
   * Due now, and an open breaker probes now; a dead letter gets a new lifetime and starts anew in whole batches.
   * Passes over what is being sent.
   */
  retry(filter: NotificationFilter, now: Instant): Promise<Retried>
  /** Removes them for good, also what is being sent: it may arrive all the same. */
  del(filter: NotificationFilter): Promise<Deleted>
  /** Holds or resumes for a person; resuming moves `expiresAt` on by the time on hold. */
  hold(target: HoldTarget, reason: string, now: Instant): Promise<HoldAnswer>
  resume(target: HoldTarget, now: Instant): Promise<ResumeAnswer>
  /** Where outbound messages go, without counting what waits. */
  addresses(): Promise<readonly Address[]>
  /** Sets what is given of a lane's pace for a person, or, without one, all of it as the project says. False: no such lane. */
  pace(laneId: string, pace: Partial<LanePace>, by: string | null): Promise<boolean>
  /**
   * Ends attempts and dead letters older than the given instants, and attempts beyond the newest `attemptsMax`,
   * or the newest that are kept in `attemptsBytesMax`, some slices at a time. Answers how many rows; 0 means
   * that all is done.
   */
  retain(ends: {
    readonly attemptsBefore: Instant
    readonly attemptsMax: number
    readonly attemptsBytesMax: number
    readonly deadLettersBefore: Instant
  }): Promise<number>
}

/** What a person's retry did. */
export type Retried = {
  /** Due now. */
  readonly count: number
  /** Of those: on hold, so that they go when that ends. */
  readonly heldCount: number
  /** Passed over: in a message that is being sent. */
  readonly sendingCount: number
  /** Passed over: their outbound message never had an endpoint. */
  readonly unroutedCount: number
}

/** What a person's deletion did. */
export type Deleted = {
  readonly count: number
  /** Of those: in a message that was being sent. */
  readonly sendingCount: number
}

export type HoldAnswer =
  | { readonly kind: 'held' }
  | { readonly kind: 'held before'; readonly reason: string } // by a person; that hold stands
  | { readonly kind: 'unknown' } // no such outbound message or lane

/** `stillHeld`: why it is not sent all the same, as its definition or its endpoint is on hold. */
export type ResumeAnswer =
  | { readonly kind: 'resumed'; readonly stillHeld: string | null }
  | { readonly kind: 'not on hold'; readonly stillHeld: string | null } // by a person
  | { readonly kind: 'unknown' }

/** An endpoint, and an outbound message that goes there; null where a person holds one that none goes to any more. */
export type Address = {
  readonly laneId: string
  readonly endpointUrl: string
  readonly outboundMessage: { readonly outboundMessageId: RecordId; readonly key: string } | null
}

export type HoldTarget =
  | { readonly kind: 'outboundMessage'; readonly outboundMessageId: RecordId }
  | { readonly kind: 'lane'; readonly laneId: string }
