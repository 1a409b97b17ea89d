/** Tables of the inbox and of jobs, in SQL that both stores read. Instants are milliseconds. */
export const JOBS_SCHEMA: readonly string[] = []
