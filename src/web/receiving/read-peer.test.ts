import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { selfSigned } from '../../../test/support/certificates.ts'
import { fingerprintsOf, tryCertificate } from '../../base/tls/fingerprint.ts'
import { openPeerReader } from './read-peer.ts'

const PROXY = '10.0.3.7'
const HEADER = 'x-client-cert'
const { cert: PEM } = await selfSigned()
const certificate = tryCertificate(PEM)
assert.ok(certificate)
const DER = certificate.raw.toString('base64')
const PINS = fingerprintsOf(certificate)

const peerOf = openPeerReader({
  proxies: [PROXY, '10.0.4.0/24', '2001:db8:9::/48'],
  certificateHeader: HEADER,
  checksAuthorities: false,
})

/** A request as the server has read it, from this address, with these headers in this order. */
function from(remoteAddress: string, ...headers: readonly (readonly [string, string])[]) {
  const joined: Record<string, string> = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    joined[key] = key in joined ? `${joined[key]}, ${value}` : value
  }
  const request = { socket: { remoteAddress }, headers: joined, rawHeaders: headers.flat() }
  return peerOf(request as unknown as IncomingMessage)
}

test('the headers of a proxy are believed from its own address alone', () => {
  const headers = [
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Client-Cert', DER],
  ] as const
  for (const stranger of ['10.0.3.8', '203.0.113.1', '::1', '2001:db8:8::1']) {
    const peer = from(stranger, ...headers)
    assert.deepEqual([peer.address, peer.proxyAddress], [stranger, null])
    assert.equal(peer.certificate.kind, 'none')
  }
  for (const proxy of [PROXY, `::ffff:${PROXY}`, '10.0.4.200', '2001:db8:9::1']) {
    const peer = from(proxy, ...headers)
    assert.equal(peer.address, '203.0.113.7', proxy)
    assert.equal(peer.certificate.kind, 'shown')
  }
})

test('of X-Forwarded-For the last address that is no proxy’s counts: what stands before it anybody may have written', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['198.51.100.1,203.0.113.7 , 10.0.4.9', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, unknown', null],
    ['198.51.100.1, _hidden, 10.0.4.9', null],
    ['198.51.100.1,', null],
    ['203.0.113.7 198.51.100.1', null],
    ['0x7f.1', null],
    ['10.0.4.9', null], // all are proxies: whoever is behind them is not told
    ['', null],
  ]
  for (const [header, address] of cases) {
    assert.equal(from(PROXY, ['X-Forwarded-For', header]).address, address, header)
  }
  assert.equal(from(PROXY).address, null)
  const twice = [
    ['X-Forwarded-For', '198.51.100.1'],
    ['x-forwarded-for', '203.0.113.7'],
  ] as const
  assert.equal(from(PROXY, ...twice).address, '203.0.113.7')
})

test('a certificate is read as each proxy writes it', () => {
  const spellings = [
    DER, // HAProxy, Caddy
    `:${DER}:`, // RFC 9440
    encodeURIComponent(PEM), // nginx
    encodeURIComponent(PEM).replace(/%2B/g, '+').replace(/%2F/g, '/').replace(/%3D/g, '='), // AWS
    PEM.replace(/\n/g, ' '), // Apache
    encodeURIComponent(DER), // Traefik
  ]
  for (const spelling of spellings) {
    const { certificate: read } = from(PROXY, ['X-Client-Cert', spelling])
    assert.ok(read.kind === 'shown', spelling.slice(0, 40))
    assert.deepEqual(read.fingerprints, PINS)
    assert.equal(read.dates?.to, certificate?.validToDate.getTime())
    assert.deepEqual(read.authority, { kind: 'unchecked' })
  }
  const hex = PINS[0].toUpperCase()
  for (const spelling of [hex, hex.replace(/..(?=.)/g, '$&:')]) {
    const { certificate: read } = from(PROXY, ['X-Client-Cert', spelling])
    assert.ok(read.kind === 'shown', spelling)
    assert.deepEqual([read.fingerprints, read.dates], [[PINS[0]], null])
  }
})

test('no certificate is none; a header that is there twice, or holds something else, is told', () => {
  for (const nothing of ['', ' ', '-', '(null)']) {
    assert.equal(from(PROXY, ['X-Client-Cert', nothing]).certificate.kind, 'none')
  }
  assert.equal(from(PROXY).certificate.kind, 'none')
  assert.equal(from(PROXY, ['X_Client_Cert', DER]).certificate.kind, 'none')
  const unreadable = [[['X-Client-Cert', DER]], [['x-client-cert', '']]].map(
    ([second = ['', '']]) => [['X-Client-Cert', DER], second] as [string, string][],
  )
  for (const headers of unreadable) {
    assert.equal(from(PROXY, ...headers).certificate.kind, 'unreadable')
  }
  for (const value of [
    `${DER},${DER}`,
    encodeURIComponent(PEM + PEM),
    DER.slice(0, 100),
    'CN=Acme',
    PINS[0].slice(0, 40), // SHA-1
    `Hash=${PINS[0]};Subject="CN=a"`,
    '%zz',
    'SUCCESS',
  ]) {
    assert.equal(from(PROXY, ['X-Client-Cert', value]).certificate.kind, 'unreadable', value)
  }
})

test('where no header is named, a proxy tells no certificate', () => {
  const plain = openPeerReader({
    proxies: [PROXY],
    certificateHeader: null,
    checksAuthorities: true,
  })
  const request = {
    socket: { remoteAddress: PROXY },
    headers: {},
    rawHeaders: ['X-Client-Cert', DER],
  }
  assert.equal(plain(request as unknown as IncomingMessage).certificate.kind, 'none')
})
