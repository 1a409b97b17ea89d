/** The table of processes, in SQL that both stores read. Instants are the store's own milliseconds. */
export const HEALTH_SCHEMA: readonly string[] = [
  `CREATE TABLE process (
    process_id TEXT PRIMARY KEY, owner TEXT NOT NULL, roles TEXT NOT NULL, seen_at BIGINT NOT NULL,
    turned_at BIGINT)`,
]
