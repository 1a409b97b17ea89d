import type { WorkAhead } from '../../../base/work-ahead.ts'
import type { ComposedEmail } from '../../../mail/email.ts'
import type { EmailLease, LeasedEmail } from '../../../mail/mail-store.ts'
import type { EmailSettlement } from '../../../mail/settle-email.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlValue } from '../op.ts'
import { composedColumns, emailOf } from './email-rows.ts'

/** Takes what is due, the longest due first. */
export const leaseEmails = defineOp(
  'mail.leaseEmails',
  function* (
    dialect: Dialect,
    ask: {
      readonly token: string
      readonly limit: number
      readonly now: number
      readonly leaseMs: number
    },
  ): Op<readonly LeasedEmail[]> {
    yield* run(
      `UPDATE email SET lease_token = NULL, leased_until = NULL
        WHERE lease_token IS NOT NULL AND leased_until <= ${dialect.nowMs}`,
    )
    const due = yield* rows(
      `SELECT e.email_id FROM email e
        WHERE e.state = 'waiting' AND e.lease_token IS NULL AND e.due_at <= ? AND e.expires_at > ?
        ORDER BY e.due_at, e.email_id LIMIT ? ${dialect.skipLocked('e')}`,
      ask.now,
      ask.now,
      ask.limit,
    )
    if (due.length === 0) return []
    const taken = yield* rows(
      `UPDATE email SET lease_token = ?, leased_until = ${dialect.nowMs} + ?,
        attempt_count = attempt_count + 1
        WHERE ${dialect.inList('email_id')} RETURNING *`,
      ask.token,
      ask.leaseMs,
      due.map((row) => String(row.email_id)),
    )
    return taken
      .map(emailOf)
      .sort((one, other) => one.dueAt - other.dueAt)
      .map((email) => ({ lease: { emailId: email.emailId, token: ask.token }, email }))
  },
)

const HELD = `email_id = ? AND lease_token = ? AND state = 'waiting'`

/** Keeps what was written, and prolongs the lease. */
export const keepEmail = defineOp(
  'mail.keepEmail',
  function* (
    dialect: Dialect,
    ask: {
      readonly lease: EmailLease
      readonly composed: ComposedEmail
      readonly leaseMs: number
    },
  ): Op<'kept' | 'lease lost'> {
    const changed = yield* run(
      `UPDATE email SET subject = ?, recipients = ?, composed = ?,
        leased_until = ${dialect.nowMs} + ? WHERE ${HELD}`,
      ...composedColumns(ask.composed),
      ask.leaseMs,
      ask.lease.emailId,
      ask.lease.token,
    )
    return changed === 1 ? 'kept' : 'lease lost'
  },
)

type SettleAsk = {
  readonly lease: EmailLease
  readonly settlement: EmailSettlement
  readonly composed: ComposedEmail | null
  readonly now: number
}

/** Writes down what becomes of an e-mail, if its lease is still the one given. */
export const settleEmail = defineOp(
  'mail.settleEmail',
  function* (_dialect: Dialect, ask: SettleAsk): Op<'settled' | 'lease lost'> {
    const { set, params } = columnsOf(ask)
    const written = ask.composed === null ? '' : ', subject = ?, recipients = ?, composed = ?'
    const changed = yield* run(
      `UPDATE email SET ${set}${written}, lease_token = NULL, leased_until = NULL WHERE ${HELD}`,
      ...params,
      ...(ask.composed === null ? [] : composedColumns(ask.composed)),
      ask.lease.emailId,
      ask.lease.token,
    )
    return changed === 1 ? 'settled' : 'lease lost'
  },
)

function columnsOf({ settlement, now }: SettleAsk): {
  readonly set: string
  readonly params: readonly SqlValue[]
} {
  switch (settlement.kind) {
    case 'released':
      return { set: 'attempt_count = attempt_count - 1', params: [] }
    case 'retry':
      return { set: 'due_at = ?, reason = ?', params: [settlement.dueAt, settlement.reason] }
    default:
      return {
        set: 'state = ?, settled_at = ?, reason = ?',
        params: [settlement.kind, now, settlement.reason],
      }
  }
}

/** Rows of one commit, so that nobody waits long behind it. */
export const EMAILS_SLICE = 1000

/** Gives up what has outlived its lifetime, a slice. */
export const expireEmails = defineOp(
  'mail.expireEmails',
  function* (_dialect: Dialect, now: number): Op<number> {
    return yield* run(
      `UPDATE email SET state = 'failed', settled_at = ?,
        reason = COALESCE(reason, 'it was not sent within its lifetime of 24 hours')
        WHERE state = 'waiting' AND lease_token IS NULL AND email_id IN
        (SELECT email_id FROM email WHERE state = 'waiting' AND lease_token IS NULL
          AND expires_at <= ? ORDER BY expires_at LIMIT ${EMAILS_SLICE})`,
      now,
      now,
    )
  },
)

/** Reads what is leased, and when the next of those that wait is due. */
export const emailsAhead = defineOp('mail.emailsAhead', function* (): Op<WorkAhead> {
  const row = yield* oneRow(
    `SELECT (SELECT COUNT(*) FROM email WHERE lease_token IS NOT NULL) AS leased_count,
      (SELECT MIN(due_at) FROM email WHERE state = 'waiting' AND lease_token IS NULL) AS due_at`,
  )
  const dueAt = row?.due_at ?? null
  return {
    leasedCount: Number(row?.leased_count ?? 0),
    dueAt: dueAt === null ? null : Number(dueAt),
  }
})
