import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import {
  type Certificate,
  daysFromNow,
  openAuthority,
  selfSigned,
} from '../../../test/support/certificates.ts'
import { postOverTls } from '../../../test/support/post-over-tls.ts'
import {
  jobConfig,
  openReceivingStoreAt,
  openTestListener,
} from '../../../test/support/receiving.ts'
import { storesUnderTest, temporaryFolder } from '../../../test/support/stores.ts'
import { silentLog } from '../../base/log.ts'
import { fingerprintsOf, tryCertificate } from '../../base/tls/fingerprint.ts'
import type { RouteAuthentication } from '../../jobs/route-authentication.ts'
import { OPEN_ROUTE } from '../../jobs/route-authentication.ts'
import type { PeerSettings } from './read-peer.ts'
import { openServerTls } from './server-tls.ts'

const root = await openAuthority()
const server = await root.issue()
const [mine, renewed, stranger] = await Promise.all([selfSigned(), selfSigned(), selfSigned()])

function pinsOf({ cert }: Certificate): readonly [string, string] {
  const certificate = tryCertificate(cert)
  assert.ok(certificate)
  return fingerprintsOf(certificate)
}

async function open(
  t: TestContext,
  ask: {
    readonly authentication: Partial<RouteAuthentication>
    readonly clientCa?: string
    readonly peers?: Partial<PeerSettings>
  },
) {
  const folder = temporaryFolder(t)
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const files = {
    certificate: {
      certFile: write('server.pem', server.cert),
      keyFile: write('server.key', server.key),
      passphraseFile: null,
    },
    clientCa: ask.clientCa === undefined ? [] : [write('ca.pem', ask.clientCa)],
  }
  const tls = await openServerTls(files, { clock: { real: Date.now }, log: silentLog })
  const [sqlite] = storesUnderTest()
  assert.ok(sqlite)
  const stores = await openReceivingStoreAt(t, await sqlite.url(t))
  await stores.jobs.writeConfig(
    jobConfig({ authentication: { ...OPEN_ROUTE, ...ask.authentication } }),
  )
  const checksAuthorities = ask.clientCa !== undefined
  const peers = { checksAuthorities, ...ask.peers }
  const listener = await openTestListener(t, stores, { tls: tls.options, peers, real: Date.now })
  const post = (client: Certificate | null, headers: Record<string, string> = {}) =>
    postOverTls(t, listener.url, { ca: root.cert, client, headers })
  return { listener, post, runCount: () => stores.jobs.countRuns({}) }
}

test('of three certificates that signed themselves the two pinned ones are let in, and whoever shows none is not', async (t) => {
  const fingerprints = [pinsOf(mine)[0], pinsOf(renewed)[1]]
  const { post, listener, runCount } = await open(t, {
    authentication: { clientCertificate: { fingerprints } },
  })
  assert.deepEqual(await post(stranger), [403, 'CLIENT_CERTIFICATE_NOT_ALLOWED'])
  assert.deepEqual(await post(null), [403, 'CLIENT_CERTIFICATE_MISSING'])
  assert.equal(await runCount(), 0)
  const refused = listener.log.lines.find(({ event }) => event === 'inbox.refused')
  assert.equal(refused?.fields.certificate, pinsOf(stranger)[0]) // what to add, if it is the new one
  assert.deepEqual(await post(mine), [200, null])
  assert.deepEqual(await post(renewed), [200, null])
})

test('a header of the certificate’s name proves nothing on a connection of the sender’s own', async (t) => {
  const { post } = await open(t, {
    authentication: { clientCertificate: { fingerprints: pinsOf(mine) } },
    peers: { proxies: ['10.9.9.9'], certificateHeader: 'x-client-cert' },
  })
  const header = { 'x-client-cert': encodeURIComponent(mine.cert), 'x-forwarded-for': '10.9.9.9' }
  assert.deepEqual(await post(null, header), [403, 'CLIENT_CERTIFICATE_MISSING'])
  assert.deepEqual(await post(stranger, header), [403, 'CLIENT_CERTIFICATE_NOT_ALLOWED'])
})

