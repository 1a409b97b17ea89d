import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readProjectConfig } from '../../src/config/project-config.ts'
import { loadProject } from '../../src/house/project/load-project.ts'
import { parseRecordId } from '../../src/schema/record-id.ts'
import { accountsProject, WORKFLOWS, workflowXml } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'

const [sqlite] = storesUnderTest()

test('what waits for an outbound message that leaves the project is held and told, and goes when it is back', async (t) => {
  const endpoint = await openEndpoint(t, ['503'])
  const messages = [{ endpointUrl: endpoint.url }]
  const folder = await accountsProject(t, { messages })
  const { client, house, stores, logged } = await openTestHouse(t, {
    store: sqlite ?? assert.fail(),
    folder,
  })
  const load = async (content: typeof messages) => {
    await writeFile(join(folder, WORKFLOWS, 'Account.workflow-meta.xml'), workflowXml(content))
    const endpoints = { named: new Map<string, string>(), all: null, holdForeign: true }
    await loadProject(house, { folder, config: readProjectConfig(folder), endpoints })
  }
  const created = await client.createAccount({ Name: 'Owed to a message that is gone' })
  const recordId = parseRecordId(created)
  const waiting = async () => (await stores.outbox.list({ recordId, limit: 1 }))[0]
  await eventually('an attempt has failed', async () => (await waiting())?.attemptCount === 1)

  await load([])

  const held = await waiting()
  assert.equal(held?.heldReason, 'Its outbound message is not defined any more.')
  assert.equal(held?.outboundMessage, 'Account.Tell')
  assert.deepEqual(
    logged('message.gone').map(({ fields }) => fields),
    [{ outboundMessage: 'Account.Tell', count: '1' }],
  )

  endpoint.answer('Ack true')
  await load(messages)
  await stores.outbox.retry({ recordId, limit: 1 }, house.org.clock.now())
  house.nudge()

  await eventually('it is delivered', async () => (await waiting()) === undefined)
  const [first, second] = endpoint.received
  assert.deepEqual(second?.notificationIds, first?.notificationIds)
})
