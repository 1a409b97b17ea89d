import type { ComposedEmail, Email, EmailState, NewEmail } from '../../../mail/email.ts'
import type { EmailOverview } from '../../../mail/mail-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { insert, type Op, type SqlColumn, type SqlRow, type SqlValue } from '../op.ts'

const INSERTED: readonly SqlColumn[] = [
  { name: 'email_id', type: 'text' },
  { name: 'about_kind', type: 'text' },
  { name: 'about', type: 'text' },
  { name: 'object_name', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'rule_full_name', type: 'text' },
  { name: 'user_id', type: 'text' },
  { name: 'created_at', type: 'bigint' },
  { name: 'expires_at', type: 'bigint' },
  { name: 'due_at', type: 'bigint' },
]

/** Puts e-mails among those owed, due at once: a part of the org's commit. */
export function* insertEmails(emails: readonly NewEmail[]): Op<void> {
  yield* insert({
    table: 'email',
    columns: INSERTED,
    rows: emails.map((each) => [
      each.emailId,
      each.about.kind,
      each.about.kind === 'alert' ? each.about.alertKey : each.about.assigneeId,
      each.objectName,
      each.recordId,
      each.ruleFullName,
      each.userId,
      each.createdAt,
      each.expiresAt,
      each.createdAt,
    ]),
    onConflict: 'fail',
    returning: 'email_id',
  })
}

/** The columns of an overview, of a table named `e`. */
export const OVERVIEW_COLUMNS =
  'e.email_id, e.about_kind, e.about, e.object_name, e.record_id, e.rule_full_name, e.user_id, ' +
  'e.created_at, e.expires_at, e.due_at, e.attempt_count, e.state, e.reason, e.settled_at, ' +
  'e.subject, e.recipients, e.lease_token'

/** A row of `OVERVIEW_COLUMNS` as an e-mail in a list. */
export function overviewOf(row: SqlRow): EmailOverview {
  return {
    ...factsOf(row),
    subject: textOf(row.subject),
    recipients: textOf(row.recipients),
    isLeased: row.lease_token !== null,
  }
}

/** A row of all columns as an e-mail. */
export function emailOf(row: SqlRow): Email {
  return { ...factsOf(row), composed: composedOf(row.composed) }
}

/** What a `composed` column holds. */
export function composedOf(value: SqlRow[string] | undefined): ComposedEmail | null {
  return typeof value === 'string' ? (JSON.parse(value) as ComposedEmail) : null
}

const RECIPIENTS_LENGTH_MAX = 1000

/** Subject, addresses and JSON of what was written, in the order of those three columns. */
export function composedColumns(composed: ComposedEmail | null): readonly SqlValue[] {
  if (composed === null) return [null, null, null]
  const addresses = composed.letters.map(({ to }) => to.address).join(', ')
  const shown =
    addresses.length > RECIPIENTS_LENGTH_MAX
      ? `${addresses.slice(0, RECIPIENTS_LENGTH_MAX)} …`
      : addresses
  return [composed.texts[0]?.subject ?? '', shown, JSON.stringify(composed)]
}

function factsOf(row: SqlRow): Omit<Email, 'composed'> {
  const about = String(row.about)
  return {
    emailId: row.email_id as RecordId,
    about:
      row.about_kind === 'alert'
        ? { kind: 'alert', alertKey: about }
        : { kind: 'assignment', assigneeId: about as RecordId },
    objectName: String(row.object_name),
    recordId: row.record_id as RecordId,
    ruleFullName: String(row.rule_full_name),
    userId: row.user_id as RecordId,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    dueAt: Number(row.due_at),
    attemptCount: Number(row.attempt_count),
    state: row.state as EmailState,
    reason: textOf(row.reason),
    settledAt: row.settled_at === null ? null : Number(row.settled_at),
  }
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return typeof value === 'string' ? value : null
}
