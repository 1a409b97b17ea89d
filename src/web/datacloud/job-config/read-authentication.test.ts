import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selfSigned } from '../../../../test/support/certificates.ts'
import { fingerprintsOf, tryCertificate } from '../../../base/tls/fingerprint.ts'
import { OPEN_ROUTE } from '../../../jobs/route-authentication.ts'
import { ApiError } from '../../api-error.ts'
import { readFields } from '../read-fields.ts'
import { readAuthentication } from './read-authentication.ts'

const HEX = 'ab'.repeat(32)
const COLONS = Array(32).fill('AB').join(':')

function read(authentication: unknown, before = OPEN_ROUTE) {
  return readAuthentication(readFields({ authentication }, '', ['authentication']), before)
}

test('a fingerprint is read as tools print it, and kept in one form', async () => {
  const { cert } = await selfSigned()
  const certificate = tryCertificate(cert)
  assert.ok(certificate)
  const spellings = [
    HEX,
    HEX.toUpperCase(),
    COLONS,
    `sha256 Fingerprint=${COLONS}`,
    `SHA256 Fingerprint=${COLONS}\n`,
    `sha256//${Buffer.from(HEX, 'hex').toString('base64')}`,
  ]
  for (const each of spellings) {
    const { clientCertificate } = read({ clientCertificate: { fingerprints: [each] } })
    assert.deepEqual(clientCertificate, { fingerprints: [HEX] }, each)
  }
  const [ofCertificate] = fingerprintsOf(certificate)
  const { clientCertificate } = read({ clientCertificate: { fingerprints: [cert, HEX, HEX] } })
  assert.deepEqual(clientCertificate, { fingerprints: [ofCertificate, HEX] })
})

test('what is absent stays, null and an empty list take it away, and an empty pin list is not none asked', () => {
  const before = {
    ...OPEN_ROUTE,
    allowedIps: ['10.0.0.0/8'],
    actionIds: ['04k5e000000Xy2zAAC'],
    clientCertificate: { fingerprints: [HEX] },
  }
  assert.deepEqual(read({}, before), before)
  assert.deepEqual(
    read({ clientCertificate: null, allowedIps: [], actionIds: [] }, before),
    OPEN_ROUTE,
  )
  assert.deepEqual(read({ clientCertificate: {} }, before).clientCertificate, { fingerprints: [] })
  assert.deepEqual(read({ actionIds: ['04k5e000000Xy2z'] }).actionIds, ['04k5e000000Xy2zAAC'])
})

test('what is no address, no id or no fingerprint is refused with its place, never passed over', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ allowedIps: ['10.0.0.0/33'] }, /^authentication\.allowedIps: expected addresses or ranges/],
    [{ allowedIps: ['10.0.0.256'] }, /^authentication\.allowedIps/],
    [{ allowedIps: ['010.0.0.1'] }, /^authentication\.allowedIps/],
    [{ allowedIps: ['fe80::1%eth0'] }, /^authentication\.allowedIps/],
    [{ allowedIps: ['example.com'] }, /^authentication\.allowedIps/],
    [{ allowedIps: '10.0.0.0/8' }, /^authentication\.allowedIps: expected a list/],
    [{ actionIds: ['04k'] }, /^authentication\.actionIds: expected ids of 15 or 18/],
    [{ clientCertificate: [HEX] }, /^authentication\.clientCertificate: expected an object/],
    [{ clientCertificate: { sha256: [HEX] } }, /clientCertificate\.sha256 is not known/],
    [
      { clientCertificate: { fingerprints: [HEX.slice(0, 40)] } }, // SHA-1
      /^authentication\.clientCertificate\.fingerprints: expected SHA-256 fingerprints/,
    ],
    [{ clientCertificate: { fingerprints: Array(11).fill(HEX) } }, /a list of up to 10/],
    [{ pathSecret: ['a'.repeat(22), 'b'.repeat(22), 'c'.repeat(22)] }, /a list of up to 2/],
  ]
  for (const [authentication, message] of cases) {
    assert.throws(
      () => read(authentication),
      (error) => error instanceof ApiError && message.test(error.message),
      JSON.stringify(authentication),
    )
  }
})
