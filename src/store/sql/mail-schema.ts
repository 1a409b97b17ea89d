/** The table of owed and sent e-mails, in SQL that both stores read. Instants are milliseconds. */
export const MAIL_SCHEMA: readonly string[] = [
  // `about` is the key of an alert, or the id of an assignee; `composed` is JSON, null until the first attempt.
  `CREATE TABLE email (
    email_id TEXT PRIMARY KEY, about_kind TEXT NOT NULL, about TEXT NOT NULL, object_name TEXT NOT NULL,
    record_id TEXT NOT NULL, rule_full_name TEXT NOT NULL, user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
    attempt_count BIGINT NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', reason TEXT,
    settled_at BIGINT, subject TEXT, recipients TEXT, composed TEXT,
    lease_token TEXT, leased_until BIGINT)`,
  `CREATE INDEX email_due ON email (due_at, email_id)
    WHERE state = 'waiting' AND lease_token IS NULL`,
  `CREATE INDEX email_expiry ON email (expires_at) WHERE state = 'waiting' AND lease_token IS NULL`,
  'CREATE INDEX email_leased ON email (leased_until) WHERE lease_token IS NOT NULL',
  'CREATE INDEX email_settled ON email (settled_at) WHERE settled_at IS NOT NULL',
  'CREATE INDEX email_created ON email (created_at, email_id)',
  'CREATE INDEX email_record ON email (record_id)',
]
