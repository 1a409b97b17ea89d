import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Hex } from '../base/secrets/sha256-hex.ts'
import { OPEN_ROUTE, type RouteAuthentication } from '../jobs/route-authentication.ts'
import { parseRecordId } from '../schema/record-id.ts'
import { authenticateEnvelope, authenticateRequest } from './authenticate.ts'
import type { Peer, PeerCertificate } from './peer.ts'
import type { Authentication } from './rejection.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const [PIN, KEY_PIN, OTHER] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)]

function shown(change: Partial<PeerCertificate & { kind: 'shown' }> = {}): PeerCertificate {
  return {
    kind: 'shown',
    fingerprints: [PIN, KEY_PIN],
    dates: { from: NOW - 1, to: NOW + 1 },
    authority: { kind: 'unchecked' },
    ...change,
  }
}

function codeOf(verdict: Authentication): string | null {
  return verdict.kind === 'rejected' ? verdict.errorCode : null
}

function atTheDoor(
  set: Partial<RouteAuthentication>,
  peer: Partial<Peer>,
  pathSecret: string | null = null,
): string | null {
  const { address = '192.0.2.1', proxyAddress = null, certificate = { kind: 'none' } } = peer
  const authentication = { ...OPEN_ROUTE, ...set }
  const asked = { pathSecret, peer: { address, proxyAddress, certificate } }
  return codeOf(authenticateRequest({ authentication }, asked, NOW))
}

test('an address must be in one of the ranges, an IPv4 one also as IPv6 maps it', () => {
  const allowedIps = ['10.1.0.0/16', '203.0.113.7', '2001:db8::/32', '::ffff:198.51.100.0/120']
  for (const address of [
    '10.1.2.3',
    '203.0.113.7',
    '2001:db8::1',
    '::ffff:10.1.0.1',
    '198.51.100.9',
  ]) {
    assert.equal(atTheDoor({ allowedIps }, { address }), null, address)
  }
  for (const address of [
    '10.2.0.1',
    '203.0.113.8',
    '2001:db9::1',
    '::ffff:10.2.0.1',
    '::1',
    null,
  ]) {
    assert.equal(atTheDoor({ allowedIps }, { address }), 'ADDRESS_NOT_ALLOWED', String(address))
  }
  assert.equal(atTheDoor({}, { address: null }), null)
})

test('either of two pinned certificates is let in, by its own fingerprint or by that of its key', () => {
  const clientCertificate = { fingerprints: [OTHER, PIN] }
  assert.equal(atTheDoor({ clientCertificate }, { certificate: shown() }), null)
  const byKey = { fingerprints: [KEY_PIN] }
  assert.equal(atTheDoor({ clientCertificate: byKey }, { certificate: shown() }), null)
  const other = shown({ fingerprints: [OTHER] })
  assert.equal(atTheDoor({ clientCertificate }, { certificate: other }), null)
  assert.equal(
    atTheDoor({ clientCertificate: byKey }, { certificate: other }),
    'CLIENT_CERTIFICATE_NOT_ALLOWED',
  )
})

test('no certificate, one that cannot be read, one that has expired or is not valid yet: each is told', () => {
  const clientCertificate = { fingerprints: [PIN] }
  const cases: readonly (readonly [PeerCertificate, string | null])[] = [
    [{ kind: 'none' }, 'CLIENT_CERTIFICATE_MISSING'],
    [{ kind: 'unreadable', reason: 'twice' }, 'CLIENT_CERTIFICATE_UNREADABLE'],
    [shown({ dates: { from: NOW - 9, to: NOW - 1 } }), 'CLIENT_CERTIFICATE_EXPIRED'],
    [shown({ dates: { from: NOW + 1, to: NOW + 9 } }), 'CLIENT_CERTIFICATE_EXPIRED'],
    [shown({ dates: { from: NOW, to: NOW } }), null],
    [shown({ dates: null }), null], // a proxy that tells a fingerprint has looked at them
  ]
  for (const [certificate, code] of cases) {
    assert.equal(atTheDoor({ clientCertificate }, { certificate }), code)
  }
})

test('a pinned certificate of another authority than the operator named is refused; where he named none the pin decides', () => {
  const clientCertificate = { fingerprints: [PIN] }
  const untrusted = shown({ authority: { kind: 'untrusted', reason: 'SELF_SIGNED' } })
  const certificate = shown({ authority: { kind: 'trusted' } })
  assert.equal(atTheDoor({ clientCertificate }, { certificate }), null)
  assert.equal(
    atTheDoor({ clientCertificate }, { certificate: untrusted }),
    'CLIENT_CERTIFICATE_UNTRUSTED',
  )
})

test('without a pin only a certificate that the operator’s authority signed will do', () => {
  const clientCertificate = { fingerprints: [] }
  const trusted = shown({ authority: { kind: 'trusted' } })
  assert.equal(atTheDoor({ clientCertificate }, { certificate: trusted }), null)
  for (const certificate of [
    shown(), // nobody has looked who signed it
    shown({ authority: { kind: 'untrusted', reason: 'SELF_SIGNED' } }),
  ]) {
    assert.equal(atTheDoor({ clientCertificate }, { certificate }), 'CLIENT_CERTIFICATE_UNTRUSTED')
  }
})

test('who stands at the wrong address, or shows the wrong certificate, cannot try out secrets', () => {
  const set = {
    allowedIps: ['10.0.0.0/8'],
    clientCertificate: { fingerprints: [PIN] },
    pathSecretHashes: [sha256Hex('right')],
  }
  const inside = { address: '10.0.0.1' }
  assert.equal(atTheDoor(set, { address: '192.0.2.1' }, 'right'), 'ADDRESS_NOT_ALLOWED')
  assert.equal(atTheDoor(set, inside, 'right'), 'CLIENT_CERTIFICATE_MISSING')
  assert.equal(atTheDoor(set, { ...inside, certificate: shown() }, 'x'), 'PATH_SECRET_WRONG')
  assert.equal(atTheDoor(set, { ...inside, certificate: shown() }), 'PATH_SECRET_WRONG')
  assert.equal(atTheDoor(set, { ...inside, certificate: shown() }, 'right'), null)
})

test('organisation and action are compared as ids: 15 characters mean the same as 18, and case counts', () => {
  const organizationId = parseRecordId('00D5e000000Abc1')
  const actionId = parseRecordId('04k5e000000Xy2z')
  const of = (set: Partial<RouteAuthentication>) =>
    codeOf(
      authenticateEnvelope(
        { authentication: { ...OPEN_ROUTE, ...set } },
        { organizationId, actionId },
      ),
    )
  assert.equal(of({}), null)
  assert.equal(
    of({ organizationIds: ['00D5e000000Abc1'], actionIds: ['04k5e000000Xy2zAAC'] }),
    null,
  )
  assert.equal(of({ organizationIds: ['00D5e000000aBC1'] }), 'ORGANIZATION_NOT_ALLOWED')
  assert.equal(of({ actionIds: ['04k5e000000XY2Z'] }), 'ACTION_NOT_ALLOWED')
  assert.equal(
    of({ organizationIds: ['00D5e000000Abc2'], actionIds: ['04k5e000000Xy2z'] }),
    'ORGANIZATION_NOT_ALLOWED',
  )
})
