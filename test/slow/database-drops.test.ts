import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { accountsProject } from '../support/accounts-project.ts'
import { afterTest } from '../support/after-test.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'

const SAVES = 100

const [, postgres] = storesUnderTest()

test('PostgreSQL: a server that drops its connections ends neither the program nor what is owed', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
  const { client, stores, house } = await openTestHouse(t, {
    store: postgres ?? assert.fail(),
    folder,
  })
  const admin = new pg.Client({ connectionString: stores.url })
  await admin.connect()
  afterTest(t, () => admin.end().catch(() => {}))
  admin.on('error', () => {}) // it is dropped itself when the test's database goes
  const drop = () =>
    admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )

  const saved: string[] = []
  const refusals: string[] = []
  let asked = 0
  const saveInTurn = async () => {
    while (asked < SAVES) {
      asked += 1
      if (asked % 20 === 0) await drop()
      await client.createAccount({ Name: `Account ${asked}` }).then(
        (id) => saved.push(id),
        (error: Error) => refusals.push(error.message),
      )
    }
  }
  await Promise.all(Array.from({ length: 8 }, saveInTurn))

  assert.ok(saved.length > SAVES / 2, `${saved.length} saved; ${refusals[0]}`)
  for (const refusal of refusals) assert.match(refusal, /500 .*UNKNOWN_EXCEPTION/)
  await lapseLeases(stores.url) // of messages whose settlement was dropped
  house.nudge()
  await eventually('all that was saved has arrived', () => {
    const arrived = new Set<string | null>(endpoint.received.flatMap(({ recordIds }) => recordIds))
    return saved.every((id) => arrived.has(id))
  })
})
