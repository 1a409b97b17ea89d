import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Dispatcher } from 'undici'
import { afterTest } from '../../../test/support/after-test.ts'
import { openRawEndpoint } from '../../../test/support/raw-endpoint.ts'
import { openGuard } from '../guard.ts'
import { openHttp } from '../post.ts'
import { exchange } from './exchange.ts'

function openClient(t: TestContext) {
  const http = openHttp({ guard: openGuard({ allow: ['loopback'] }), connectionsPerOrigin: 1 })
  afterTest(t, () => http.close())
  const post = async (url: string) => {
    const reply = await http.request({
      method: 'POST',
      url,
      body: 'x',
      timeouts: { totalMs: 5000 },
    })
    return reply.kind === 'failed' ? reply.code : `answered ${reply.status}`
  }
  return { post }
}

function answer(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
}

test('a request that met a connection which the server had just closed goes out again at once', async (t) => {
  // What was kept is gone by the time the second request comes, as with an idle time-out.
  const endings: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.destroy(),
  ]
  for (const end of endings) {
    const endpoint = await openRawEndpoint(t, (socket, earlier) =>
      earlier > 0 ? end(socket) : answer(socket),
    )
    const { post } = openClient(t)
    for (let count = 0; count < 3; count += 1) {
      assert.equal(await post(endpoint.url), 'answered 200')
    }
    assert.equal(endpoint.connectionCount(), 3)
  }
})

test('what ends on a new connection, or after a byte of an answer, is the server’s own failure', async (t) => {
  const atOnce = await openRawEndpoint(t, (socket) => socket.destroy())
  const halfway = await openRawEndpoint(t, (socket, earlier) =>
    earlier > 0 ? socket.end('HTTP/1.1 2') : answer(socket),
  )
  const { post } = openClient(t)

  assert.equal(await post(atOnce.url), 'CLOSED_BY_PEER')
  assert.equal(atOnce.requests.length, 1)

  await post(halfway.url)
  assert.equal(await post(halfway.url), 'CLOSED_BY_PEER')
  assert.equal(halfway.requests.length, 2)
})

test('a request is sent again twice at most', async () => {
  let count = 0
  const closed = new Error('the connection was closed')
  const pool: Pick<Dispatcher, 'dispatch'> = {
    dispatch: (_options, handler) => {
      count += 1
      handler.onResponseError?.(NO_CONTROLLER, closed)
      return true
    },
  }
  const options = { method: 'POST', path: '/' } as const
  const ask = { options, maxBytes: 1, totalMs: 1000, signal: undefined, wasKept: () => true }

  const reply = await exchange(pool, ask)

  assert.equal(reply.kind === 'failed' && reply.reason, closed.message)
  assert.equal(count, 3)
})

const NO_CONTROLLER: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => {},
  pause: () => {},
  resume: () => {},
}
