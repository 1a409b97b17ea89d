import type { Mailbox } from './email.ts'
import type { EmailText } from './template/render-template.ts'

/** One letter as it is handed to whoever carries it. */
export type OutgoingLetter = EmailText & {
  readonly from: Mailbox
  readonly to: Mailbox
  /** With its angle brackets; the same at every attempt. */
  readonly messageId: string
  readonly sentAt: number
}

/** What came of handing it over. */
export type LetterOutcome =
  /** The mail server took it over. */
  | { readonly kind: 'taken'; readonly answer: string }
  /** The mail server refused it for good (5xx): trying again changes nothing. */
  | { readonly kind: 'refused'; readonly answer: string }
  /** Not now. `isServer`: the mail server as a whole gave no answer or takes none, so others fare no better. */
  | { readonly kind: 'deferred'; readonly answer: string; readonly isServer: boolean }

/** What carries letters. */
export type Transport = {
  /** True: letters are kept to be looked at and go nowhere. */
  readonly isTrap: boolean
  /** Never throws. */
  send(letter: OutgoingLetter): Promise<LetterOutcome>
  /** Ends what is being sent, as deferred. */
  close(): void
}

/** `obm dev` without a mail server: every letter is as good as sent, and stays in the store to be looked at. */
export const TRAP: Transport = {
  isTrap: true,
  send: async () => ({ kind: 'taken', answer: 'trapped: there is no mail server' }),
  close: () => {},
}
