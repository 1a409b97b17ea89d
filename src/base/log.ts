/** A flat set of facts about one thing that happened. Never a session id, a password or a record's content. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * Where the rooms report what happened, one line for each event. `event` is `room.what`, past tense:
 * `record.saved`, `rule.fired`, `flow.ran`, `notification.queued`, `message.sent`, `run.finished`.
 */
export type Log = {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** Says nothing; for tests that look elsewhere. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** The text of anything thrown, with its causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`
}
