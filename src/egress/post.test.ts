import assert from 'node:assert/strict'
import { createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import {
  codeOf,
  listen,
  openClient,
  openRawEndpoint,
  openWebEndpoint,
  post,
  textOf,
} from '../../test/support/egress.ts'
import { openGuard, type ResolveName } from './guard.ts'

test('a request arrives as it was given, and the answer comes back whole', async (t) => {
  const url = await openWebEndpoint(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { method, url: path, headers } = request
    response.setHeader('X-Two', ['a', 'b'])
    response.statusCode = 201
    response.end(JSON.stringify({ method, path, type: headers['content-type'], body }))
  })
  const reply = await openClient(t).request({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'text/xml; charset=UTF-8', SOAPAction: '""' },
    body: 'zwölf',
  })
  assert.ok(reply.kind === 'answered')
  assert.equal(reply.status, 201)
  assert.equal(reply.headers.get('x-two'), 'a, b')
  assert.deepEqual(JSON.parse(textOf(reply)), {
    method: 'POST',
    path: '/listen?a=b',
    type: 'text/xml; charset=UTF-8',
    body: 'zwölf',
  })
  assert.ok(reply.timings.startedMs <= reply.timings.headersMs)
  assert.ok(reply.timings.headersMs <= reply.timings.totalMs)
})

test('connections are used again for the next requests', async (t) => {
  const ports = new Set<number | undefined>()
  const url = await openWebEndpoint(t, (request, response) => {
    ports.add(request.socket.remotePort)
    request.resume()
    response.end()
  })
  const http = openClient(t)
  for (let count = 0; count < 10; count += 1) await post(http, url)
  // undici lets a connection rest for one turn of the event loop, so two take turns.
  assert.ok(ports.size <= 2, `${ports.size} connections for 10 requests`)
})

test('when too many origins keep connections, the one unused longest gives way', async (t) => {
  const closed: string[] = []
  const named = (name: string) =>
    openWebEndpoint(t, (request, response) => {
      request.socket.once('close', () => closed.push(name))
      request.resume()
      response.end(name)
    })
  const [one, two, three] = [await named('one'), await named('two'), await named('three')]
  const http = openClient(t, { originsMax: 2 })
  for (const url of [one, two, one, three]) await post(http, url)
  while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(closed[0], 'two')
})

