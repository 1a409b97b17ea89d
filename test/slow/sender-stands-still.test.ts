import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStores } from '../../src/store/open-store.ts'
import { accountsProject } from '../support/accounts-project.ts'
import { type EndpointReply, openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { startServe } from '../support/start-program.ts'
import { storesUnderTest } from '../support/stores.ts'

const [, postgres] = storesUnderTest()

test('PostgreSQL: a sender that stood still beyond its lease settles nothing of what another has taken over', async (t) => {
  const storeUrl = (await postgres?.url(t)) ?? assert.fail()
  const first = Promise.withResolvers<EndpointReply>()
  const endpoint = await openEndpoint(t, [() => first.promise, 'Ack true'])
  const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
  const org = await startServe(t, [folder, '--roles', 'org'], { storeUrl })
  const sleeper = await startServe(t, ['--roles', 'sender'], { storeUrl })
  const [recordId] = await org.client.createAccounts(['Acme'])
  await eventually('the first sender has posted it', () => endpoint.received.length === 1)

  sleeper.signal('SIGSTOP')
  await lapseLeases(storeUrl)
  await startServe(t, ['--roles', 'sender'], { storeUrl })
  await eventually('the second one has', () => endpoint.received.length === 2)
  const stores = await openStores(storeUrl, { secretKey: Buffer.alloc(32, 7) })
  t.after(() => stores.close())
  const owed = () => stores.outbox.list({ limit: 2 })
  await eventually('it is settled', async () => (await owed()).length === 0)

  // Would be a refusal, and a retry, if it still had a say.
  first.resolve('Ack false')
  sleeper.signal('SIGCONT')
  const lost = (outcome: string | null) =>
    sleeper.lines.some((each) => each.event === 'sender.lease_lost' && each.outcome === outcome)
  await eventually('the first one finds its lease lost', () => lost('refused'))

  assert.deepEqual(await owed(), [])
  const { attempts } = await stores.outbox.findAttempts({ limit: 9 })
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ['acknowledged'],
  )
  const [once, again] = endpoint.received
  assert.deepEqual(once?.recordIds, [recordId])
  assert.deepEqual(again?.notificationIds, once?.notificationIds)

  await org.client.createAccounts(['Bolt'])
  await eventually('what comes next is sent once more', () => endpoint.received.length === 3)
})
