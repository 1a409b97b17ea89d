import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DAY_MS } from '../../src/base/clock.ts'
import { accountsProject, configuredJob } from '../support/accounts-project.ts'
import { type EndpointReply, openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'

const [sqlite] = storesUnderTest()

type Ask = {
  readonly endpointUrl: string
  readonly includeSessionId?: boolean
  readonly config?: object
}

/** Saves an account whose message fails; answers what Setup shows of its notification then. */
async function failureOf(t: TestContext, { config, ...message }: Ask): Promise<string> {
  const folder = await accountsProject(t, { messages: [message], config: config ?? {} })
  const { client, logged } = await openTestHouse(t, { store: sqlite ?? assert.fail(), folder })
  const recordId = await client.createAccount({ Name: 'Never arrives' })

  return eventually('an attempt has failed', async () => {
    const { json } = await client.call('GET', `/setup/api/outbox?recordId=${recordId}`)
    const [waiting] = (json as { notifications: readonly Waiting[] }).notifications
    assert.deepEqual(logged('run.attempted'), [])
    assert.equal(waiting?.state, 'waiting') // whatever happens, it stays owed
    return waiting.failureReason
  })
}

type Waiting = {
  readonly state: string
  readonly failureReason: string | null
  readonly dueAt: string
  readonly expiresAt: string
}

async function answering(t: TestContext, reply: EndpointReply): Promise<Ask> {
  return { endpointUrl: (await openEndpoint(t, [reply])).url }
}

test('an endpoint that is down leaves the notification owed', async (t) => {
  const endpointUrl = `http://127.0.0.1:${await freePort()}/listener`
  assert.match(await failureOf(t, { endpointUrl }), /ConnectException: Connection refused/)
})

test('an endpoint that answers HTML has not acknowledged', async (t) => {
  assert.match(await failureOf(t, await answering(t, '200')), /Content is not allowed in prolog/)
})

test('an endpoint that answers Ack false has not acknowledged', async (t) => {
  assert.equal(await failureOf(t, await answering(t, 'Ack false')), 'SOAP response was a nack')
})

test('an endpoint that hangs is given up after the time-out of the configuration', async (t) => {
  const config = { delivery: { timeoutSeconds: 0.2 } }
  const reason = await failureOf(t, { ...(await answering(t, 'silence')), config })
  assert.equal(reason, 'java.net.SocketTimeoutException: Read timed out')
})

test('an outbound message goes by the clocks that the configuration gives it', async (t) => {
  const { url } = await openEndpoint(t, ['Ack false'])
  const folder = await accountsProject(t, {
    messages: [{ endpointUrl: url }],
    config: {
      delivery: {
        retry: { firstSeconds: 7, lifetimeHours: 48 },
        messages: { 'Account.Tell': { retry: { firstSeconds: 11 } } },
      },
    },
  })
  const { client, clock } = await openTestHouse(t, { store: sqlite ?? assert.fail(), folder })
  const recordId = await client.createAccount({ Name: 'Tried by its own clock' })

  const waiting = await eventually('an attempt has failed', async () => {
    const { json } = await client.call('GET', `/setup/api/outbox?recordId=${recordId}`)
    const [found] = (json as { notifications: readonly Waiting[] }).notifications
    return found?.failureReason ? found : null
  })

  const after = (ms: number) => new Date(clock.now() + ms).toISOString()
  assert.deepEqual([waiting.dueAt, waiting.expiresAt], [after(11_000), after(2 * DAY_MS)])
})

/** A route by Actian's recipe in this same program; `change` makes it fail. */
function classic(change: { allowedHosts?: readonly string[]; sendSessionIds?: boolean }): Ask {
  const { allowedHosts = ['{self}'], sendSessionIds = true } = change
  const authentication = { classicSession: { allowedHosts } }
  return {
    endpointUrl: 'https://datacloud.example.com/v2/api/jobconfigs/accounts/sfdc/obm',
    includeSessionId: true,
    config: {
      org: { sendSessionIds },
      endpoints: { 'Account.Tell': '{receiver}/v2/api/jobconfigs/accounts/sfdc/obm' },
      jobConfigs: [{ ...configuredJob(['true']), authentication }],
    },
  }
}

test('a message without a session id is told to its sender as such by a route that asks the org back', async (t) => {
  assert.match(await failureOf(t, classic({ sendSessionIds: false })), /no session id/)
})

test('a route does not ask back a host that is not on its list, and the sender is told', async (t) => {
  assert.match(
    await failureOf(t, classic({ allowedHosts: ['my.salesforce.com'] })),
    /nothing was called/,
  )
})

test('an org without the custom setting is told so', async (t) => {
  assert.match(await failureOf(t, classic({})), /DataCloud_User_Credential__c/)
})
