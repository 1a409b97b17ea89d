import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { commit } from '../../src/store/sql/org/commit.ts'
import { messageId, notifications, routeOf } from '../support/notifications.ts'
import { plannedPostgres, plannedSqlite } from '../support/plans.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'
import { ACME } from './outbox-store.ts'

const NOTHING = {
  expectations: [],
  entryExpectations: [],
  writes: [],
  timeEntries: null,
  setting: null,
  emails: [],
}

for (const [name, open] of [
  ['SQLite', async (t: TestContext) => plannedSqlite(t)],
  ['PostgreSQL', plannedPostgres],
] as const) {
  test(`what a save owes costs its transaction one statement, one notification or 200: ${name}`, async (t) => {
    const planned = await open(t)
    for (const count of [1, 200]) {
      const plans = await planned.plansOf(commit, {
        ...NOTHING,
        notifications: notifications(count),
      })

      const [statement, ...others] = plans.map(({ sql }) => sql)
      assert.match(statement ?? '', /^INSERT INTO "?notification\b/)
      assert.deepEqual(others, [], 'no lane is touched, and nobody is notified')
    }
  })
}

const LANE_TABLES = ['lane', 'lane_slot', 'lane_message']

for (const store of storesUnderTest()) {
  test(`a save goes through while nobody may write to a lane: ${store.name}`, async (t) => {
    const { org, outbox, url } = await store.open(t)
    await outbox.route([routeOf(1, ACME)], NOON)
    await forbidLanes(store, url)

    const changeSet = { records: [], notifications: notifications(3), expectations: [] }
    assert.deepEqual(await org.commit(changeSet), { kind: 'committed' })

    assert.equal((await outbox.list({ limit: 9 })).length, 3)
    await assert.rejects(outbox.wake([messageId(1)], NOON - 1), /no lane/)
  })
}

/** Whoever writes to a lane from now on is refused. */
async function forbidLanes({ name }: StoreUnderTest, url: string): Promise<void> {
  if (name === 'SQLite') {
    const db = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 10_000 })
    for (const table of LANE_TABLES) {
      for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
        db.exec(`CREATE TRIGGER no_${table}_${event} BEFORE ${event} ON ${table}
          BEGIN SELECT RAISE(ABORT, 'no lane'); END`)
      }
    }
    db.close()
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE FUNCTION no_lane() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'no lane'; END $$`)
  for (const table of LANE_TABLES) {
    await client.query(`CREATE TRIGGER no_lane BEFORE INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION no_lane()`)
  }
  await client.end()
}
