import type { Instant } from '../base/clock.ts'
import type { WorkAhead } from '../base/work-ahead.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { ComposedEmail, Email, EmailState } from './email.ts'
import type { EmailSettlement } from './settle-email.ts'

/** The right to send one e-mail until it lapses. */
export type EmailLease = { readonly emailId: RecordId; readonly token: string }

/** `email.attemptCount` counts the attempt that the lease is for. */
export type LeasedEmail = { readonly lease: EmailLease; readonly email: Email }

/** Which e-mails are meant. Empty: every one. */
export type EmailFilter = {
  readonly emailIds?: readonly RecordId[]
  readonly states?: readonly EmailState[]
  readonly recordId?: RecordId
  /** `Object.Name` of an e-mail alert. */
  readonly alertKey?: string
}

/** An e-mail in a list: without its texts. */
export type EmailOverview = Omit<Email, 'composed'> & {
  /** Null until it has been written. */
  readonly subject: string | null
  /** The addresses, joined with commas and cut where there are many. */
  readonly recipients: string | null
  readonly isLeased: boolean
}

/** What the mail loop and those who look after it ask of a store. */
export type MailStore = {
  /** Takes up to `limit` e-mails that are due, the longest due first. Lapsed leases are due again, by the store's own clock. */
  leaseEmails(ask: {
    readonly limit: number
    readonly now: Instant
    readonly leaseMs: number
  }): Promise<readonly LeasedEmail[]>
  /** Keeps what was written and how far sending got, and prolongs the lease. */
  keepEmail(
    lease: EmailLease,
    composed: ComposedEmail,
    leaseMs: number,
  ): Promise<'kept' | 'lease lost'>
  /** Writes down what becomes of an e-mail; nothing when its lease is somebody else's by now. */
  settleEmail(
    lease: EmailLease,
    settled: {
      readonly settlement: EmailSettlement
      /** As far as sending got; null where nothing was written. */
      readonly composed: ComposedEmail | null
      readonly now: Instant
    },
  ): Promise<'settled' | 'lease lost'>
  /** Gives up what waits and has outlived its lifetime; answers how many. */
  expireEmails(now: Instant): Promise<number>
  /** Leased e-mails, and when the next of those that wait is due. */
  emailsAhead(): Promise<WorkAhead>

  readEmail(emailId: RecordId): Promise<Email | null>
  /** Newest first. */
  listEmails(
    filter: EmailFilter & { readonly limit: number; readonly offset: number },
  ): Promise<readonly EmailOverview[]>
  countEmails(filter: EmailFilter): Promise<number>
  /**
   * Makes e-mails that wait or were given up due now, with a new lifetime; letters that were refused go
   * out once more, those that were taken do not. Answers how many.
   */
  retryEmails(
    filter: EmailFilter & { readonly limit: number },
    times: { readonly now: Instant; readonly expiresAt: Instant },
  ): Promise<number>
  /** Removes them for good, but none that is being sent. Answers how many. */
  deleteEmails(filter: EmailFilter & { readonly limit: number }): Promise<number>
  /** Ends what was settled before the instant, and the oldest of more than `settledMax`, a slice at a time. */
  retainEmails(ends: {
    readonly settledBefore: Instant
    readonly settledMax: number
  }): Promise<number>
}
