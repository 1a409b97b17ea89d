import type { Instant } from '../base/clock.ts'
import { HOUR_MS } from '../base/clock.ts'
import type { RecordId } from '../schema/record-id.ts'

/** How long a notification is owed; time on hold does not count, it moves `expiresAt` on. */
export const LIFETIME_MS = 24 * HOUR_MS

/** Salesforce's limit: so many notifications go in one message at the most. */
export const NOTIFICATIONS_MAX = 100

/** One record's debt to one outbound message. Each fired rule makes its own; nothing is coalesced. */
export type NewNotification = {
  /** `04l…`, the same on every retry: what receivers tell duplicates by. */
  readonly notificationId: RecordId
  readonly outboundMessageId: RecordId
  readonly objectName: string
  readonly recordId: RecordId
  /** The rule that fired, as its file names it. */
  readonly ruleFullName: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** A notification as it waits in the outbox. */
export type Notification = NewNotification & {
  /** Attempts that came to an outcome; a crash is none. */
  readonly attemptCount: number
  /** How many of them were refusals (an answer, but no Ack). */
  readonly refusalCount: number
  /** The most that may go in one message with it: halved while its batch is refused. */
  readonly batchLimit: number
  /** Its limit grew again after it was halved. That is tried once: refused again, it goes alone from then on. */
  readonly isRegrown: boolean
  /** When its next attempt is due. */
  readonly dueAt: Instant
  /** Why the last attempt failed; null before the first. */
  readonly failureReason: string | null
}
