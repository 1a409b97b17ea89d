/** Tables of the outbox, in SQL that both stores read. Instants are milliseconds. */
export const OUTBOX_SCHEMA: readonly string[] = [
  // `next_due_at` is a hint: never later than the truth for long, null when nothing waits. `probe_at` is not
  // null while the breaker is open. `turn_at` counts turns; it is no instant.
  // `slots` and `rate_milli` (thousandths of messages a second) are what holds, `configured_…` what the project says;
  // `paced_by` is the person who said otherwise. `paced_until` (microseconds) and `limited_until` are on the store's time.
  `CREATE TABLE lane (
    lane_id TEXT PRIMARY KEY, endpoint_url TEXT NOT NULL, turn_at BIGINT NOT NULL DEFAULT 0,
    next_due_at BIGINT, failure_count BIGINT NOT NULL DEFAULT 0, probe_at BIGINT,
    held_reason TEXT, held_at BIGINT, slots BIGINT NOT NULL, rate_milli BIGINT,
    configured_slots BIGINT NOT NULL, configured_rate_milli BIGINT, paced_by TEXT,
    paced_until BIGINT NOT NULL DEFAULT 0, limited_until BIGINT)`,
  // The slot knows which notifications its holder took, so that they need no index by token.
  `CREATE TABLE lane_slot (
    slot_id TEXT PRIMARY KEY, lane_id TEXT NOT NULL, slot BIGINT NOT NULL, lease_token TEXT,
    leased_until BIGINT, owner TEXT, is_probe BIGINT NOT NULL DEFAULT 0,
    notification_ids TEXT NOT NULL DEFAULT '[]')`,
  'CREATE INDEX lane_slot_lane ON lane_slot (lane_id)',
  'CREATE INDEX lane_slot_lapse ON lane_slot (leased_until) WHERE lease_token IS NOT NULL',
  // `held_reason` is a person's, `definition_reason` the definition's; `held_at` since when either holds.
  // `message_key` is what people call it, also when its definition is gone.
  `CREATE TABLE lane_message (
    outbound_message_id TEXT PRIMARY KEY, lane_id TEXT NOT NULL, turn_at BIGINT NOT NULL DEFAULT 0,
    held_reason TEXT, definition_reason TEXT, held_at BIGINT, message_key TEXT NOT NULL,
    lifetime_ms BIGINT NOT NULL)`,
  'CREATE INDEX lane_message_lane ON lane_message (lane_id)',
  `CREATE TABLE notification (
    notification_id TEXT PRIMARY KEY, outbound_message_id TEXT NOT NULL, object_name TEXT NOT NULL,
    record_id TEXT NOT NULL, rule_full_name TEXT NOT NULL, created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, lifetime_ms BIGINT NOT NULL, due_at BIGINT NOT NULL, attempt_count BIGINT NOT NULL DEFAULT 0,
    refusal_count BIGINT NOT NULL DEFAULT 0, batch_limit BIGINT NOT NULL DEFAULT 100,
    is_regrown BIGINT NOT NULL DEFAULT 0,
    failure_reason TEXT, state TEXT NOT NULL DEFAULT 'waiting', lease_token TEXT, expired_at BIGINT)`,
  `CREATE INDEX notification_due ON notification (outbound_message_id, due_at, notification_id)
    WHERE state = 'waiting' AND lease_token IS NULL`,
  // Those whose limits may grow: none while nothing is refused.
  `CREATE INDEX notification_halved ON notification (outbound_message_id, due_at, notification_id)
    WHERE state = 'waiting' AND lease_token IS NULL AND batch_limit < 100
      AND (is_regrown = 0 OR batch_limit > 1)`,
  `CREATE INDEX notification_expiry ON notification (outbound_message_id, expires_at)
    WHERE state = 'waiting'`,
  // Whatever people ask for is walked along it, one outbound message and state after the other: see `people/walk.ts`.
  `CREATE INDEX notification_age
    ON notification (outbound_message_id, state, created_at, notification_id)`,
  'CREATE INDEX notification_record ON notification (record_id)',
  "CREATE INDEX notification_expired ON notification (expired_at) WHERE state = 'expired'",
  // Ids sort by time. What lists show stands before the long texts, so that they are read without them.
  `CREATE TABLE attempt (
    attempt_id TEXT PRIMARY KEY, outbound_message_id TEXT NOT NULL, lane_id TEXT NOT NULL,
    started_at BIGINT NOT NULL, duration_ms BIGINT NOT NULL, sent_ms BIGINT, headers_ms BIGINT,
    outcome TEXT NOT NULL, http_status BIGINT, is_probe BIGINT NOT NULL, kept_bytes BIGINT NOT NULL,
    request_bytes BIGINT NOT NULL, response_bytes BIGINT NOT NULL, endpoint_url TEXT NOT NULL,
    reason TEXT, tolerances TEXT NOT NULL, notification_ids TEXT NOT NULL,
    request_headers TEXT NOT NULL, response_headers TEXT NOT NULL, request TEXT NOT NULL,
    response TEXT NOT NULL)`,
  // Has all that retention asks for, so that it reads no texts.
  'CREATE INDEX attempt_message ON attempt (outbound_message_id, attempt_id, kept_bytes)',
  'CREATE INDEX attempt_lane ON attempt (lane_id, attempt_id)',
  // What nearly all of them are is found by their order alone: an acknowledged attempt pays for two indexes.
  `CREATE INDEX attempt_failed ON attempt (outcome, attempt_id) WHERE outcome <> 'acknowledged'`,
  'CREATE INDEX attempt_status ON attempt (http_status, attempt_id) WHERE http_status <> 200',
  `CREATE TABLE attempt_notification (
    notification_id TEXT NOT NULL, attempt_id TEXT NOT NULL, record_id TEXT NOT NULL,
    rule_full_name TEXT NOT NULL, created_at BIGINT NOT NULL,
    PRIMARY KEY (notification_id, attempt_id))`,
  'CREATE INDEX attempt_notification_record ON attempt_notification (record_id, attempt_id)',
]
