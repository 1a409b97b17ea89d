import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Agent, request } from 'undici'
import { fingerprintsOf, tryCertificate } from '../../src/base/tls/fingerprint.ts'
import { afterTest } from '../support/after-test.ts'
import { daysFromNow, openAuthority, selfSigned } from '../support/certificates.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { postOverTls } from '../support/post-over-tls.ts'
import { storesUnderTest } from '../support/stores.ts'
import { temporaryProject } from '../support/temporary-project.ts'

test('a receiver on a port of its own speaks https, knows its senders, and has nothing else to find', async (t) => {
  const root = await openAuthority()
  const client = await selfSigned({ notBefore: daysFromNow(-3650) }) // the house's clock is behind
  const [server, own] = [await root.issue(), tryCertificate(client.cert)]
  const [store] = storesUnderTest()
  assert.ok(store && own)
  const jobConfigs = [
    {
      id: 'accounts',
      command: ['true'],
      authentication: { clientCertificate: { fingerprints: [fingerprintsOf(own)[0]] } },
    },
  ]
  const folder = await temporaryProject(t, {
    'obm.config.json': JSON.stringify({ jobConfigs }),
    'server.pem': server.cert,
    'server.key': server.key,
  })
  const certificate = {
    certFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server.key'),
    passphraseFile: null,
  }
  const { house, url } = await openTestHouse(t, {
    store,
    folder,
    receiver: { port: 0, tlsFiles: { certificate, clientCa: [] } },
  })
  const receiver = house.receiverUrl ?? ''
  assert.match(receiver, /^https:\/\/127\.0\.0\.1:/)

  const ca = root.cert
  assert.deepEqual(await postOverTls(t, receiver, { ca }), [403, 'CLIENT_CERTIFICATE_MISSING'])
  assert.deepEqual(await postOverTls(t, receiver, { ca, client }), [200, null])
  assert.equal(await house.stores.jobs.countRuns({}), 1)

  const dispatcher = new Agent({ connect: { ca } })
  afterTest(t, () => dispatcher.close())
  const statusOf = async (target: string) => {
    const { statusCode, body } = await request(target, { dispatcher })
    await body.dump()
    return statusCode
  }
  for (const path of ['/healthz', '/readyz'])
    assert.equal(await statusOf(receiver + path), 200, path)
  for (const path of [
    '/v2/api/jobconfigs',
    '/metrics',
    '/health',
    '/services/data',
    '/setup/api/runs',
    '/v2/api/jobconfigs/accounts/sfdc/%6fbm',
    '/V2/api/jobconfigs/accounts/sfdc/obm',
  ]) {
    assert.equal(await statusOf(receiver + path), 404, path)
  }
  // The route is on that port alone.
  assert.equal(await statusOf(`${url}/v2/api/jobconfigs/accounts/sfdc/obm`), 404)
})
