import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { exampleFolder, openTestHouse } from '../support/open-test-house.ts'
import { REST } from '../support/rest-client.ts'
import { storesUnderTest } from '../support/stores.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: a saved account becomes a finished job run, by Actian's recipe`, async (t) => {
    const folder = exampleFolder('accounts-to-datacloud')
    const { stores, client, logged, house } = await openTestHouse(t, { store, folder })

    const id = await client.createAccount({
      Name: 'Müller & Söhne',
      Type: 'Prospect',
      BillingCity: 'Köln',
    })
    await client.createAccount({ Name: 'Concerns nobody', Type: 'Competitor' })
    const [run] = await eventually('a finished run', async () => {
      const runs = await stores.jobs.listRuns({ statuses: ['FINISHED'], limit: 9, offset: 0 })
      return runs.length > 0 && runs
    })

    const finished = await stores.jobs.readRun(run?.runId ?? '')
    assert.equal(finished?.log, `${id}: Müller &amp; Söhne in Köln\n`) // the DJMessage came on stdin
    const properties = finished?.message?.properties
    assert.equal(properties?.['RecordId'], id)
    assert.equal(properties?.['OrganizationId'], house.org.organizationId)
    const [queued] = logged('notification.queued')
    assert.equal(properties?.['NotificationId'], queued?.fields['notificationId'])
    for (const event of ['rule.fired', 'notification.queued', 'inbox.accepted', 'message.sent']) {
      assert.equal(logged(event).length, 1, event)
    }
    assert.deepEqual(await stores.outbox.list({ limit: 9 }), [])
    // The session that the receiver asked back with stands in no attempt.
    const [attempt] = await stores.outbox.attempts({ limit: 9 })
    assert.match(attempt?.request ?? '', /<SessionId>\*+<\/SessionId>/)
  })

  test(`${store.name}: what a save owes is there when it is answered, and nothing of a save that was refused`, async (t) => {
    const folder = await accountsProject(t, { messages: [{ endpointUrl: 'http://127.0.0.1:9/' }] })
    const { client, stores } = await openTestHouse(t, { store, folder, roles: ['org'] })
    const owed = async () =>
      (await stores.outbox.list({ limit: 999 })).map(({ recordId }) => recordId).toSorted()

    const saved = [await client.createAccount({ Name: 'One' })]
    assert.deepEqual(await owed(), saved)
    saved.push(...(await client.createAccounts(['Two', 'Three'])))
    assert.deepEqual(await owed(), saved.toSorted())

    const attributes = { type: 'Account' }
    const records = [
      { attributes, Name: 'Four' },
      { attributes, Name: 'x'.repeat(256) },
    ]
    const body = { allOrNone: true, records }
    const { json } = await client.call('POST', `${REST}/composite/sobjects`, body)
    assert.deepEqual(
      (json as { success: boolean }[]).map(({ success }) => success),
      [false, false],
    )
    assert.deepEqual(await owed(), saved.toSorted())
  })

  test(`${store.name}: a record changed while its endpoint is down arrives as it is then, under its first id`, async (t) => {
    const endpoint = await openEndpoint(t, ['hang up'])
    const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
    const { client, clock, house, stores } = await openTestHouse(t, { store, folder })

    const id = await client.createAccount({ Name: 'Old name' })
    await endpoint.receivedCount(1)
    const [first] = endpoint.received
    assert.match(first?.body ?? '', /<sf:Name>Old name</)
    await client.updateAccount(id, { Name: 'Middle name' })
    await endpoint.receivedCount(2)
    await client.updateAccount(id, { Name: 'New name' })
    await endpoint.receivedCount(3)
    await eventually('all was answered', async () => {
      const [lane] = await stores.outbox.lanes()
      return lane?.leasedCount === 0
    })
    endpoint.answer('Ack true')
    clock.advance(61_000)
    house.nudge()

    await eventually('nothing is owed', async () => {
      return (await stores.outbox.list({ limit: 9 })).length === 0
    })
    const arrived = endpoint.received.slice(3)
    const ids = arrived.flatMap(({ notificationIds }) => notificationIds)
    assert.deepEqual(
      ids.toSorted(),
      endpoint.received.slice(0, 3).flatMap(({ notificationIds }) => notificationIds),
    )
    for (const { body } of arrived) {
      assert.doesNotMatch(body, /Old name|Middle name/)
      assert.match(body, /<sf:Name>New name</)
    }
  })
}
