import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { afterTest } from '../../../test/support/after-test.ts'
import { type Certificate, daysFromNow, openAuthority } from '../../../test/support/certificates.ts'
import { openTestLog } from '../../../test/support/receiving.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { CertificateError } from '../../base/tls/certificate-error.ts'
import { openServer } from '../server.ts'
import { openServerTls } from './server-tls.ts'

const root = await openAuthority()

test('new connections get a certificate that was renewed on disk; one that cannot be used leaves the one from before', async (t) => {
  const folder = temporaryFolder(t)
  const files = {
    certFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server.key'),
    passphraseFile: null,
  }
  const put = ({ cert, key }: Certificate) => {
    writeFileSync(files.certFile, cert)
    writeFileSync(files.keyFile, key)
  }
  put(await root.issue({ commonName: 'first' }))
  const log = openTestLog()
  const clock = { real: Date.now }
  const tls = await openServerTls({ certificate: files, clientCa: [] }, { clock, log })
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    routes: [],
    listener: null,
    log,
    operations: { isReady: async () => true, inner: null },
    frontPage: null,
    tls: tls.options,
  })
  afterTest(t, () => server.close())
  const look = async () => {
    const renewed = await tls.look()
    if (renewed) server.renewTls(renewed)
    return renewed !== null
  }
  assert.match(server.url, /^https:/)
  assert.equal(await shownBy(server.port), 'first')
  assert.equal(await look(), false)

  put(await root.issue({ commonName: 'second' }))
  assert.equal(await look(), true)
  assert.equal(await shownBy(server.port), 'second')
  assert.ok(log.lines.some(({ event }) => event === 'certificates.changed'))

  writeFileSync(files.certFile, (await root.issue({ commonName: 'third' })).cert)
  assert.equal(await look(), false)
  assert.equal(await shownBy(server.port), 'second')
  const told = log.lines.find(({ event }) => event === 'certificates.not_changed')
  assert.match(String(told?.fields['reason']), /server\.key: expected the private key/)

  put(await root.issue({ usages: ['clientAuth'], notAfter: daysFromNow(9) }))
  await look()
  const remarks = log.lines.filter(({ event }) => event === 'certificates.remark')
  assert.deepEqual(
    remarks.map(({ fields }) => fields['code']),
    ['CERTIFICATE_EXPIRES_SOON', 'CERTIFICATE_NOT_FOR_SERVERS'],
  )
})

test('files that cannot be used keep the receiver from starting', async (t) => {
  const folder = temporaryFolder(t)
  const certFile = join(folder, 'none.pem')
  const files = { certificate: { certFile, keyFile: certFile, passphraseFile: null }, clientCa: [] }
  await assert.rejects(
    openServerTls(files, { clock: { real: Date.now }, log: openTestLog() }),
    (error) => error instanceof CertificateError && error.errorCode === 'CERTIFICATE_UNREADABLE',
  )
})

/** The common name of the certificate that a new connection is shown. */
function shownBy(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: root.cert }, () => {
      resolve(socket.getPeerX509Certificate()?.subject.replace('CN=', ''))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
