import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import type { TestContext } from 'node:test'
import { openGuard, type ResolveName } from '../../src/egress/guard.ts'
import type { HttpReply } from '../../src/egress/http-reply.ts'
import { type Http, type HttpSettings, openHttp } from '../../src/egress/post.ts'
import { afterTest } from './after-test.ts'

/** The guarded client, which may go to loopback unless the test brings a guard of its own. */
export function openClient(t: TestContext, settings: Partial<HttpSettings> = {}): Http {
  const http = openHttp({ guard: openGuard({ allow: ['loopback'] }), ...settings })
  afterTest(t, () => http.close())
  return http
}

/** Listens on loopback until the test ends, whatever the client does; answers the port. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // the client hangs up in most of these tests
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address() as AddressInfo
  return address.port
}

/** An HTTP server; answers its URL. */
export async function openWebEndpoint(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(t, createServer(listener))}/listen?a=b`
}

/** A server that says what it is told once a request comes, without any HTTP of its own. */
export async function openRawEndpoint(
  t: TestContext,
  answer: (socket: Socket) => void,
): Promise<string> {
  const server = createTcpServer((socket) => socket.once('data', () => answer(socket)))
  return `http://127.0.0.1:${await listen(t, server)}/`
}

/** Resolves every name to these addresses. */
export function resolvingTo(...addresses: readonly string[]): ResolveName {
  return (_hostname, answer) =>
    answer(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}

/** Posts one character. */
export function post(
  http: Http,
  url: string,
  more: { totalMs?: number; maxBytes?: number } = {},
): Promise<HttpReply> {
  const { totalMs = 5000, maxBytes } = more
  const timeouts = { totalMs }
  return http.request({ method: 'POST', url, body: 'x', timeouts, ...(maxBytes && { maxBytes }) })
}

/** The code of a failure, or `answered` with its status. */
export function codeOf(reply: HttpReply): string {
  return reply.kind === 'failed' ? reply.code : `answered ${reply.status}`
}

/** The text of an answer, or the code of a failure. */
export function textOf(reply: HttpReply): string {
  return reply.kind === 'answered' ? Buffer.from(reply.body).toString() : reply.code
}
