/** Tables of the time queue, in SQL that both stores read. Instants are milliseconds. */
export const TIME_SCHEMA: readonly string[] = [
  // `source_part` is the place of a rule's trigger, or the name of a flow's path. `attempt_at` is `due_at`
  // until a try failed. Ended entries stay for a while: the indexes of what waits leave them out.
  `CREATE TABLE time_entry (
    entry_id TEXT PRIMARY KEY, source_kind TEXT NOT NULL, source_name TEXT NOT NULL, source_folded TEXT NOT NULL,
    source_part TEXT NOT NULL, object_name TEXT NOT NULL, record_id TEXT NOT NULL,
    user_id TEXT NOT NULL, created_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
    chain_index BIGINT NOT NULL, attempt_at BIGINT NOT NULL, attempt_count BIGINT NOT NULL DEFAULT 0, failure_reason TEXT,
    state TEXT NOT NULL DEFAULT 'pending', lease_token TEXT, leased_until BIGINT, ended_at BIGINT)`,
  "CREATE INDEX time_entry_due ON time_entry (attempt_at, entry_id) WHERE state = 'pending'",
  'CREATE INDEX time_entry_leased ON time_entry (leased_until) WHERE lease_token IS NOT NULL',
  'CREATE INDEX time_entry_record ON time_entry (record_id)',
  'CREATE INDEX time_entry_ended ON time_entry (ended_at) WHERE ended_at IS NOT NULL',
  // Objects that ever had an entry: their saves look for some even when no rule of theirs has time triggers any more.
  'CREATE TABLE timed_object (object_name TEXT PRIMARY KEY)',
]
