import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { afterTest } from '../../test/support/after-test.ts'
import { ORGANIZATION_ID } from '../../test/support/fake-org.ts'
import { notificationId, outboundMessage } from '../../test/support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt, openTestListener } from '../../test/support/receiving.ts'
import { storesUnderTest } from '../../test/support/stores.ts'
import { sha256Hex } from '../base/secrets/sha256-hex.ts'
import type { RouteAuthentication } from '../jobs/route-authentication.ts'
import type { ListenerLimits } from './listener.ts'

const SECRET = 'x'.repeat(22)

for (const store of storesUnderTest()) {
  const open = async (
    t: TestContext,
    {
      authentication,
      limits,
    }: {
      authentication?: Partial<RouteAuthentication>
      limits?: Partial<ListenerLimits>
    } = {},
  ) => {
    const stores = await openReceivingStoreAt(t, await store.url(t))
    const config = jobConfig()
    await stores.jobs.writeConfig({
      ...config,
      authentication: { ...config.authentication, ...authentication },
    })
    const listener = await openTestListener(t, stores, { ...(limits && { limits }) })
    const runCount = () => stores.jobs.countRuns({})
    return { stores, listener, runCount }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('a message is kept and acknowledged, with exact headers', async (t) => {
    const { stores, listener, runCount } = await open(t)
    const reply = await listener.post(outboundMessage())

    assert.equal(reply.status, 200)
    assert.equal(reply.headers.get('content-type'), 'text/xml; charset=utf-8')
    assert.equal(reply.headers.get('content-length'), String(reply.body.length))
    assert.match(
      reply.body,
      /^<\?xml [\s\S]*<notificationsResponse xmlns="http:\/\/soap\.sforce\.com\/2005\/09\/outbound"><Ack>true<\/Ack>/,
    )
    assert.equal(await runCount(), 1)
    assert.equal(listener.nudgeCount(), 1)
    const [leased] = await stores.jobs.leaseRuns({
      limit: 1,
      limitPerConfig: 1,
      now: listener.clock.now(),
      leaseMs: 1_000,
    })
    const { ReceivedAt, ...properties } = leased?.run.message?.properties ?? {}
    assert.match(leased?.run.message?.body ?? '', /<sf:AccountNumber>01\.10<\/sf:AccountNumber>/)
    assert.equal(ReceivedAt, '2025-12-05T12:00:00.000Z')
    assert.deepEqual(properties, {
      OrganizationId: ORGANIZATION_ID,
      ActionId: '04k5e000000Xy2zAAC',
      NotificationId: notificationId(1),
      ObjectType: 'Account',
      RecordId: '001000000000001AAA',
      EnterpriseUrl: 'https://example.my.salesforce.com/services/Soap/c/60.0/00D5e000000Abc1',
      PartnerUrl: 'https://example.my.salesforce.com/services/Soap/u/60.0/00D5e000000Abc1',
    })
  })

  on(
    'bug 3, only the first notification is handled: each of a hundred starts its own run',
    async (t) => {
      const { listener, runCount } = await open(t)
      const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
      assert.equal((await listener.post(outboundMessage({ notifications: hundred }))).status, 200)
      assert.equal(await runCount(), 100)

      const refused = await listener.post(outboundMessage({ notifications: [...hundred, 101] }))
      assert.deepEqual([refused.status, refused.code], [400, 'TOO_MANY_NOTIFICATIONS'])
      assert.equal(await runCount(), 100)
    },
  )

  on('copies that arrive at once start one run, and each is acknowledged', async (t) => {
    const { listener, runCount } = await open(t)
    const message = outboundMessage({ notifications: [1, 2, 3] })

    const replies = await Promise.all(Array.from({ length: 40 }, () => listener.post(message)))

    assert.deepEqual([...new Set(replies.map((reply) => reply.status))], [200])
    assert.equal(await runCount(), 3)
    const accepted = listener.log.lines.filter(({ event }) => event === 'inbox.accepted')
    assert.equal(accepted.length, 40)
    assert.equal(
      accepted.reduce((sum, { fields }) => sum + Number(fields.newRuns), 0),
      3,
    )
  })

  on('bug 10, a batch is done all over: of a batch only what is new starts a run', async (t) => {
    const { listener, runCount } = await open(t)
    await listener.post(outboundMessage({ notifications: [1, 2] }))
    assert.equal((await listener.post(outboundMessage({ notifications: [2, 3] }))).status, 200)
    assert.equal(await runCount(), 3)
  })

  on('bug 1, an Ack before storing: a store that cannot write is 503 and no Ack', async (t) => {
    const { stores, listener } = await open(t)
    await listener.post(outboundMessage()) // the route is known by now
    await stores.close()

    const reply = await listener.post(outboundMessage({ notifications: [2] }))

    assert.deepEqual([reply.status, reply.code], [503, 'STORE_UNAVAILABLE'])
    assert.doesNotMatch(reply.body, /Ack/)
    const alert = listener.log.lines.find(({ level }) => level === 'warn')
    assert.match(String(alert?.fields.cause), /clos|end|pool/i) // the log says what is wrong with it
    assert.equal(reply.headers.get('retry-after'), '30')
    assert.match(reply.body, /<faultcode>soapenv:Server<\/faultcode>/)
  })

  on('an inactive job config takes messages in and keeps them', async (t) => {
    const { stores, listener } = await open(t)
    await stores.jobs.activateConfig('accounts', false)
    assert.equal((await listener.post(outboundMessage())).status, 200)
    assert.equal(await stores.jobs.countRuns({ statuses: ['WAITING'] }), 1)
  })

  on('an unknown job config is 404, and nothing is kept', async (t) => {
    const { listener, runCount } = await open(t)
    for (const path of ['nobody', '%00', '%E0%A4%A', 'accounts%2F..']) {
      const reply = await listener.post(outboundMessage(), { path })
      assert.deepEqual([reply.status, reply.code], [404, 'UNKNOWN_JOB_CONFIG'], path)
    }
    assert.equal(await runCount(), 0)
  })

  once(
    'a path secret that is missing or wrong is 403; either of two right ones is let in',
    async (t) => {
      const other = 'y'.repeat(22)
      const pathSecretHashes = [SECRET, other].map(sha256Hex)
      const { listener, runCount } = await open(t, { authentication: { pathSecretHashes } })

      for (const path of [
        'accounts',
        'accounts/',
        `accounts/${SECRET}x`,
        `accounts/${sha256Hex(SECRET)}`,
      ]) {
        const reply = await listener.post(outboundMessage(), { path })
        assert.deepEqual([reply.status, reply.code], [403, 'PATH_SECRET_WRONG'], path)
      }
      assert.equal(await runCount(), 0)
      assert.equal(
        (await listener.post(outboundMessage(), { path: `accounts/${SECRET}` })).status,
        200,
      )
      assert.equal(
        (await listener.post(outboundMessage(), { path: `accounts/${other}` })).status,
        200,
      )
    },
  )

  once(
    'an organisation that is not on the list is 403; the short form of an id is the same id',
    async (t) => {
      const organizationIds = [ORGANIZATION_ID.slice(0, 15)]
      const { listener } = await open(t, { authentication: { organizationIds } })
      assert.equal((await listener.post(outboundMessage())).status, 200)
      const reply = await listener.post(outboundMessage({ organizationId: '00D5e000000Abc2EAC' }))
      assert.deepEqual([reply.status, reply.code], [403, 'ORGANIZATION_NOT_ALLOWED'])
    },
  )

  once(
    'bugs 16 and 22: a session id never reaches log, store or fault; a DOCTYPE is refused',
    async (t) => {
      const { stores, listener } = await open(t, {
        authentication: { organizationIds: ['00D5e000000Abc2EAC'] },
      })
      const refused = await listener.post(outboundMessage({ sessionId: 'SECRET!session' }))
      await stores.jobs.writeConfig(jobConfig())
      await listener.post(outboundMessage({ sessionId: 'SECRET!session' }))
      const [run] = await stores.jobs.listRuns({ limit: 1, offset: 0 })
      const kept = await stores.jobs.readRun(run?.runId ?? '')
      assert.doesNotMatch(JSON.stringify([refused, kept, listener.log.lines]), /SECRET!/)

      const bomb = outboundMessage().replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>')
      assert.deepEqual((await listener.post(bomb)).status, 400)
      assert.equal((await listener.post(bomb)).code, 'DOCTYPE_REFUSED')
    },
  )

  once('what is malformed or something else is 400, never an Ack', async (t) => {
    const { listener, runCount } = await open(t)
    const cases: readonly [string, string][] = [
      ['', 'MALFORMED_XML'],
      ['{"json":true}', 'MALFORMED_XML'],
      [outboundMessage().slice(0, -30), 'MALFORMED_XML'],
      ['<html><body/></html>', 'NOT_AN_OUTBOUND_MESSAGE'],
      [
        outboundMessage().replace(
          'http://schemas.xmlsoap.org/soap/envelope/',
          'http://www.w3.org/2003/05/soap-envelope',
        ),
        'WRONG_ENVELOPE_VERSION',
      ],
    ]
    for (const [body, code] of cases) {
      const reply = await listener.post(body)
      assert.deepEqual([reply.status, reply.code], [400, code], body.slice(0, 40))
      assert.doesNotMatch(reply.body, /Ack/)
    }
    assert.equal(await runCount(), 0)
  })

  once(
    'gzip and UTF-16 are read; other encodings and types are told what is expected',
    async (t) => {
      const { listener, runCount } = await open(t)
      const gzip = { headers: { 'content-encoding': 'gzip' } }
      assert.equal((await listener.post(gzipSync(outboundMessage()), gzip)).status, 200)
      const utf16 = Buffer.from(`\uFEFF${outboundMessage({ notifications: [2] })}`, 'utf16le')
      assert.equal((await listener.post(utf16)).status, 200)
      assert.equal(await runCount(), 2)

      const br = await listener.post('x', { headers: { 'content-encoding': 'br' } })
      assert.deepEqual([br.status, br.code], [415, 'CONTENT_ENCODING_NOT_SUPPORTED'])
      const json = await listener.post('{}', { headers: { 'content-type': 'application/json' } })
      assert.deepEqual([json.status, json.code], [415, 'CONTENT_TYPE_NOT_SUPPORTED'])
      assert.equal((await listener.post('no gzip', gzip)).code, 'BODY_INCOMPLETE')
      const get = await listener.post('', { method: 'GET' })
      assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST'])
    },
  )

  once('a body that is too large is 413, declared, streamed or zipped', async (t) => {
    const { listener } = await open(t, { limits: { bodyBytesMax: 10_000 } })
    const large = 'x'.repeat(20_000)
    const declared = await listener.post(large)
    assert.deepEqual([declared.status, declared.code], [413, 'BODY_TOO_LARGE'])
    const zipped = await listener.post(gzipSync(large), { headers: { 'content-encoding': 'gzip' } })
    assert.deepEqual([zipped.status, zipped.code], [413, 'BODY_TOO_LARGE'])
    assert.equal(await streamed(listener.url, large), 413)
    assert.equal((await listener.post(outboundMessage())).status, 200)
  })

  once('one alert is raised for each cause on a route, and again after it worked', async (t) => {
    const pathSecretHashes = [sha256Hex(SECRET)]
    const { listener } = await open(t, { authentication: { pathSecretHashes } })
    const alerts = () => listener.log.lines.filter(({ level }) => level === 'warn').length
    for (let count = 0; count < 5; count += 1) await listener.post(outboundMessage())
    assert.equal(alerts(), 1)
    await listener.post('<no/>', { path: `accounts/${SECRET}` })
    assert.equal(alerts(), 2)
    await listener.post(outboundMessage(), { path: `accounts/${SECRET}` })
    await listener.post(outboundMessage())
    assert.equal(alerts(), 3)
    assert.equal(listener.log.lines.filter(({ event }) => event === 'inbox.refused').length, 7)
    assert.doesNotMatch(JSON.stringify(listener.log.lines), new RegExp(SECRET))
  })
}

test('more requests than the limit are told to come back, and nobody waits for a slow body', async (t) => {
  const [sqlite] = storesUnderTest()
  assert.ok(sqlite)
  const stores = await openReceivingStoreAt(t, await sqlite.url(t))
  await stores.jobs.writeConfig(jobConfig())
  const limits = { requestsMax: 1, bodyDeadlineMs: 300 }
  const listener = await openTestListener(t, stores, { limits })

  const { port, hostname } = new URL(listener.url)
  const slow = connect(Number(port), hostname)
  afterTest(t, () => slow.destroy())
  slow.write(
    `POST /v2/api/jobconfigs/accounts/sfdc/obm HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n<`,
  )
  const answer = new Promise<string>((resolve) =>
    slow.once('data', (data) => resolve(String(data))),
  )
  let busy = await listener.post(outboundMessage())
  while (busy.status === 200) busy = await listener.post(outboundMessage())

  assert.deepEqual(
    [busy.status, busy.code, busy.headers.get('retry-after')],
    [503, 'OVERLOADED', '30'],
  )
  assert.match(await answer, /^HTTP\/1\.1 408 [\s\S]*BODY_TOO_SLOW/)
  assert.equal((await listener.post(outboundMessage())).status, 200)
})

/** Posts in chunks without a declared length; answers the status. */
function streamed(url: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const post = request(`${url}/v2/api/jobconfigs/accounts/sfdc/obm`, { method: 'POST' })
    post.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    post.on('error', reject)
    post.write(body.slice(0, 15_000))
    post.end(body.slice(15_000))
  })
}
