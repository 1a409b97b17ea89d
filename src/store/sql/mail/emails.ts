import type { ComposedEmail, Email } from '../../../mail/email.ts'
import type { EmailFilter, EmailOverview } from '../../../mail/mail-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlValue } from '../op.ts'
import { composedColumns, composedOf, emailOf, OVERVIEW_COLUMNS, overviewOf } from './email-rows.ts'

export const readEmail = defineOp(
  'mail.readEmail',
  function* (_dialect: Dialect, emailId: string): Op<Email | null> {
    const row = yield* oneRow('SELECT * FROM email WHERE email_id = ?', emailId)
    return row ? emailOf(row) : null
  },
)

export const listEmails = defineOp(
  'mail.listEmails',
  function* (
    dialect: Dialect,
    ask: EmailFilter & { readonly limit: number; readonly offset: number },
  ): Op<readonly EmailOverview[]> {
    const { where, params } = conditionOf(dialect, ask)
    const found = yield* rows(
      `SELECT ${OVERVIEW_COLUMNS} FROM email e ${where}
        ORDER BY e.created_at DESC, e.email_id DESC LIMIT ? OFFSET ?`,
      ...params,
      ask.limit,
      ask.offset,
    )
    return found.map(overviewOf)
  },
)

export const countEmails = defineOp(
  'mail.countEmails',
  function* (dialect: Dialect, filter: EmailFilter): Op<number> {
    const { where, params } = conditionOf(dialect, filter)
    const row = yield* oneRow(`SELECT COUNT(*) AS email_count FROM email e ${where}`, ...params)
    return Number(row?.email_count ?? 0)
  },
)

type ChangeAsk = EmailFilter & { readonly limit: number }

/** Rows read for one retry: their texts come along, which may be large. */
export const RETRY_SLICE = 100

type RetryAsk = ChangeAsk & {
  readonly now: number
  readonly expiresAt: number
  /** Only e-mails that come after it; '' from the first on. */
  readonly after: string
}

/**
 * Makes a slice of what waits or was given up due now. What was refused waits again; what was never written
 * is written anew. Answers the last id it looked at, or null when there are no more.
 */
export const retryEmails = defineOp(
  'mail.retryEmails',
  function* (
    dialect: Dialect,
    ask: RetryAsk,
  ): Op<{ readonly count: number; readonly last: string | null }> {
    const { where, params } = conditionOf(dialect, ask)
    const found = yield* rows(
      `SELECT e.email_id, e.composed FROM email e ${where === '' ? 'WHERE' : `${where} AND`}
        e.state IN ('waiting', 'failed', 'noRecipients') AND e.lease_token IS NULL AND e.email_id > ?
        ORDER BY e.email_id LIMIT ?${dialect.forUpdate()}`,
      ...params,
      ask.after,
      Math.min(ask.limit, RETRY_SLICE),
    )
    for (const row of found) {
      const composed = composedOf(row.composed)
      yield* run(
        `UPDATE email SET state = 'waiting', settled_at = NULL, due_at = ?, expires_at = ?,
          attempt_count = 0, subject = ?, recipients = ?, composed = ? WHERE email_id = ?`,
        ask.now,
        ask.expiresAt,
        ...composedColumns(composed && onceMore(composed)),
        String(row.email_id),
      )
    }
    const last = found.at(-1)
    return { count: found.length, last: last ? String(last.email_id) : null }
  },
)

function onceMore(composed: ComposedEmail): ComposedEmail {
  const letters = composed.letters.map((letter) =>
    letter.state === 'refused' ? { ...letter, state: 'waiting' as const } : letter,
  )
  return { ...composed, letters }
}

/** Removes e-mails that nobody is sending, a slice. */
export const deleteEmails = defineOp(
  'mail.deleteEmails',
  function* (dialect: Dialect, ask: ChangeAsk): Op<number> {
    const { where, params } = conditionOf(dialect, ask)
    return yield* run(
      `DELETE FROM email WHERE lease_token IS NULL AND email_id IN
        (SELECT e.email_id FROM email e ${where === '' ? 'WHERE' : `${where} AND`}
          e.lease_token IS NULL ORDER BY e.email_id LIMIT ?)`,
      ...params,
      ask.limit,
    )
  },
)

const RETAIN_SLICE = 1000

/** Ends what was settled long ago, and the oldest of too many; a slice of each. */
export const retainEmails = defineOp(
  'mail.retainEmails',
  function* (
    _dialect: Dialect,
    ask: { readonly settledBefore: number; readonly settledMax: number },
  ): Op<number> {
    const old = yield* run(
      `DELETE FROM email WHERE email_id IN (SELECT email_id FROM email
        WHERE settled_at < ? ORDER BY settled_at LIMIT ${RETAIN_SLICE})`,
      ask.settledBefore,
    )
    // The first that is one too many, counted from the newest.
    const border = yield* oneRow(
      `SELECT settled_at FROM email WHERE settled_at IS NOT NULL
        ORDER BY settled_at DESC LIMIT 1 OFFSET ?`,
      ask.settledMax,
    )
    if (!border) return old
    const many = yield* run(
      `DELETE FROM email WHERE email_id IN (SELECT email_id FROM email
        WHERE settled_at <= ? ORDER BY settled_at LIMIT ${RETAIN_SLICE})`,
      Number(border.settled_at),
    )
    return old + many
  },
)

function conditionOf(
  dialect: Dialect,
  { emailIds, states, recordId, alertKey }: EmailFilter,
): { readonly where: string; readonly params: readonly SqlValue[] } {
  const parts: string[] = []
  const params: SqlValue[] = []
  if (emailIds !== undefined) {
    parts.push(dialect.inList('e.email_id'))
    params.push(emailIds)
  }
  if (states !== undefined) {
    parts.push(dialect.inList('e.state'))
    params.push(states)
  }
  if (recordId !== undefined) {
    parts.push('e.record_id = ?')
    params.push(recordId)
  }
  if (alertKey !== undefined) {
    parts.push(`e.about_kind = 'alert' AND LOWER(e.about) = ?`)
    params.push(alertKey.toLowerCase())
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', params }
}
