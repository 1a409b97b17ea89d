import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR_MS } from '../../src/base/clock.ts'
import { firstUserId } from '../../src/org/founding/found-org.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import { parseRecordId } from '../../src/schema/record-id.ts'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { openRestClient, REST } from '../support/rest-client.ts'
import { storesUnderTest } from '../support/stores.ts'

const [sqlite] = storesUnderTest()
const USERNAME = 'erp@acme.example'

test('what there is nobody to send as waits on hold, loses none of its lifetime, and goes when there is', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await accountsProject(t, {
    messages: [{ endpointUrl: endpoint.url, integrationUser: USERNAME }],
  })
  const { client, house, url, stores, clock, logged } = await openTestHouse(t, {
    store: sqlite ?? assert.fail(),
    folder,
  })
  const user = await house.org.users.userNamed(USERNAME)
  const setActive = async (IsActive: boolean) => {
    const { token } = await house.org.sessions.start(firstUserId()) // the clock ends them
    const path = `${REST}/sobjects/User/${user?.userId}`
    const { status } = await openRestClient(url, token).call('PATCH', path, { IsActive })
    assert.equal(status, 204)
    await house.definitionsChanged()
  }
  await setActive(false)
  const recordId = parseRecordId(await client.createAccount({ Name: 'Acme' }))
  const waiting = async () => (await stores.outbox.list({ recordId, limit: 1 }))[0]
  const createdAt = (await waiting())?.createdAt ?? assert.fail()

  clock.advance(30 * HOUR_MS)
  await stores.outbox.sweep(clock.now())

  const held = await waiting()
  assert.match(held?.heldReason ?? '', /no active user erp@acme\.example to send as/)
  assert.deepEqual([held?.state, held?.attemptCount], ['waiting', 0])
  await eventually('it is told', async () => logged('message.held').length === 1)

  await stores.outbox.hold({ kind: 'lane', laneId: held?.laneId ?? '' }, 'to look', clock.now())
  await setActive(true)

  assert.equal((await waiting())?.expiresAt, createdAt + LIFETIME_MS + 30 * HOUR_MS)
  await stores.outbox.resume({ kind: 'lane', laneId: held?.laneId ?? '' }, clock.now())
  house.nudge()
  await eventually('it is delivered', async () => (await waiting()) === undefined)
  assert.equal(endpoint.received.length, 1)
  await eventually('that is told too', async () => logged('message.released').length === 1)
})
