import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { afterTest } from '../../test/support/after-test.ts'
import { silentLog } from '../base/log.ts'
import { openBodyReader } from './request-body.ts'
import { readRawBodies } from './salesforce/salesforce-routes.ts'
import { openServer } from './server.ts'

async function openEcho(t: TestContext, bodyMax: number, bodiesMax: number) {
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    listener: null,
    log: silentLog,
    operations: { isReady: async () => true, inner: null },
    frontPage: () => Promise.reject(new Error('not asked for')),
    routes: [
      async (app) => {
        readRawBodies(app, openBodyReader(bodyMax, bodiesMax))
        app.post('/services/echo', async ({ body }) => ({
          size: Buffer.isBuffer(body) ? body.length : -1,
        }))
      },
    ],
  })
  afterTest(t, () => server.close())
  return async (body: Buffer | undefined, headers: Record<string, string> = {}) => {
    const isChunked = 'x-chunked' in headers // a stream has no Content-Length
    const sent = body && new Uint8Array(body)
    const source = isChunked && sent ? new Blob([sent]).stream() : sent
    const init: RequestInit = {
      method: 'POST',
      headers,
      ...(source && { body: source, duplex: 'half' }),
    }
    const response = await fetch(`${server.url}/services/echo`, init)
    const answer = (await response.json()) as { size: number } | [{ errorCode: string }]
    return { status: response.status, answer }
  }
}

test('a gzip body is read as what it holds', async (t) => {
  const post = await openEcho(t, 10_000, 100_000)

  const gzip = { 'content-encoding': 'gzip' }
  assert.deepEqual((await post(gzipSync(Buffer.alloc(5000)), gzip)).answer, { size: 5000 })
  assert.deepEqual((await post(Buffer.alloc(10_000))).answer, { size: 10_000 })
  assert.deepEqual((await post(undefined)).answer, { size: -1 })
})

test('a body that is larger than allowed is refused, as sent or as decoded', async (t) => {
  const post = await openEcho(t, 10_000, 100_000)

  for (const [body, headers] of [
    [Buffer.alloc(10_001), {}],
    [gzipSync(Buffer.alloc(5_000_000)), { 'content-encoding': 'gzip' }],
  ] as const) {
    const { status, answer } = await post(body, headers)
    assert.equal(status, 413)
    assert.ok(Array.isArray(answer))
    assert.equal(answer[0].errorCode, 'EXCEEDED_MAX_SIZE_REQUEST')
  }
})

test('a body that grows too large on its way is refused with an answer', async (t) => {
  const post = await openEcho(t, 10_000, 100_000)
  const { status } = await post(Buffer.alloc(3_000_000), { 'x-chunked': 'true' })

  assert.equal(status, 413)
})

test('what is no gzip, or an encoding nobody knows, is the caller’s mistake', async (t) => {
  const post = await openEcho(t, 10_000, 100_000)

  assert.equal((await post(Buffer.from('plain'), { 'content-encoding': 'gzip' })).status, 400)
  assert.equal((await post(Buffer.from('x'), { 'content-encoding': 'br' })).status, 415)
})

test('what requests hold together is bounded, and given back when they are answered', async (t) => {
  const post = await openEcho(t, 10_000, 15_000)

  for (let count = 0; count < 4; count += 1)
    assert.equal((await post(Buffer.alloc(9000))).status, 200)
  const tight = await openEcho(t, 10_000, 5000)
  assert.equal((await tight(Buffer.alloc(9000))).status, 503)
  assert.equal((await tight(Buffer.alloc(4000))).status, 200)
})
