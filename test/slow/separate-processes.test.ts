import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsProject } from '../support/accounts-project.ts'
import { type EndpointReply, openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { startServe } from '../support/start-program.ts'
import { storesUnderTest } from '../support/stores.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: what was queued is delivered though the org's process is killed`, async (t) => {
    const storeUrl = await store.url(t)
    const release = Promise.withResolvers<void>()
    const endpoint = await openEndpoint(t, [
      async (): Promise<EndpointReply> => {
        await release.promise
        return 'Ack true'
      },
    ])
    const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
    const org = await startServe(t, [folder, '--roles', 'org'], { storeUrl })
    const sender = await startServe(t, ['--roles', 'sender'], { storeUrl })
    const statusOf = async (path: string) => (await fetch(sender.url + path)).status
    assert.deepEqual([await statusOf('/health'), await statusOf('/services/data')], [200, 404])

    const saved: string[] = []
    for (let count = 1; count <= 30; count += 1) {
      saved.push(await org.client.createAccount({ Name: `Account ${count}` }))
      if (count === 1) await endpoint.receivedCount(1) // the two work at the same time
    }
    await org.kill('SIGKILL')
    release.resolve()

    const arrived = () =>
      new Set<string | null>(endpoint.received.flatMap(({ recordIds }) => recordIds))
    await eventually('all have arrived', () => saved.every((id) => arrived().has(id)))
    assert.equal(arrived().size, saved.length)
    await sender.kill('SIGTERM') // it settles what it has in hand
    const again = await startServe(t, ['--roles', 'org'], { storeUrl })
    const { json } = await again.client.call('GET', '/setup/api/outbox')
    assert.deepEqual((json as { notifications: unknown }).notifications, [])
  })
}

const [, postgres] = storesUnderTest()

test('PostgreSQL: two senders never post one notification at the same time', async (t) => {
  const storeUrl = (await postgres?.url(t)) ?? assert.fail()
  const inHand = new Set<string>()
  const overlaps: string[] = []
  const delivered: string[] = []
  const waiting = new Set<() => void>()
  const release = () => {
    for (const each of waiting) each()
    waiting.clear()
  }
  const endpoint = await openEndpoint(t, [
    async ({ notificationIds }): Promise<EndpointReply> => {
      overlaps.push(...notificationIds.filter((id) => inHand.has(id)))
      for (const id of notificationIds) inHand.add(id)
      await new Promise<void>((resolve) => waiting.add(resolve))
      for (const id of notificationIds) inHand.delete(id)
      delivered.push(...notificationIds)
      return 'Ack true'
    },
  ])
  const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
  // All at once on an empty store: one of them founds the org.
  const [org, ...senders] = await Promise.all([
    startServe(t, [folder, '--roles', 'org'], { storeUrl }),
    startServe(t, ['--roles', 'sender'], { storeUrl }),
    startServe(t, ['--roles', 'sender'], { storeUrl }),
  ])
  assert.ok(org)

  let savedCount = 0
  const sentBy = () =>
    senders.map(({ lines }) => lines.filter(({ event }) => event === 'message.sent').length)
  await eventually('both senders have sent often', async () => {
    if (savedCount < 600) {
      const names = Array.from({ length: 3 }, () => `Account ${savedCount++}`)
      await Promise.all(names.map((Name) => org.client.createAccount({ Name })))
    }
    // While some are held, others come: each of the two senders sees what the other has in hand.
    if (waiting.size >= 8 || savedCount % 30 === 0) release()
    return sentBy().every((count) => count >= 10)
  })
  await eventually('all is delivered', () => {
    release()
    return delivered.length >= savedCount
  })

  assert.deepEqual(overlaps, [])
  assert.equal(new Set(delivered).size, savedCount)
  assert.equal(delivered.length, savedCount)
})
