import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DAY_MS, HOUR_MS } from '../../src/base/clock.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { REST } from '../support/rest-client.ts'
import { runObm } from '../support/run-obm.ts'
import { storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'
import { timedProject } from '../support/timed-project.ts'

const [sqlite, postgres] = storesUnderTest()

/** A house whose real clock stands still: the org's time is moved by `/dev/clock` alone. */
async function open(t: TestContext, { store = sqlite, timeZone = 'UTC' } = {}) {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const config = { org: { timeZone } }
  const folder = await timedProject(t, { endpointUrl: endpoint.url, config })
  const house = await openTestHouse(t, { store: store ?? assert.fail(), folder })
  const { client, stores } = house
  return {
    ...house,
    advance: async (advance: string) => {
      const { status, json } = await client.call('POST', '/dev/clock', { advance })
      assert.equal(status, 200, JSON.stringify(json))
      return json as { now: string; steps: number }
    },
    /** When messages were sent, from noon on. */
    sentAfter: async () =>
      (await stores.outbox.attempts({ limit: 99 }))
        .map(({ startedAt }) => startedAt - NOON)
        .toReversed(),
    siteOf: async (id: string) => {
      const { json } = await client.call('GET', `${REST}/sobjects/Account/${id}`)
      return json as { Site: string | null; LastModifiedDate: string }
    },
  }
}

for (const store of [sqlite, postgres]) {
  test(`${store?.name}: nobody waits three days: what comes due on the way is done, in order, each at its own moment`, async (t) => {
    const { client, advance, sentAfter, siteOf } = await open(t, { store })
    const dated = { Name: 'Acme', Rating: 'Hot', Follow_up__c: '2026-03-12' }
    const id = await client.createAccount(dated)
    assert.equal((await siteOf(id)).Site, null)

    await advance('P3D')

    const { Site, LastModifiedDate } = await siteOf(id)
    assert.equal(Site, 'one day later')
    assert.equal(Date.parse(LastModifiedDate), NOON + DAY_MS)
    assert.deepEqual(await sentAfter(), [3 * DAY_MS])

    await advance('P30D')
    const midnight = Date.UTC(2026, 2, 11) - NOON
    assert.deepEqual(await sentAfter(), [3 * DAY_MS, midnight])
  })
}

test('a record that is saved so that it no longer meets the criteria is left alone; a moved date is kept to', async (t) => {
  const { client, advance, sentAfter } = await open(t)
  const cooled = await client.createAccount({ Name: 'Cooled', Rating: 'Hot' })
  const moved = await client.createAccount({
    Name: 'Moved',
    Rating: 'Hot',
    Follow_up__c: '2026-03-12',
  })
  await advance('P1D')

  await client.updateAccount(cooled, { Rating: 'Cold' })
  await client.updateAccount(moved, { Follow_up__c: '2026-03-20' })
  await advance('P30D')

  assert.deepEqual(await sentAfter(), [3 * DAY_MS, Date.UTC(2026, 2, 19) - NOON])
})

test('in the organisation’s time zone a day has 23 hours when the clocks go forward', async (t) => {
  const { client, advance, sentAfter } = await open(t, { timeZone: 'Europe/Berlin' })
  await advance('P25D') // two days before the change
  const start = 25 * DAY_MS
  await client.createAccount({ Name: 'Spring', Rating: 'Hot', Follow_up__c: '2026-03-31' })

  await advance('P7D')

  const beforeFollowUp = Date.UTC(2026, 2, 29, 22) - NOON // 30 March 00:00 in Berlin
  assert.deepEqual(await sentAfter(), [beforeFollowUp, start + 3 * DAY_MS - HOUR_MS])
})

test('what a process had in hand when it died is carried out by another', async (t) => {
  const { client, stores, advance, sentAfter } = await open(t)
  await client.createAccount({ Name: 'Survives', Rating: 'Hot' })
  const taken = await stores.timeQueue.lease({
    limit: 99,
    now: NOON + DAY_MS,
    leaseMs: DAY_MS,
  })
  assert.equal(taken.length, 1)

  await lapseLeases(stores.url) // as a minute on the store's own clock would
  await advance('P4D')

  assert.deepEqual(await sentAfter(), [3 * DAY_MS])
})

test('the command line tells what waits and what became of it, removes it, and has it run now', async (t) => {
  const opened = await open(t)
  const { client, sentAfter, advance } = opened
  const id = await client.createAccount({ Name: 'Acme', Rating: 'Hot' })
  const obm = async (...args: readonly string[]) => {
    const { code, out } = await runObm(opened, ...args)
    assert.equal(code, 0, out)
    return out
  }

  const listed = await obm('time', 'list', '--rule', 'hot')
  assert.match(listed, /^Acme +Account +Hot +2026-03-03T12:00:00.000Z .* pending /m)
  const entries = await opened.stores.timeQueue.list({ limit: 9 })
  assert.equal(entries.length, 2) // its date is blank: nothing waits for it
  assert.match(
    await obm('story', id),
    /not yet +time trigger 1 of rule "Hot": It is due at 2026-03-03/,
  )
  assert.equal(await obm('time', 'del', entries[0]?.entryId ?? ''), '1 removed\n')
  assert.equal(await obm('time', 'run', '--record', id), '1 due now\n')
  await advance('PT1H')

  assert.deepEqual(await sentAfter(), [0])
  const story = await obm('story', id)
  assert.match(
    story,
    /time trigger 1 of rule "Hot" was removed from it: removed by admin@obm.example/,
  )
  assert.match(story, /time trigger 2 of rule "Hot" was due, and was carried out/)
})