test('user name and password of the URL go as Basic credentials', async (t) => {
  const url = await openWebEndpoint(t, (request, response) => {
    request.resume()
    response.end(request.headers.authorization)
  })
  const reply = await post(openClient(t), url.replace('http://', 'http://me:p%40ss@'))
  assert.equal(textOf(reply), `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
})

test('a redirect is an answer and is not followed', async (t) => {
  let count = 0
  const url = await openWebEndpoint(t, (_request, response) => {
    count += 1
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  assert.equal(codeOf(await post(openClient(t), url)), 'answered 302')
  assert.equal(count, 1)
})

test('an endpoint that never answers fails by the deadline', async (t) => {
  const url = await openRawEndpoint(t, () => {})
  const reply = await post(openClient(t), url, { totalMs: 50 })
  assert.equal(codeOf(reply), 'TOTAL_TIMEOUT')
  assert.ok(reply.kind === 'failed' && reply.atMs >= 45)
})

test('an endpoint that sends a byte now and then fails by the deadline all the same', async (t) => {
  const url = await openRawEndpoint(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
    const timer = setInterval(() => socket.write('a'), 5)
    socket.once('close', () => clearInterval(timer))
  })
  assert.equal(codeOf(await post(openClient(t), url, { totalMs: 60 })), 'TOTAL_TIMEOUT')
})

test('an endpoint that drips its headers fails by the deadline', async (t) => {
  const url = await openRawEndpoint(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX: ')
    const timer = setInterval(() => socket.write('a'), 5)
    socket.once('close', () => clearInterval(timer))
  })
  assert.equal(codeOf(await post(openClient(t), url, { totalMs: 60 })), 'TOTAL_TIMEOUT')
})

test('a request that waits for a connection until its deadline is not sent afterwards', async (t) => {
  let count = 0
  const waiting: (() => void)[] = []
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const url = await openWebEndpoint(t, (request, response) => {
    count += 1
    request.resume()
    if (count === 1) waiting.push(() => response.end())
    else response.end()
    arrive()
  })
  const http = openClient(t, { connectionsPerOrigin: 1 })
  const first = post(http, url)
  await arrived
  assert.equal(codeOf(await post(http, url, { totalMs: 50 })), 'TOTAL_TIMEOUT')
  waiting[0]?.()
  assert.equal(codeOf(await first), 'answered 200')
  assert.equal(codeOf(await post(http, url)), 'answered 200')
  assert.equal(count, 2)
})

test('the caller may cancel', async (t) => {
  const url = await openRawEndpoint(t, () => controller.abort())
  const controller = new AbortController()
  const http = openClient(t)
  const ask = { method: 'GET', url, signal: controller.signal } as const
  assert.equal(codeOf(await http.request(ask)), 'CANCELLED')
  assert.equal(codeOf(await http.request(ask)), 'CANCELLED')
})

test('trouble on the network is a failure with a code, never an exception', async (t) => {
  const http = openClient(t)
  const reset = await openRawEndpoint(t, (socket) => socket.resetAndDestroy())
  const closed = await openRawEndpoint(t, (socket) => socket.destroy())
  const cutOff = await openRawEndpoint(t, (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'),
  )
  const noHttp = await openRawEndpoint(t, (socket) => socket.end('220 mail.example ESMTP\r\n'))
  const server = createTcpServer()
  const freed = await listen(t, server)
  server.close()

  assert.equal(codeOf(await post(http, reset)), 'ECONNRESET')
  assert.equal(codeOf(await post(http, closed)), 'CLOSED_BY_PEER')
  assert.match(
    codeOf(await post(http, cutOff)),
    /^(CLOSED_BY_PEER|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
  )
  assert.equal(codeOf(await post(http, noHttp)), 'BAD_ANSWER')
  assert.equal(codeOf(await post(http, `http://127.0.0.1:${freed}/`)), 'ECONNREFUSED')
})

test('an answer beyond the limit is given up, however much would follow', async (t) => {
  const chunk = Buffer.alloc(64 * 1024, 97)
  const url = await openWebEndpoint(t, (request, response) => {
    request.resume()
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  })
  assert.equal(codeOf(await post(openClient(t), url)), 'ANSWER_TOO_LARGE')
})

test('packed answers are unpacked, and the limit holds for what comes out', async (t) => {
  const packed: Readonly<Record<string, readonly [string, Buffer]>> = {
    '/gzip': ['gzip', gzipSync('hello')],
    '/deflate': ['deflate', deflateSync('hello')],
    '/raw': ['deflate', deflateRawSync('hello')],
    '/bomb': ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    '/wrong': ['gzip', Buffer.from('hello')],
    '/brotli': ['br', Buffer.from('hello')],
  }
  const url = await openWebEndpoint(t, (request, response) => {
    const [encoding, body] = packed[request.url ?? ''] ?? ['', Buffer.from('')]
    request.resume()
    response.setHeader('content-encoding', encoding)
    response.end(body)
  })
  const http = openClient(t)
  const fetched = async (path: string) => textOf(await post(http, new URL(path, url).href))
  assert.equal(await fetched('/gzip'), 'hello')
  assert.equal(await fetched('/deflate'), 'hello')
  assert.equal(await fetched('/raw'), 'hello')
  assert.equal(await fetched('/bomb'), 'ANSWER_TOO_LARGE')
  assert.equal(await fetched('/wrong'), 'BAD_PACKING')
  assert.equal(await fetched('/brotli'), 'BAD_PACKING')
})

test('without leave no spelling of the loopback address reaches a server, nor does a name', async (t) => {
  let count = 0
  const port = await listen(
    t,
    createTcpServer(() => (count += 1)),
  )
  const http = openClient(t, { guard: openGuard({ allow: [] }) })
  const hosts = [
    '127.0.0.1',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0.0.0.0',
    '127.1',
    'localhost',
  ]
  for (const host of hosts) {
    const reply = await post(http, `http://${host}:${port}/`)
    assert.equal(codeOf(reply), 'EGRESS_ADDRESS_DENIED', host)
  }
  assert.equal(count, 0)
})

test('a socket that ends at a denied address is dropped before anything is sent', async (t) => {
  const received: Buffer[] = []
  const port = await listen(
    t,
    createTcpServer((socket) => socket.on('data', (chunk) => received.push(chunk))),
  )
  const careless = openGuard({ allow: ['loopback'] })
  const http = openClient(t, { guard: { ...careless, admits: () => false } })
  assert.equal(codeOf(await post(http, `http://127.0.0.1:${port}/`)), 'EGRESS_ADDRESS_DENIED')
  assert.deepEqual(received, [])
})

test('a name that changes to a denied address is refused on the next connection', async (t) => {
  const url = await openWebEndpoint(t, (request, response) => {
    request.resume()
    response.setHeader('connection', 'close')
    response.end()
  })
  const answers = ['127.0.0.1', '10.0.0.1']
  const resolve: ResolveName = (_hostname, answer) =>
    answer(null, [{ address: answers.shift() ?? '10.0.0.1', family: 4 }])
  const http = openClient(t, { guard: openGuard({ allow: ['127.0.0.1'], resolve }) })
  const named = url.replace('127.0.0.1', 'rebind.example')
  assert.equal(codeOf(await post(http, named)), 'answered 200')
  assert.equal(codeOf(await post(http, named)), 'EGRESS_ADDRESS_DENIED')
})

test('a name that does not resolve, or not in time, is a failure', async (t) => {
  const gone = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
  const missing = openGuard({ allow: [], resolve: (_hostname, answer) => answer(gone, []) })
  const silent = openGuard({ allow: [], resolve: () => {} })
  assert.equal(
    codeOf(await post(openClient(t, { guard: missing }), 'https://gone.example/')),
    'ENOTFOUND',
  )
  const http = openClient(t, { guard: silent, connectMs: 30 })
  assert.equal(codeOf(await post(http, 'https://slow.example/')), 'DNS_TIMEOUT')
})
