/** Tables of the org but for the objects' own, in SQL that both stores read. Instants are milliseconds. */
export const ORG_SCHEMA: readonly string[] = [
  'CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)',
  'CREATE TABLE serial (sequence TEXT PRIMARY KEY, next BIGINT NOT NULL)',
  `CREATE TABLE definition (
    kind TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
    position BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key))`,
  'CREATE TABLE definition_version (one BIGINT PRIMARY KEY, version BIGINT NOT NULL)',
  'INSERT INTO definition_version (one, version) VALUES (1, 0)',
  `CREATE TABLE object_column (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, kind TEXT NOT NULL, scale BIGINT NOT NULL,
    PRIMARY KEY (table_name, column_name))`,
  'CREATE TABLE password (user_id TEXT PRIMARY KEY, hash TEXT NOT NULL)',
  `CREATE TABLE session (
    token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL)`,
  'CREATE INDEX session_expiry ON session (expires_at)',
]
