import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Certificate, daysFromNow, openAuthority } from '../../../test/support/certificates.ts'
import { openTestLog } from '../../../test/support/receiving.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { DAY_MS } from '../../base/clock.ts'
import { CertificateError } from '../../base/tls/certificate-error.ts'
import { type CertificateFiles, readKeyedCertificate } from '../../base/tls/certificate-files.ts'
import { openIdentities } from './identities.ts'

const root = await openAuthority()

/** Writes a certificate where a test wants it, under names of its own. */
function write(folder: string, { cert, key }: Certificate, name = 'client'): CertificateFiles {
  const files = {
    certFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key`),
    passphraseFile: null,
  }
  writeFileSync(files.certFile, cert)
  writeFileSync(files.keyFile, key)
  return files
}

async function open(
  t: TestContext,
  ask: { readonly everybody?: Certificate; readonly named?: Readonly<Record<string, Certificate>> },
) {
  const folder = temporaryFolder(t)
  const log = openTestLog()
  const clock = { at: Date.now(), real: () => clock.at }
  const certificate = ask.everybody ? write(folder, ask.everybody) : null
  const named = new Map(
    Object.entries(ask.named ?? {}).map(
      ([name, each]) => [name, write(folder, each, name)] as const,
    ),
  )
  const identities = await openIdentities({ trusted: [], certificate, named }, { clock, log })
  return { identities, folder, log, clock }
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CertificateError, String(error))
  return error.errorCode
}

test('each name has its own certificate, or that of everybody', async (t) => {
  const { identities } = await open(t, {
    everybody: await root.issue(),
    named: { 'account.notify': await root.issue() },
  })
  const ids = ['account.notify', 'account.other', 'case.other'].map(
    (name) => identities.of(name).id,
  )
  assert.notEqual(ids[0], ids[1])
  assert.equal(ids[1], ids[2])
  assert.equal(identities.of('account.other').hasCertificate, true)
  assert.equal(identities.nobody().hasCertificate, false)
})

test('a certificate that is renewed is used from then on, without a restart', async (t) => {
  const { identities, folder, log } = await open(t, { everybody: await root.issue() })
  const before = identities.of('any').id
  await identities.look()
  assert.equal(identities.of('any').id, before)

  write(folder, await root.issue())
  await identities.look()
  assert.notEqual(identities.of('any').id, before)
  assert.ok(log.lines.some(({ event }) => event === 'certificates.changed'))
})

test('files that do not fit together while they are replaced leave the certificate from before', async (t) => {
  const { identities, folder, log } = await open(t, { everybody: await root.issue() })
  const before = identities.of('any').id
  const next = await root.issue()
  writeFileSync(join(folder, 'client.pem'), next.cert)
  await identities.look()
  assert.equal(identities.of('any').id, before)
  assert.match(
    String(log.lines.find(({ event }) => event === 'certificates.not_changed')?.fields?.['reason']),
    /client\.key: expected the private key of the certificate in .*client\.pem, found another/,
  )
  await identities.look()
  assert.equal(log.lines.filter(({ event }) => event === 'certificates.not_changed').length, 1)

  writeFileSync(join(folder, 'client.key.new'), next.key)
  renameSync(join(folder, 'client.key.new'), join(folder, 'client.key'))
  await identities.look()
  assert.notEqual(identities.of('any').id, before)
})

test('that a certificate expires within 30 days is told once a day, and that it has as an error', async (t) => {
  const notAfter = daysFromNow(10)
  const { identities, log, clock } = await open(t, { everybody: await root.issue({ notAfter }) })
  const told = () => log.lines.filter(({ event }) => event === 'certificates.remark')
  assert.equal(told()[0]?.fields?.['code'], 'CERTIFICATE_EXPIRES_SOON')
  await identities.look()
  assert.equal(told().length, 1)
  clock.at += DAY_MS
  await identities.look()
  assert.equal(told().length, 2)
  clock.at += 10 * DAY_MS
  await identities.look()
  assert.equal(told().at(-1)?.fields?.['code'], 'CERTIFICATE_EXPIRED')
})

test('what cannot be used is refused with its file and a code', async (t) => {
  const folder = temporaryFolder(t)
  const leaf = await root.issue()
  const files = write(folder, leaf)
  const locked = { ...files, keyFile: join(folder, 'locked.key') }
  const encrypted = createPrivateKey(leaf.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame',
  })
  writeFileSync(locked.keyFile, encrypted)
  const passphraseFile = join(folder, 'passphrase')
  writeFileSync(passphraseFile, 'wrong\n')
  writeFileSync(join(folder, 'text'), 'no PEM')
  const other = write(folder, await root.issue(), 'other')

  const gone = join(folder, 'gone')
  const text = join(folder, 'text')
  const cases: readonly (readonly [CertificateFiles, string])[] = [
    [{ ...files, certFile: gone }, 'CERTIFICATE_UNREADABLE'],
    [{ ...files, certFile: text }, 'CERTIFICATE_UNREADABLE'],
    [{ ...files, keyFile: gone }, 'CERTIFICATE_KEY_UNREADABLE'],
    [{ ...files, keyFile: text }, 'CERTIFICATE_KEY_UNREADABLE'],
    [{ ...files, keyFile: other.keyFile }, 'CERTIFICATE_KEY_MISMATCH'],
    [locked, 'CERTIFICATE_KEY_UNREADABLE'],
    [{ ...locked, passphraseFile }, 'CERTIFICATE_KEY_UNREADABLE'],
    [{ ...locked, passphraseFile: gone }, 'CERTIFICATE_KEY_UNREADABLE'],
  ]
  for (const [each, code] of cases) assert.equal(await codeOf(readKeyedCertificate(each)), code)

  const trusting = { certificate: null, named: new Map<string, CertificateFiles>() }
  const rooms = { clock: { real: Date.now }, log: openTestLog() }
  assert.equal(
    await codeOf(openIdentities({ ...trusting, trusted: [text] }, rooms)),
    'CA_UNREADABLE',
  )

  writeFileSync(passphraseFile, 'open sesame\n')
  const read = await readKeyedCertificate({ ...locked, passphraseFile })
  assert.equal(read.passphrase, 'open sesame')
})
