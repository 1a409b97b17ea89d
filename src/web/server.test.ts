import assert from 'node:assert/strict'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { FastifyPluginAsync } from 'fastify'
import { afterTest } from '../../test/support/after-test.ts'
import { eventually } from '../../test/support/eventually.ts'
import type { Log, LogFields } from '../base/log.ts'
import { silentLog } from '../base/log.ts'
import type { FrontPageFacts } from './front-page.ts'
import { openServer, type ServerOptions } from './server.ts'

const FACTS: FrontPageFacts = {
  organizationName: '<Acme> & Co',
  organizationId: '00D000000000001EAA',
  roles: ['org', 'sender'],
  orgUrl: 'http://localhost:8080',
  receiverUrl: null,
  jobConfigs: [{ jobConfigId: '1', name: 'Accounts', isActive: true, url: 'http://localhost/v2' }],
  links: [{ label: 'Setup', url: 'javascript:alert(1)' }],
}

async function open(t: TestContext, options: Partial<ServerOptions> = {}) {
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    routes: [],
    listener: null,
    log: silentLog,
    operations: { isReady: async () => true, inner: null },
    frontPage: async () => FACTS,
    ...options,
  })
  afterTest(t, () => server.close())
  return server
}

type Answer = { status: number; headers: Record<string, unknown>; body: string }

/** `fetch` sets Host and Origin itself; this sends what it is told. */
function send(url: string, options: { headers?: Record<string, string>; method?: string } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const { headers = {}, method = 'GET' } = options
    const outgoing = request(url, { headers, method, agent: false }, (incoming) => {
      let body = ''
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        body += piece
      })
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
      )
    })
    outgoing.on('error', reject).end()
  })
}

const echoing: FastifyPluginAsync = async (app) => {
  app.all('/echo', async ({ method, url }) => ({ method, url }))
  app.get('/services/breaks', async () => {
    throw new Error('secret of ours')
  })
}

test('a live process says so, and a store that does not answer makes it unready', async (t) => {
  let answers = true
  const server = await open(t, {
    operations: {
      inner: null,
      isReady: async () => {
        if (!answers) throw new Error('gone')
        return true
      },
    },
  })

  assert.equal((await send(`${server.url}/healthz`)).status, 200)
  assert.equal((await send(`${server.url}/readyz`)).status, 200)
  answers = false
  assert.equal((await send(`${server.url}/readyz`)).status, 503)
  assert.equal((await send(`${server.url}/healthz`)).status, 200)
})

test('slashes that a client put before the path are one', async (t) => {
  const server = await open(t, { routes: [echoing] })

  assert.equal((await send(`${server.url}//echo`)).status, 200)
  assert.equal(JSON.parse((await send(`${server.url}///echo?a=//b`)).body).url, '/echo?a=//b')
})

test('a POST that asks for PATCH in its query is one', async (t) => {
  const server = await open(t, { routes: [echoing] })

  const answer = await send(`${server.url}/echo?_HttpMethod=PATCH`, { method: 'POST' })
  assert.equal(JSON.parse(answer.body).method, 'PATCH')
})

test('on this machine only, names of other machines are refused', async (t) => {
  const server = await open(t, { publicUrl: 'https://obm.example.com/x' })
  const statusFor = async (headers: Record<string, string>) =>
    (await send(`${server.url}/healthz`, { headers })).status

  for (const host of ['localhost:1', '127.0.0.1', '[::1]:80', 'a.localhost', 'obm.example.com']) {
    assert.equal(await statusFor({ host }), 200, host)
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '8.8.8.8',
  ]) {
    const answer = await send(`${server.url}/healthz`, { headers: { host } })
    assert.equal(answer.status, 403, host)
    assert.equal(JSON.parse(answer.body).errorCode, 'FOREIGN_HOST')
  }
  assert.equal(await statusFor({ origin: 'http://localhost:5173' }), 200)
  assert.equal(await statusFor({ origin: 'https://obm.example.com' }), 200)
  for (const origin of ['https://evil.example', 'null']) {
    const answer = await send(`${server.url}/healthz`, { headers: { origin } })
    assert.equal(answer.status, 403, origin)
    assert.equal(JSON.parse(answer.body).errorCode, 'FOREIGN_ORIGIN')
  }
})

