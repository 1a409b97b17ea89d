import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { writeAck } from '../../src/wire/ack.ts'
import { accountsProject } from '../support/accounts-project.ts'
import { openAuthority } from '../support/certificates.ts'
import { listen } from '../support/egress.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'

const [sqlite] = storesUnderTest()

test('listeners are shown the client certificate of the outbound message, or the org’s; one that is shown none says so', async (t) => {
  const root = await openAuthority()
  const [org, own] = [
    await root.issue({ commonName: 'org' }),
    await root.issue({ commonName: 'own' }),
  ]
  const shown: string[] = []
  const server = createServer(
    { ...(await root.issue()), ca: root.cert, requestCert: true },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      shown.push(`${request.url} ${subject.CN}`)
      request.resume()
      response.setHeader('content-type', 'text/xml').end(writeAck(true))
    },
  )
  const url = `https://localhost:${await listen(t, server)}`
  const messages = [
    { name: 'By_org', endpointUrl: `${url}/org` },
    { name: 'By_own', endpointUrl: `${url}/own` },
  ]
  const ownFiles = { certFile: 'own.pem', keyFile: 'own.key' }
  const folder = await accountsProject(t, {
    messages,
    config: {
      delivery: {
        clientCertificate: { certFile: 'org.pem', keyFile: 'org.key' },
        messages: { 'account.by_own': { clientCertificate: ownFiles } },
      },
    },
  })
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  write('ca.pem', root.cert)
  for (const [name, { cert, key }] of Object.entries({ org, own })) {
    write(`${name}.pem`, cert)
    write(`${name}.key`, key)
  }
  const trusted = [join(folder, 'ca.pem')]
  const store = sqlite ?? assert.fail()
  const { client } = await openTestHouse(t, { store, folder, trusted })
  await client.createAccount({ Name: 'Acme' })
  await eventually('both listeners were told', async () => (shown.length === 2 ? shown : null))
  assert.deepEqual(shown.sort(), ['/org org', '/own own'])

  const bare = await accountsProject(t, { messages: [{ endpointUrl: `${url}/bare` }] })
  const without = await openTestHouse(t, { store, folder: bare, trusted })
  const recordId = await without.client.createAccount({ Name: 'Bolt' })
  const reason = await eventually('an attempt has failed', async () => {
    const { json } = await without.client.call('GET', `/setup/api/outbox?recordId=${recordId}`)
    return (json as { notifications: { failureReason: string | null }[] }).notifications[0]
      ?.failureReason
  })
  assert.match(reason ?? '', /the listener asked for a client certificate, and none is set/)
  assert.equal(shown.length, 2)
})
