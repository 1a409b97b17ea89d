/** The table of traces, in SQL that both stores read. Instants are milliseconds; ids made later sort later. */
export const TRACE_SCHEMA: readonly string[] = [
  `CREATE TABLE trace (
    trace_id TEXT PRIMARY KEY, record_id TEXT NOT NULL, saved_at BIGINT NOT NULL,
    length BIGINT NOT NULL, body TEXT NOT NULL)`,
  'CREATE INDEX trace_record ON trace (record_id, trace_id)',
  // Has all that retention asks for, so that it reads no bodies.
  'CREATE INDEX trace_length ON trace (trace_id, saved_at, length)',
]
