import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { afterTest } from '../../test/support/after-test.ts'
import {
  codeOf,
  listen,
  openClient,
  openWebEndpoint,
  post,
  resolvingTo,
} from '../../test/support/egress.ts'
import { openGuard } from './guard.ts'

const CONNECT_MS = 60

/** A port whose queue of connections is full: what comes next is answered by nobody, as by a firewall that drops it. */
async function openBlackHole(t: TestContext): Promise<number> {
  // Its thread sleeps, so that nothing is taken from the queue, which holds two.
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
     })`,
    { eval: true },
  )
  const [port] = (await once(worker, 'message')) as [number]
  const { connect } = await import('node:net')
  const queued = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  for (const socket of queued) socket.on('error', () => {})
  await Promise.all(queued.map((socket) => once(socket, 'connect')))
  afterTest(t, async () => {
    for (const socket of queued) socket.destroy()
    await worker.terminate()
  })
  return port
}

/** Takes connections and never says a word. */
async function openSilence(t: TestContext): Promise<{ port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.resume())
    socket.once('close', () => sockets.delete(socket))
  })
  return { port: await listen(t, server), sockets }
}

async function allClosed(sockets: ReadonlySet<Socket>): Promise<void> {
  while (sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
}

test('a listener that takes no connection fails by the time for connecting', async (t) => {
  const port = await openBlackHole(t)
  const http = openClient(t, { connectMs: CONNECT_MS })
  const reply = await post(http, `http://127.0.0.1:${port}/`)
  assert.equal(codeOf(reply), 'CONNECT_TIMEOUT')
  assert.ok(reply.kind === 'failed' && reply.atMs < 2000)
})

test('a listener that never ends its TLS handshake fails by the time for connecting, and its socket is freed', async (t) => {
  const { port, sockets } = await openSilence(t)
  const http = openClient(t, { connectMs: CONNECT_MS })
  assert.equal(codeOf(await post(http, `https://127.0.0.1:${port}/`)), 'TLS_TIMEOUT')
  await allClosed(sockets)
})

test('a listener that takes the connection and never answers fails by the whole time-out, and its socket is freed', async (t) => {
  const { port, sockets } = await openSilence(t)
  const http = openClient(t, { connectMs: CONNECT_MS })
  assert.equal(
    codeOf(await post(http, `http://127.0.0.1:${port}/`, { totalMs: CONNECT_MS })),
    'TOTAL_TIMEOUT',
  )
  await allClosed(sockets)
})

test('a name that is never resolved fails by the time for connecting', async (t) => {
  const guard = openGuard({ allow: [], resolve: () => {} })
  const http = openClient(t, { guard, connectMs: CONNECT_MS })
  assert.equal(codeOf(await post(http, 'https://slow.example/')), 'DNS_TIMEOUT')
})

test('a name that is resolved only after its time connects to nothing', async (t) => {
  const { port, sockets } = await openSilence(t)
  let answerLate = () => {}
  const guard = openGuard({
    allow: ['loopback'],
    resolve: (_hostname, answer) => {
      answerLate = () => answer(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const http = openClient(t, { guard, connectMs: CONNECT_MS })
  assert.equal(codeOf(await post(http, `http://late.example:${port}/`)), 'DNS_TIMEOUT')
  answerLate()
  await http.close()
  assert.equal(sockets.size, 0)
})

test('to close waits for none that is still being connected once its request was cancelled', async (t) => {
  const { port, sockets } = await openSilence(t)
  const blackHole = await openBlackHole(t)
  const guard = openGuard({ allow: ['loopback'], resolve: () => {} })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const connected = async () => {
    while (sockets.size === 0) await turn()
  }
  const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
    [`http://127.0.0.1:${blackHole}/`, turn],
    [`https://127.0.0.1:${port}/`, connected],
    ['http://never.example/', turn],
  ]
  for (const [url, underWay] of cases) {
    const http = openClient(t, { guard, connectMs: 60_000 })
    const controller = new AbortController()
    const reply = http.request({ method: 'POST', url, signal: controller.signal })
    await underWay()
    controller.abort()
    assert.equal(codeOf(await reply), 'CANCELLED')
    await http.close()
  }
  await allClosed(sockets)
})

test('of a name with several addresses the next one is tried when the first takes no connection', async (t) => {
  const url = await openWebEndpoint(t, (request, response) => {
    request.resume()
    response.end()
  })
  const guard = openGuard({ allow: ['loopback'], resolve: resolvingTo('127.9.9.9', '127.0.0.1') })
  const reply = await post(openClient(t, { guard }), url.replace('127.0.0.1', 'two.example'))
  assert.equal(codeOf(reply), 'answered 200')
})
