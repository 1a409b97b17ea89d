import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'

/** A house whose accounts go to a listener of the test. */
async function open(t: TestContext, store: StoreUnderTest, firstReply: 'Ack true' | '503') {
  const endpoint = await openEndpoint(t, [firstReply])
  const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
  const opened = await openTestHouse(t, { store, folder })
  const lane = async () => (await opened.stores.outbox.lanes())[0]
  const nothingOwed = () =>
    eventually('nothing is owed', async () => (await lane())?.waitingCount === 0)
  return { ...opened, endpoint, lane, nothingOwed }
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `Account ${index}`)
}

for (const store of storesUnderTest()) {
  test(`${store.name}: 150 single saves while the endpoint is down arrive in at most five messages when it is back`, async (t) => {
    const { endpoint, client, clock, house, lane, nothingOwed } = await open(t, store, '503')
    const saving = names(150).values()
    const saved: string[] = []
    const saveInTurn = async () => {
      for (const Name of saving) saved.push(await client.createAccount({ Name }))
    }
    await Promise.all([saveInTurn(), saveInTurn(), saveInTurn(), saveInTurn()])
    await eventually('all attempts have failed', async () => {
      const { leasedCount, failureCount } = (await lane()) ?? {}
      return leasedCount === 0 && (failureCount ?? 0) > 0
    })
    const failedCount = endpoint.received.length

    endpoint.answer('Ack true')
    clock.advance(61_000) // the breaker's next probe is due, and every retry
    house.nudge()
    await nothingOwed()

    const arrived = endpoint.received.slice(failedCount)
    assert.ok(arrived.length <= 5, `${arrived.length} messages`)
    const sizes = arrived.map(({ notificationIds }) => notificationIds.length)
    assert.ok(sizes.includes(100), `${sizes}`)
    assert.deepEqual(arrived.flatMap(({ recordIds }) => recordIds).toSorted(), saved.toSorted())
  })

  test(`${store.name}: one save of 200 records arrives in two messages`, async (t) => {
    const { endpoint, client, nothingOwed } = await open(t, store, 'Ack true')
    const saved = await client.createAccounts(names(200))
    await nothingOwed()

    const sizes = endpoint.received.map(({ recordIds }) => recordIds.length)
    assert.deepEqual(sizes, [100, 100])
    const arrived = endpoint.received.flatMap(({ recordIds }) => recordIds)
    assert.deepEqual(arrived.toSorted(), saved.toSorted())
  })
}
