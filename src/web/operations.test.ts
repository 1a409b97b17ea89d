import assert from 'node:assert/strict'
import { request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../test/support/after-test.ts'
import { silentLog } from '../base/log.ts'
import type { Health } from '../health/judge-health.ts'
import { type Answered, openServer } from './server.ts'

const GREEN: Health = { status: 'green', parts: [] }
const RED: Health = {
  status: 'red',
  parts: [{ name: 'outbox', status: 'red', reason: 'It is late.', lateMs: 1 }],
}
const TOKEN = 'a-token-of-some-length'

async function open(t: TestContext, { health = GREEN, token = null as string | null } = {}) {
  const answered: Answered[] = []
  const server = await openServer({
    host: '0.0.0.0',
    port: 0,
    publicUrl: null,
    routes: [],
    listener: null,
    log: silentLog,
    frontPage: null,
    onAnswered: (each) => answered.push(each),
    operations: {
      isReady: async () => true,
      inner: {
        health: async () => health,
        metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'obm_x 1\n' }),
        token,
      },
    },
  })
  afterTest(t, () => server.close())
  const ask = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { port } = server
      request({ host: '127.0.0.1', port, path, headers, agent: false }, (incoming) => {
        let body = ''
        incoming.setEncoding('utf8').on('data', (piece: string) => {
          body += piece
        })
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }))
      })
        .on('error', reject)
        .end()
    })
  return { ask, answered }
}

test('how things go is 200 when all is green and 503 when a part is red, which makes no process unready', async (t) => {
  const green = await open(t)
  const red = await open(t, { health: RED })

  assert.equal((await green.ask('/health')).status, 200)
  const { status, body } = await red.ask('/health')
  assert.equal(status, 503)
  assert.deepEqual(JSON.parse(body), RED)
  for (const path of ['/healthz', '/readyz']) assert.equal((await red.ask(path)).status, 200)
})

test('health and metrics are for this machine, and not for what a proxy on it hands on', async (t) => {
  const { ask } = await open(t)

  assert.equal((await ask('/metrics')).body, 'obm_x 1\n')
  const strangers: Record<string, string>[] = [
    { 'x-forwarded-for': '203.0.113.9' },
    { forwarded: 'for=203.0.113.9' },
    { via: '1.1 proxy' },
    { host: 'obm.example.com' },
    { authorization: `Bearer ${TOKEN}` }, // there is none
  ]
  for (const headers of strangers) {
    for (const path of ['/health', '/metrics']) {
      const { status, body } = await ask(path, headers)
      assert.equal(status, 401, JSON.stringify(headers))
      assert.equal(JSON.parse(body).errorCode, 'OPERATIONS_TOKEN_REQUIRED')
    }
  }
})

test('with the token they are for everybody who has it, and for nobody with another', async (t) => {
  const { ask } = await open(t, { token: TOKEN })
  const handedOn = { 'x-forwarded-for': '203.0.113.9' }

  const authorization = `Bearer ${TOKEN}`
  assert.equal((await ask('/metrics', { ...handedOn, authorization })).status, 200)
  assert.equal((await ask('/metrics')).status, 200)
  for (const wrong of ['Bearer a-token-of-some-lengtH', 'Bearer a', `Basic ${TOKEN}`]) {
    assert.equal((await ask('/metrics', { ...handedOn, authorization: wrong })).status, 401)
  }
})

test('each answer is told with its path and status', async (t) => {
  const { ask, answered } = await open(t)

  await ask('/healthz?x=1')
  await ask('/nowhere')

  assert.deepEqual(
    answered.map(({ path, status }) => [path, status]),
    [
      ['/healthz?x=1', 200],
      ['/nowhere', 404],
    ],
  )
  assert.ok(answered.every(({ durationMs }) => durationMs >= 0))
})
