// Loaded before a receiving process (`node --import`): stops a connection inside a transaction, between two statements.
import pg from 'pg'
import { reaches } from './hold.ts'
import { type Seen, stepAfter, stepBefore, type Transaction } from './hold-in-commit.ts'

const clients = new WeakMap<pg.Client, Transaction>()

function transactionOfClient(client: pg.Client): Transaction {
  const known = clients.get(client)
  if (known) return known
  const lane = (client.database ?? '').replace(/^obm_crash_[0-9a-f]+_/, '')
  const made = { lane, seen: new Set<Seen>() }
  clients.set(client, made)
  return made
}

const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...args: unknown[]) {
    const [first] = args
    const sql = typeof first === 'string' ? first : ((first as { text?: string }).text ?? '')
    const transaction = transactionOfClient(this)
    if (sql === 'BEGIN' || sql === 'ROLLBACK') transaction.seen.clear()
    const before = stepBefore(transaction, sql)
    if (before !== null && reaches(before)) return new Promise(() => {})
    const after = stepAfter(transaction, sql)
    const answer = query.apply(this, args)
    if (after === null) return answer
    return (answer as Promise<unknown>).then((value) =>
      reaches(after) ? new Promise(() => {}) : value,
    )
  },
})
