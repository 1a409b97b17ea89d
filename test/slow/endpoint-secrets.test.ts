import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { runObm } from '../support/run-obm.ts'
import { type Program, startDev } from '../support/start-program.ts'

const PASSWORD = 's3cret-of-a-user'
const VALUE = 's3cret-of-a-query'
const TOKEN = 's3cretPartOfThePath42'
const SECRETS = [PASSWORD, VALUE, TOKEN, Buffer.from(`me:${PASSWORD}`).toString('base64')]

/** With everything that hides a secret in a URL. */
function withSecrets(url: string): string {
  const found = new URL(`/v2/api/jobconfigs/a/sfdc/obm/${TOKEN}?key=${VALUE}`, url)
  return Object.assign(found, { username: 'me', password: PASSWORD }).href
}

function assertNone(where: string, text: string): void {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${where} tells ${secret}`)
}

test('what is secret in an endpoint URL reaches the listener, and is in no page, line, command or file of the store', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await accountsProject(t, {
    messages: [
      { name: 'Taken', endpointUrl: withSecrets(endpoint.url).replaceAll('&', '&amp;') },
      { name: 'Down', endpointUrl: withSecrets(`http://127.0.0.1:${await freePort()}`) },
    ],
  })
  const program = await startDev(t, [folder, '--port', '0'])
  const recordId = await program.client.createAccount({ Name: 'Acme' })
  await endpoint.receivedCount(1)
  assert.match(endpoint.received[0]?.headers.authorization ?? '', /^Basic /)
  await eventually('the other one has failed', () =>
    program.lines.some(({ event }) => event === 'message.unanswered'),
  )

  await readPages(program, recordId)
  await runCommands(program)
  await program.kill('SIGTERM')
  assertNone('what it printed', JSON.stringify(program.lines))
  for (const file of readdirSync(join(folder, '.obm'))) {
    assertNone(file, readFileSync(join(folder, '.obm', file)).toString('latin1'))
  }
})

async function readPages({ client }: Program, recordId: string): Promise<void> {
  type Known = { notifications: { notificationId: string }[] }
  type Messages = { outboundMessages: { outboundMessageId: string; endpointUrl: string }[] }
  const { json: outbox } = await client.call('GET', '/setup/api/outbox')
  const { json: definitions } = await client.call('GET', '/setup/api/definitions')
  const [notification] = (outbox as Known).notifications
  const [message] = (definitions as Messages).outboundMessages
  assert.match(message?.endpointUrl ?? '', /^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/v2\/api/)
  const pages = [
    '/setup/api/outbox',
    '/setup/api/definitions',
    `/setup/api/outbox/${notification?.notificationId}`,
    '/setup/api/attempts',
    `/setup/api/story/${recordId}`,
    `/setup/api/traces?record=${recordId}`,
    `/soap/wfoutbound.jsp?aid=${message?.outboundMessageId}`,
    '/metrics',
  ]
  for (const page of pages) {
    const { status, json } = await client.call('GET', page)
    if (page !== '/metrics') assert.equal(status, 200, page)
    assertNone(page, JSON.stringify(json))
  }
}

async function runCommands({ url, ready }: Program): Promise<void> {
  const at = { url, token: String(ready['accessToken']) }
  for (const command of ['outbox list', 'outbox lanes', 'outbox list --json', 'attempts list']) {
    const { code, out, error } = await runObm(at, ...command.split(' '))
    assert.equal(code, 0, command)
    assertNone(`obm ${command}`, out + error)
  }
}
