import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type NamesTold, openNameServer } from '../../../test/support/dns-server.ts'
import { codeOf, openClient, openWebEndpoint, post } from '../../../test/support/egress.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { openGuard } from '../guard.ts'
import { openNames } from './open-names.ts'

async function open(
  t: TestContext,
  told: Readonly<Record<string, readonly string[] | 'silent' | 'broken'>>,
  ask: { readonly hosts?: string; readonly search?: string; readonly ttlSeconds?: number } = {},
) {
  const names: NamesTold = new Map(Object.entries(told))
  const { server, asked } = await openNameServer(t, names, ask.ttlSeconds)
  const folder = temporaryFolder(t)
  const [hostsFile, searchFile] = [join(folder, 'hosts'), join(folder, 'resolv.conf')]
  writeFileSync(hostsFile, ask.hosts ?? '')
  writeFileSync(searchFile, ask.search ?? '')
  const clock = { at: 0, real: () => clock.at }
  const resolve = openNames({ clock, hostsFile, searchFile, servers: [server] })
  const find = (name: string) =>
    new Promise<string>((done) => {
      resolve(name, (error, addresses) => {
        const code = error && 'code' in error ? String(error.code) : String(error)
        done(error ? code : addresses.map(({ address }) => address).join(' '))
      })
    })
  return { names, resolve, find, asked, hostsFile, clock }
}

test('a name has all addresses that its name servers tell, of both kinds', async (t) => {
  const { find } = await open(t, {
    'both.example': ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
    'four.example': ['192.0.2.4'],
    'none.example': [],
  })
  assert.equal(await find('both.example'), '192.0.2.1 192.0.2.2 2001:db8::1')
  assert.equal(await find('FOUR.example.'), '192.0.2.4')
  assert.equal(await find('none.example'), '')
  assert.equal(await find('gone.example'), '')
})

test('localhost is this machine, whatever name servers say', async (t) => {
  const { find, asked } = await open(t, { localhost: ['192.0.2.1'], 'a.localhost': ['192.0.2.1'] })
  for (const name of ['localhost', 'LocalHost.', 'a.localhost']) {
    assert.equal(await find(name), '127.0.0.1 ::1')
  }
  assert.deepEqual(asked, [])
})

test('the hosts file goes first, and is read anew when it changes', async (t) => {
  const hosts =
    '192.0.2.7  Listener.example listener # a note\nno line\n2001:db8::7 listener.example'
  const { find, asked, hostsFile } = await open(t, {}, { hosts })
  assert.equal(await find('listener.example'), '192.0.2.7 2001:db8::7')
  assert.equal(await find('listener'), '192.0.2.7')
  assert.deepEqual(asked, [])
  writeFileSync(hostsFile, '192.0.2.8 listener.example')
  assert.equal(await find('listener.example'), '192.0.2.8')
})

test('a name that is not whole is looked for in the search list, one with enough dots as it is first', async (t) => {
  const search =
    'nameserver 192.0.2.53\nsearch svc.cluster.example cluster.example\noptions ndots:2'
  const { find, asked } = await open(
    t,
    { 'erp.cluster.example': ['192.0.2.1'], 'erp.shop.svc.cluster.example': ['192.0.2.2'] },
    { search },
  )
  assert.equal(await find('erp'), '192.0.2.1')
  assert.equal(await find('erp.shop'), '192.0.2.2')
  const namesAsked = () => [...new Set(asked.splice(0).map((each) => each.split(' ')[0]))]
  assert.deepEqual(namesAsked(), [
    'erp.svc.cluster.example',
    'erp.cluster.example',
    'erp.shop.svc.cluster.example',
  ])
  assert.equal(await find('www.big.example'), '')
  assert.equal(namesAsked()[0], 'www.big.example')
  assert.equal(await find('www.big.example.'), '')
  assert.deepEqual(namesAsked(), ['www.big.example'])
})

test('addresses are remembered for as long as their name servers say', async (t) => {
  const { find, names, asked, clock } = await open(
    t,
    { 'a.example': ['192.0.2.1'] },
    { ttlSeconds: 30 },
  )
  assert.equal(await find('a.example'), '192.0.2.1')
  names.set('a.example', ['192.0.2.2'])
  clock.at = 29_999
  assert.equal(await find('a.example'), '192.0.2.1')
  assert.equal(asked.length, 2)
  clock.at = 30_000
  assert.equal(await find('a.example'), '192.0.2.2')
})

test('several who ask for one name at once ask once', async (t) => {
  const { find, asked } = await open(t, { 'a.example': ['192.0.2.1'] })
  await Promise.all(Array.from({ length: 20 }, () => find('a.example')))
  assert.equal(asked.length, 2)
})

test('a name server that fails is no listener that refuses', async (t) => {
  const { find } = await open(t, { 'broken.example': 'broken' })
  assert.equal(await find('broken.example'), 'EAI_AGAIN')
})

test('names whose servers are silent delay no other name, however many they are', async (t) => {
  const silent = Array.from({ length: 100 }, (_, index) => `dead${index}.example`)
  const { find } = await open(t, {
    ...Object.fromEntries(silent.map((name) => [name, 'silent' as const])),
    'alive.example': ['192.0.2.1'],
  })
  let settledCount = 0
  for (const name of silent) void find(name).then(() => (settledCount += 1))
  assert.equal(await find('alive.example'), '192.0.2.1')
  assert.equal(settledCount, 0)
})

test('a name that is public first and loopback later is refused when it changes', async (t) => {
  const url = await openWebEndpoint(t, (request, response) => {
    request.resume()
    response.setHeader('connection', 'close')
    response.end()
  })
  const { resolve, names } = await open(t, { 'rebind.example': ['127.0.0.1'] })
  // 127.0.0.1 stands for a public address: the guard lets it out, and no other.
  const http = openClient(t, { guard: openGuard({ allow: ['127.0.0.1'], resolve }) })
  const named = url.replace('127.0.0.1', 'rebind.example')
  assert.equal(codeOf(await post(http, named)), 'answered 200')
  for (const addresses of [['127.0.0.2'], ['127.0.0.1', '169.254.169.254'], ['127.0.0.1', '::1']]) {
    names.set('rebind.example', addresses)
    assert.equal(codeOf(await post(http, named)), 'EGRESS_ADDRESS_DENIED', addresses.join())
  }
  names.set('rebind.example', ['127.0.0.1'])
  assert.equal(codeOf(await post(http, named)), 'answered 200')
})