test('a proxy’s own certificate is not the sender’s, pinned or not', async (t) => {
  const { post } = await open(t, {
    authentication: { clientCertificate: { fingerprints: pinsOf(mine) } },
    peers: { proxies: ['127.0.0.1'], certificateHeader: 'x-client-cert' },
  })
  assert.deepEqual(await post(mine), [403, 'CLIENT_CERTIFICATE_MISSING'])
  const header = { 'x-client-cert': encodeURIComponent(mine.cert) }
  assert.deepEqual(await post(stranger, header), [200, null])
})

test('an expired certificate is refused though it is pinned, and one that is not valid yet', async (t) => {
  const expired = await selfSigned({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) })
  const early = await selfSigned({ notBefore: daysFromNow(1), notAfter: daysFromNow(9) })
  const fingerprints = [pinsOf(expired)[0], pinsOf(early)[1]]
  const { post } = await open(t, { authentication: { clientCertificate: { fingerprints } } })
  assert.deepEqual(await post(expired), [403, 'CLIENT_CERTIFICATE_EXPIRED'])
  assert.deepEqual(await post(early), [403, 'CLIENT_CERTIFICATE_EXPIRED'])
})

test('with an authority named, a certificate of another one of the same name is refused, pinned or not', async (t) => {
  const impostor = await (await openAuthority()).issue({ commonName: 'acme' })
  const right = await root.issue({ commonName: 'acme' })
  const forServers = await root.issue({ commonName: 'acme', usages: ['serverAuth'] })
  const any = await open(t, {
    authentication: { clientCertificate: { fingerprints: [] } },
    clientCa: root.cert,
  })
  assert.deepEqual(await any.post(right), [200, null])
  for (const other of [impostor, mine, forServers]) {
    assert.deepEqual(await any.post(other), [403, 'CLIENT_CERTIFICATE_UNTRUSTED'])
  }
  const pinned = await open(t, {
    authentication: { clientCertificate: { fingerprints: pinsOf(impostor) } },
    clientCa: root.cert,
  })
  assert.deepEqual(await pinned.post(impostor), [403, 'CLIENT_CERTIFICATE_UNTRUSTED'])
  assert.deepEqual(await pinned.post(right), [403, 'CLIENT_CERTIFICATE_NOT_ALLOWED'])
})

test('without an authority named, any certificate is none: it has to be pinned', async (t) => {
  const { post } = await open(t, { authentication: { clientCertificate: { fingerprints: [] } } })
  assert.deepEqual(await post(await root.issue()), [403, 'CLIENT_CERTIFICATE_UNTRUSTED'])
})

test('a job config that asks for no certificate takes any, and none', async (t) => {
  const { post } = await open(t, { authentication: {}, clientCa: root.cert })
  assert.deepEqual(await post(null), [200, null])
  assert.deepEqual(await post(stranger), [200, null])
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`no session is resumed (${version}): a certificate is shown on each connection`, async (t) => {
    const { listener } = await open(t, { authentication: {} })
    const { port } = new URL(listener.url)
    const tls = { port: Number(port), host: '127.0.0.1', ca: root.cert, ...mine }
    const first = await spoken(connect({ ...tls, maxVersion: version, minVersion: version }))
    const session = first.sessions.at(-1) ?? first.socket.getSession()
    first.socket.destroy()
    const again = connect({
      ...tls,
      maxVersion: version,
      minVersion: version,
      ...(session && { session }),
    })
    const second = await spoken(again)
    assert.equal(second.socket.isSessionReused(), false)
    second.socket.destroy()
  })
}

/** A connection on which one request was answered: by then session tickets have come, if there are any. */
function spoken(socket: TLSSocket): Promise<{ socket: TLSSocket; sessions: Buffer[] }> {
  const sessions: Buffer[] = []
  socket.on('session', (session) => sessions.push(session))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('data', () => resolve({ socket, sessions }))
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  })
}
