import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EgressRefused } from './egress-refused.ts'
import { type Guard, openGuard } from './guard.ts'

function refusalOf(guard: Guard, url: string): string {
  try {
    guard.checkUrl(url)
    return 'let out'
  } catch (error) {
    assert.ok(error instanceof EgressRefused, String(error))
    return error.errorCode
  }
}

const publicOnly = openGuard({ allow: [] })

describe('no spelling of a special address is let out:', () => {
  const hosts = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127.0.0.1.',
    '0.0.0.0',
    '0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[::ffff:0:127.0.0.1]',
    '[::7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::1]',
    '[100::1]',
    '[2001::1]',
    '[2001:db8::1]',
    '[2002:7f00:1::]',
    '[3fff::1]',
    '[5f00::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
  ]
  for (const host of hosts) {
    test(host, () =>
      assert.equal(refusalOf(publicOnly, `https://${host}/`), 'EGRESS_ADDRESS_DENIED'),
    )
  }
})

test('public addresses and names are let out', () => {
  for (const host of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '[2606:4700::1111]', 'example.com']) {
    assert.equal(refusalOf(publicOnly, `https://${host}/`), 'let out')
  }
})

test('ports are those of Salesforce: 80 for http, 443 for https, 1024 and above', () => {
  const expected: readonly (readonly [string, string])[] = [
    ['http://example.com:80/', 'let out'],
    ['https://example.com:443/', 'let out'],
    ['http://example.com:1024/', 'let out'],
    ['https://example.com:65535/', 'let out'],
    ['https://example.com:80/', 'EGRESS_PORT'],
    ['http://example.com:443/', 'EGRESS_PORT'],
    ['http://example.com:25/', 'EGRESS_PORT'],
    ['http://example.com:1023/', 'EGRESS_PORT'],
    ['http://example.com:0/', 'EGRESS_PORT'],
  ]
  for (const [url, outcome] of expected) assert.equal(refusalOf(publicOnly, url), outcome, url)
  assert.equal(refusalOf(openGuard({ allow: ['loopback'] }), 'http://localhost:80/'), 'let out')
  assert.equal(refusalOf(openGuard({ allow: ['loopback'] }), 'http://127.0.0.1:81/'), 'let out')
  assert.equal(refusalOf(openGuard({ allow: ['loopback'] }), 'http://localhost:81/'), 'let out')
  assert.equal(refusalOf(publicOnly, 'http://localhost:81/'), 'EGRESS_PORT')
})

test('only http and https URLs are read', () => {
  assert.equal(refusalOf(publicOnly, 'ftp://example.com/'), 'EGRESS_SCHEME')
  assert.equal(refusalOf(publicOnly, 'file:///etc/passwd'), 'EGRESS_SCHEME')
  assert.equal(refusalOf(publicOnly, 'example.com'), 'EGRESS_URL')
  assert.equal(refusalOf(publicOnly, ''), 'EGRESS_URL')
})

test('an operator allows ranges, single addresses and loopback, and nothing beyond', () => {
  const guard = openGuard({ allow: ['10.1.0.0/16', 'fd12::/16', '192.168.7.7', ' Loopback '] })
  const expected: readonly (readonly [string, boolean])[] = [
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['10.2.0.1', false],
    ['fd12::5', true],
    ['fd13::5', false],
    ['192.168.7.7', true],
    ['192.168.7.8', false],
    ['127.5.5.5', true],
    ['::1', true],
    ['fe80::1%eth0', false],
    ['not an address', false],
  ]
  for (const [address, admitted] of expected) assert.equal(guard.admits(address), admitted, address)
})

test('an allow list that cannot be read says which entry', () => {
  for (const entry of [
    '10.0.0.0/33',
    '10.0.0/8',
    'example.com',
    '10.0.0.0/',
    '::/129',
    '1.2.3.4/8/8',
  ]) {
    assert.throws(
      () => openGuard({ allow: [entry] }),
      (error) => error instanceof EgressRefused && error.message.includes(JSON.stringify(entry)),
    )
  }
})

test('a name is refused when one of its addresses is denied, and gives only vetted addresses', async () => {
  const names = new Map([
    ['good.example', ['8.8.8.8', '2606:4700::1111']],
    ['mixed.example', ['8.8.8.8', '127.0.0.1']],
    ['empty.example', []],
  ])
  const guard = openGuard({
    allow: [],
    resolve: (hostname, answer) =>
      answer(
        null,
        (names.get(hostname) ?? []).map((address) => ({
          address,
          family: address.includes(':') ? 6 : 4,
        })),
      ),
  })
  const look = (hostname: string) =>
    new Promise((resolve) => {
      guard.lookup(hostname, { all: true }, (error, addresses) =>
        resolve(error ? ('errorCode' in error ? error.errorCode : error.code) : addresses),
      )
    })
  assert.deepEqual(await look('good.example'), [
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ])
  assert.equal(await look('mixed.example'), 'EGRESS_ADDRESS_DENIED')
  assert.equal(await look('empty.example'), 'ENOTFOUND')
})
