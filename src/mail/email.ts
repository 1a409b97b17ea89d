import { HOUR_MS, type Instant, MINUTE_MS } from '../base/clock.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { EmailText } from './template/render-template.ts'

/** How long an e-mail is tried for. */
export const EMAIL_LIFETIME_MS = 24 * HOUR_MS
export const EMAIL_RETRY_FIRST_MS = MINUTE_MS
export const EMAIL_RETRY_MAX_MS = HOUR_MS

/** What an e-mail is about. */
export type EmailSubject =
  /** An e-mail alert, by its key `Object.Name`. */
  | { readonly kind: 'alert'; readonly alertKey: string }
  /** A record or task was assigned: its new owner is told. */
  | { readonly kind: 'assignment'; readonly assigneeId: RecordId }

/** An e-mail that a save owes. Whom it goes to and what it says is found out when it is sent for the first time. */
export type NewEmail = {
  readonly emailId: RecordId
  readonly about: EmailSubject
  readonly objectName: string
  readonly recordId: RecordId
  /** Of the rule that fired, or the flow. */
  readonly ruleFullName: string
  /** The running user: who saved the record. */
  readonly userId: RecordId
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export type EmailState =
  | 'waiting' // owed: due now, or for its next attempt
  | 'sent' // the mail server took it for one receiver at least
  | 'trapped' // obm dev without a mail server: kept to be looked at
  | 'noRecipients' // nobody was left to send it to
  | 'failed' // given up

/** An e-mail with what has become of it so far. */
export type Email = NewEmail & {
  readonly state: EmailState
  readonly dueAt: Instant
  readonly attemptCount: number
  readonly reason: string | null
  /** When it was sent or given up; null while it waits. */
  readonly settledAt: Instant | null
  /** Null until its first attempt. */
  readonly composed: ComposedEmail | null
}

export type Mailbox = { readonly name: string; readonly address: string }

/** An e-mail as it was written once, with how far its letters have got. Later attempts change nothing else. */
export type ComposedEmail = {
  readonly from: Mailbox
  /** More than one only where the template speaks to its receiver. */
  readonly texts: readonly EmailText[]
  /** One for each address. */
  readonly letters: readonly Letter[]
  /** What a person should know: recipients that were not found, merge fields that nothing is known of. */
  readonly remarks: readonly string[]
}

/** What one address gets. */
export type Letter = {
  readonly to: Mailbox
  /** Which of the e-mail's texts. */
  readonly textIndex: number
  readonly state:
    | 'waiting'
    | 'taken' // by the mail server, or by the trap
    | 'refused' // by the mail server, for good
  /** The mail server's last answer. */
  readonly answer: string | null
}
