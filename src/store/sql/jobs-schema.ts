/** Tables of the inbox and of jobs, in SQL that both stores read. Instants are milliseconds. */
export const JOBS_SCHEMA: readonly string[] = [
  `CREATE TABLE job_config (
    job_config_id TEXT PRIMARY KEY, name TEXT NOT NULL, is_active BIGINT NOT NULL, body TEXT NOT NULL,
    concurrency_max BIGINT, rate_milli BIGINT, skips_stale BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1)`,
  // A row for each job config with limits: who leases its runs locks it. Written often, so it is not the config's own.
  `CREATE TABLE job_pace (
    job_config_id TEXT PRIMARY KEY, paced_until BIGINT NOT NULL DEFAULT 0)`,
  // WAITING is never stored: it is what a QUEUED run of an inactive config reads as.
  `CREATE TABLE job_run (
    run_id TEXT PRIMARY KEY, job_config_id TEXT NOT NULL, status TEXT NOT NULL,
    message_name TEXT, message_body TEXT, message_properties TEXT,
    submitted_by TEXT NOT NULL, replay_of TEXT, queued_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
    attempt_count BIGINT NOT NULL DEFAULT 0, lease_token TEXT, leased_until BIGINT,
    started_at BIGINT, finished_at BIGINT, return_code BIGINT, log TEXT NOT NULL DEFAULT '',
    failure_reason TEXT, stopped_by TEXT,
    record_key TEXT, line_id TEXT, line_seq BIGINT,
    stamp_field TEXT, stamp_at BIGINT, stale_behind BIGINT, skipped TEXT, differing_copies BIGINT NOT NULL DEFAULT 0,
    out_message_name TEXT, out_message_type TEXT, out_message_body TEXT)`,
  `CREATE INDEX job_run_queued ON job_run (job_config_id, due_at) WHERE status = 'QUEUED'`,
  // A run that a person stopped keeps its lease until its runner has ended it.
  `CREATE INDEX job_run_leased ON job_run (leased_until) WHERE lease_token IS NOT NULL`,
  `CREATE INDEX job_run_sequenced ON job_run (line_id, line_seq) WHERE status = 'SEQUENCED'`,
  `CREATE INDEX job_run_sequenced_of ON job_run (job_config_id) WHERE status = 'SEQUENCED'`,
  `CREATE INDEX job_run_dead ON job_run (run_id) WHERE status IN ('ERROR', 'FAILED')`,
  'CREATE INDEX job_run_finished ON job_run (finished_at) WHERE finished_at IS NOT NULL',
  'CREATE INDEX job_run_replay ON job_run (replay_of) WHERE replay_of IS NOT NULL',
  // One row for each line in which a run is not over; its head is the one that may be run.
  `CREATE TABLE run_line (
    line_id TEXT PRIMARY KEY, job_config_id TEXT NOT NULL, head_run_id TEXT, last_seq BIGINT NOT NULL)`,
  // The newest stamps of a record that were accepted and run. The day is written once a day, and so is its index.
  `CREATE TABLE record_stamp (
    stamp_id TEXT PRIMARY KEY, stamp_field TEXT NOT NULL, accepted_stamp BIGINT, run_stamp BIGINT,
    seen_day BIGINT NOT NULL)`,
  'CREATE INDEX record_stamp_day ON record_stamp (seen_day)',
  // The job config comes last in the key, so that the runs of a notification are found without a second index.
  `CREATE TABLE accepted (
    job_config_id TEXT NOT NULL, organization_id TEXT NOT NULL, notification_id TEXT NOT NULL,
    run_id TEXT NOT NULL, accepted_at BIGINT NOT NULL, content_mark TEXT NOT NULL,
    PRIMARY KEY (organization_id, notification_id, job_config_id))`,
  'CREATE INDEX accepted_at ON accepted (accepted_at)',
  // A row for each cause on each route, however often it comes.
  `CREATE TABLE refusal (
    job_config_id TEXT NOT NULL, error_code TEXT NOT NULL, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
    refusal_count BIGINT NOT NULL, reason TEXT NOT NULL, remote_address TEXT, organization_id TEXT,
    action_id TEXT, sample TEXT, PRIMARY KEY (job_config_id, error_code))`,
  `CREATE TABLE datacloud_user (
    username_key TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)`,
  // A refresh token is kept as 'used' until it expires, so that a copy of it is known for one.
  `CREATE TABLE datacloud_token (
    token_hash TEXT PRIMARY KEY, kind TEXT NOT NULL, login_id TEXT NOT NULL, username TEXT NOT NULL,
    expires_at BIGINT NOT NULL)`,
  'CREATE INDEX datacloud_token_user ON datacloud_token (username)',
  'CREATE INDEX datacloud_token_login ON datacloud_token (login_id)',
  'CREATE INDEX datacloud_token_expiry ON datacloud_token (expires_at)',
]
