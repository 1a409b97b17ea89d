/** Tables of the outbox, in SQL that both stores read. Instants are milliseconds. */
export const OUTBOX_SCHEMA: readonly string[] = []
