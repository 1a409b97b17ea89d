import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountsProject, WORKFLOWS, workflowXml } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import type { RestClient } from '../support/rest-client.ts'
import { startDev } from '../support/start-program.ts'
import { storesUnderTest } from '../support/stores.ts'

/** As it comes from an org: sent as users that are not here, to machines that nobody here may call. */
const MESSAGES = [
  {
    name: 'To_ERP',
    endpointUrl: 'https://erp.example.com/in',
    integrationUser: 'erp@corp.example',
  },
  {
    name: 'To_Bank',
    endpointUrl: 'http://10.0.0.5/in',
    integrationUser: 'bank@corp.example',
  },
]

type Waiting = { readonly heldReason: string | null; readonly attemptCount: number }

async function owed(client: RestClient): Promise<readonly Waiting[]> {
  const { json } = await client.call('GET', '/setup/api/outbox')
  return (json as { notifications: readonly Waiting[] }).notifications
}

for (const store of storesUnderTest()) {
  test(`${store.name}: a project from an org starts with stand-in users, and what would leave this machine is held`, async (t) => {
    const folder = await accountsProject(t, { messages: MESSAGES })
    const { client, follower, house, stores } = await openTestHouse(t, { store, folder })

    const remarks = follower.remarks().join('\n')
    for (const user of ['erp@corp.example', 'bank@corp.example']) {
      assert.match(remarks, new RegExp(`${user} is not in this org: .* stands in`))
      assert.equal((await house.org.users.userNamed(user))?.username, user)
    }
    assert.match(
      remarks,
      /Account\.To_ERP is held: erp\.example\.com is not on this machine.*--endpoint Account\.To_ERP=URL/,
    )
    await client.createAccount({ Name: 'Stays here' })
    house.nudge()

    const waiting = await owed(client)
    assert.equal(waiting.length, 2)
    for (const { heldReason } of waiting) assert.match(heldReason ?? '', /is not on this machine/)
    assert.deepEqual(await stores.outbox.attempts({ limit: 9 }), [])
  })
}

test('--endpoint URL sends everything to a listener', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await accountsProject(t, { messages: MESSAGES })
  const store = storesUnderTest()[0] ?? assert.fail()
  const { client } = await openTestHouse(t, { store, folder, endpoint: endpoint.url })

  await client.createAccount({ Name: 'Goes to the listener' })

  await endpoint.receivedCount(2)
  await eventually('nothing is owed', async () => (await owed(client)).length === 0)
})

test('obm dev --endpoint Object.Name=URL sends one message to a listener, and a changed workflow counts without a restart', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await accountsProject(t, { messages: MESSAGES })
  const named = `account.to_erp=${endpoint.url}`
  const program = await startDev(t, [folder, '--port', '0', '--endpoint', named])
  const { client, ready, lines } = program
  const remarks = (ready['remarks'] as readonly string[]).join('\n')
  assert.match(remarks, /Account\.To_Bank is held/)
  assert.doesNotMatch(remarks, /Account\.To_ERP is held/)

  const id = await client.createAccount({ Name: 'Half of it goes' })
  await endpoint.receivedCount(1)
  assert.deepEqual(endpoint.received[0]?.recordIds, [id])
  await eventually('one is left, held', async () => (await owed(client)).length === 1)

  const third = { name: 'To_Me', endpointUrl: `${endpoint.url}/new` }
  writeFileSync(
    join(folder, WORKFLOWS, 'Account.workflow-meta.xml'),
    workflowXml([...MESSAGES, third]),
  )
  await eventually('the project was read again', () =>
    lines.some(({ event }) => event === 'project.reloaded'),
  )
  await client.updateAccount(id, { Name: 'All rules fire' })

  await endpoint.receivedCount(3)
  const paths = endpoint.received.slice(1).map(({ path }) => path)
  assert.deepEqual(paths.toSorted(), ['/listener', '/listener/new'])
  await eventually('only what is held is owed', async () =>
    (await owed(client)).every(({ heldReason }) => heldReason !== null),
  )
})
