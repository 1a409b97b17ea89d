import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

const STATEMENTS = [
  'UPDATE lane_slot SET leased_until = 0 WHERE lease_token IS NOT NULL',
  'UPDATE job_run SET leased_until = 0 WHERE lease_token IS NOT NULL',
  'UPDATE time_entry SET leased_until = 0 WHERE lease_token IS NOT NULL',
  'UPDATE email SET leased_until = 0 WHERE lease_token IS NOT NULL',
]

/** Ends all leases of the store at `url`, as 90 seconds on the store's own clock would. */
export async function lapseLeases(url: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const db = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 10_000 })
    for (const statement of STATEMENTS) db.exec(statement)
    db.close()
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of STATEMENTS) await client.query(statement)
  } finally {
    await client.end()
  }
}
