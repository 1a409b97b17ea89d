import type { Instant } from '../base/clock.ts'
import { unreachable } from '../base/unreachable.ts'
import { EMAIL_RETRY_FIRST_MS, EMAIL_RETRY_MAX_MS, type Letter } from './email.ts'

/** What one attempt at an e-mail came to. */
export type EmailOutcome =
  /** Each letter got an answer, or the mail server got none further. */
  | { readonly kind: 'tried'; readonly letters: readonly Letter[]; readonly isTrap: boolean }
  /** There is nobody to send it to. */
  | { readonly kind: 'nobody'; readonly reason: string }
  /** It can't be written: its alert or template is gone or broken. */
  | { readonly kind: 'unwritable'; readonly reason: string }
  /** The loop stops before the attempt was over. */
  | { readonly kind: 'interrupted' }

/** What becomes of an e-mail. */
export type EmailSettlement =
  | { readonly kind: 'sent' | 'trapped'; readonly reason: string | null }
  | { readonly kind: 'noRecipients' | 'failed'; readonly reason: string }
  | { readonly kind: 'retry'; readonly dueAt: Instant; readonly reason: string }
  /** Due again at once, and the attempt does not count. */
  | { readonly kind: 'released' }

/** Decides what comes next. Pure. `attemptCount` includes the attempt being settled. */
export function settleEmail(
  email: { readonly attemptCount: number; readonly expiresAt: Instant },
  outcome: EmailOutcome,
  now: Instant,
): EmailSettlement {
  switch (outcome.kind) {
    case 'interrupted':
      return { kind: 'released' }
    case 'nobody':
      return { kind: 'noRecipients', reason: outcome.reason }
    case 'unwritable':
      return { kind: 'failed', reason: outcome.reason }
    case 'tried': {
      const { letters, isTrap } = outcome
      const waiting = letters.filter(({ state }) => state === 'waiting')
      if (waiting.length === 0) return settleAnswered(letters, isTrap)
      const reason = reasonOf(waiting, letters.length)
      if (now >= email.expiresAt) return { kind: 'failed', reason }
      return { kind: 'retry', dueAt: now + emailRetryDelayMs(email.attemptCount), reason }
    }
    default:
      return unreachable(outcome)
  }
}

function settleAnswered(letters: readonly Letter[], isTrap: boolean): EmailSettlement {
  const refused = letters.filter(({ state }) => state === 'refused')
  if (refused.length === letters.length) {
    return { kind: 'failed', reason: reasonOf(refused, letters.length) }
  }
  const reason = refused.length > 0 ? reasonOf(refused, letters.length) : null
  return { kind: isTrap ? 'trapped' : 'sent', reason }
}

const REASON_LENGTH_MAX = 1000

function reasonOf(letters: readonly Letter[], count: number): string {
  const [first] = letters
  const others = count > 1 ? ` (${letters.length} of ${count} addresses)` : ''
  return `${first?.to.address}: ${first?.answer ?? 'no answer'}${others}`.slice(
    0,
    REASON_LENGTH_MAX,
  )
}

/** An e-mail's own back-off: a minute, doubling to an hour. */
export function emailRetryDelayMs(attemptCount: number): number {
  return Math.min(EMAIL_RETRY_FIRST_MS * 2 ** (attemptCount - 1), EMAIL_RETRY_MAX_MS)
}
