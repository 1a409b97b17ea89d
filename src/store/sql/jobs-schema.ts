/** Tables of the inbox and of jobs, in SQL that both stores read. Instants are milliseconds. */
export const JOBS_SCHEMA: readonly string[] = [
  `CREATE TABLE job_config (
    job_config_id TEXT PRIMARY KEY, name TEXT NOT NULL, is_active BIGINT NOT NULL, body TEXT NOT NULL)`,
  // WAITING is never stored: it is what a QUEUED run of an inactive config reads as.
  `CREATE TABLE job_run (
    run_id TEXT PRIMARY KEY, job_config_id TEXT NOT NULL, status TEXT NOT NULL,
    message_name TEXT, message_body TEXT, message_properties TEXT,
    submitted_by TEXT NOT NULL, replay_of TEXT, queued_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
    attempt_count BIGINT NOT NULL DEFAULT 0, lease_token TEXT, leased_until BIGINT,
    started_at BIGINT, finished_at BIGINT, return_code BIGINT, log TEXT NOT NULL DEFAULT '',
    failure_reason TEXT, stopped_by TEXT)`,
  `CREATE INDEX job_run_queued ON job_run (job_config_id, due_at) WHERE status = 'QUEUED'`,
  `CREATE INDEX job_run_leased ON job_run (leased_until)
    WHERE status IN ('INITIALIZING', 'RUNNING')`,
  'CREATE INDEX job_run_finished ON job_run (finished_at) WHERE finished_at IS NOT NULL',
  'CREATE INDEX job_run_replay ON job_run (replay_of) WHERE replay_of IS NOT NULL',
  // The job config comes last in the key, so that the runs of a notification are found without a second index.
  `CREATE TABLE accepted (
    job_config_id TEXT NOT NULL, organization_id TEXT NOT NULL, notification_id TEXT NOT NULL,
    run_id TEXT NOT NULL, accepted_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, notification_id, job_config_id))`,
  'CREATE INDEX accepted_at ON accepted (accepted_at)',
  'CREATE TABLE datacloud_user (username_key TEXT PRIMARY KEY, body TEXT NOT NULL)',
  `CREATE TABLE datacloud_token (
    token_hash TEXT PRIMARY KEY, username TEXT NOT NULL, expires_at BIGINT NOT NULL)`,
]