test('a server for other machines takes any name', async (t) => {
  const server = await open(t, { host: '0.0.0.0' })

  const headers = { host: 'obm.internal', origin: 'https://crm.example' }
  assert.equal((await send(`http://127.0.0.1:${server.port}/healthz`, { headers })).status, 200)
})

test('the receiving route is answered beside all others, on the same port', async (t) => {
  const listener = {
    matches: (url: string) => url.endsWith('/sfdc/obm'),
    answer(_request: unknown, response: { end(text: string): void }) {
      response.end('Ack')
    },
  }
  const server = await open(t, { listener })

  assert.equal((await send(`${server.url}//v2/api/jobconfigs/1/sfdc/obm`)).body, 'Ack')
  assert.equal((await send(`${server.url}/v2/api/jobconfigs/1`)).status, 404)
})

test('what is not there is told in the shape of the caller', async (t) => {
  const server = await open(t)

  const [salesforce] = JSON.parse((await send(`${server.url}/services/nothing`)).body)
  assert.equal(salesforce.errorCode, 'NOT_FOUND')
  const other = await send(`${server.url}/nothing`)
  assert.equal(other.status, 404)
  assert.equal(JSON.parse(other.body).errorCode, 'NOT_FOUND')
})

test('a bad URL is the caller’s mistake', async (t) => {
  const server = await open(t)

  assert.equal((await send(`${server.url}/services/%zz`)).status, 400)
})

test('what breaks is logged under a reference, and only the reference goes out', async (t) => {
  const lines: LogFields[] = []
  const log: Log = { ...silentLog, error: (_event, fields = {}) => void lines.push(fields) }
  const server = await open(t, { routes: [echoing], log })

  const answer = await send(`${server.url}/services/breaks?oauth_token=t0ken`)

  assert.equal(answer.status, 500)
  const [error] = JSON.parse(answer.body)
  assert.equal(error.errorCode, 'UNKNOWN_EXCEPTION')
  assert.ok(!answer.body.includes('secret of ours'))
  assert.ok(error.message.includes(String(lines[0]?.reference)))
  assert.equal(lines[0]?.error, 'secret of ours')
  assert.ok(!JSON.stringify(lines).includes('t0ken'))
})

test('the front page says what runs, runs nothing itself, and escapes what it is told', async (t) => {
  const server = await open(t)

  const page = await send(`${server.url}/`)

  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
  assert.ok(page.body.includes('&lt;Acme&gt; &amp; Co'))
  assert.ok(!/<script|javascript:/i.test(page.body))
  const style = await send(`${server.url}/front-page.css`)
  assert.equal(style.headers['content-type'], 'text/css; charset=utf-8')
})

test('closing lets the request in hand finish', async (t) => {
  let finish = () => {}
  let arrived = () => {}
  const here = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const slow: FastifyPluginAsync = async (app) => {
    app.get('/slow', async () => {
      arrived()
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return 'done'
    })
  }
  const server = await open(t, { routes: [slow] })

  const answer = send(`${server.url}/slow`)
  await here
  const closed = server.close()
  finish()

  assert.equal((await answer).body, 'done')
  await closed
  const refused = await new Promise((resolve) => {
    connect(server.port, '127.0.0.1').on('error', resolve).on('connect', resolve)
  })
  assert.ok(refused instanceof Error)
})

test('a server that is told to close while it answers closes when the answer is out', {
  timeout: 20_000, // a client keeps its connection for 72 s
}, async (t) => {
  const inHand = Promise.withResolvers<ServerResponse>()
  const listener = {
    matches: () => true,
    answer: (_request: IncomingMessage, response: ServerResponse) => inHand.resolve(response),
  }
  const server = await open(t, { listener })
  const agent = new Agent({ keepAlive: true })
  afterTest(t, () => agent.destroy())
  const answered = new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(server.url, { agent }, (incoming) => {
      incoming.resume().on('end', () => resolve(incoming.statusCode))
    })
    outgoing.on('error', reject).end()
  })
  const response = await inHand.promise

  const closed = server.close()
  // Only then is the connection one that nobody closes: before, Node does it with the answer.
  await eventually('the port refuses', () => refuses(server.port))
  response.end('done')

  assert.equal(await answered, 200)
  await closed
})

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}
