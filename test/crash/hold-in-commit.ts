/** The statements of ours by which a transaction is known. */
export type Seen = 'accept' | 'queue' | 'lease' | 'settle'

const STATEMENTS: readonly (readonly [Seen, RegExp])[] = [
  ['accept', /^INSERT INTO "accepted"/],
  ['queue', /^INSERT INTO "job_run"/],
  ['lease', /^UPDATE job_run SET status = 'INITIALIZING'/],
  ['settle', /^UPDATE job_run SET status = 'FINISHED'/],
]

/** What a connection has been told in its transaction. */
export type Transaction = { readonly lane: string; readonly seen: Set<Seen> }

/** The step, if any, at which to stop before the statement is run. */
export function stepBefore({ lane, seen }: Transaction, sql: string): string | null {
  const statement = STATEMENTS.find(([, pattern]) => pattern.test(sql))?.[0]
  if (statement === 'accept' && lane === 'accept_begun') return lane
  if (statement === 'queue' && lane === 'accept_half') return lane
  if (statement) seen.add(statement)
  if (sql !== 'COMMIT') return null
  if (seen.has('queue') && lane === 'accept_written') return lane
  if (seen.has('lease') && lane === 'lease_written') return lane
  if (seen.has('settle') && lane === 'settle_written') return lane
  return null
}

/** The step, if any, at which to stop once the statement has been run. */
export function stepAfter({ lane, seen }: Transaction, sql: string): string | null {
  if (sql !== 'COMMIT') return null
  const isItsOwn =
    (seen.has('queue') && lane === 'accept_committed') ||
    (seen.has('settle') && lane === 'settle_committed')
  seen.clear()
  return isItsOwn ? lane : null
}
