import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { afterTest } from './after-test.ts'

/** A server that speaks no HTTP of its own: each request that came in whole gets what the test says. */
export type RawEndpoint = {
  readonly url: string
  /** Requests that came in whole, as they came. */
  readonly requests: string[]
  /** Connections that were made. */
  readonly connectionCount: () => number
}

/** Opens one on a free port. `answer` gets the socket of each request and how many it had carried before. */
export async function openRawEndpoint(
  t: TestContext,
  answer: (socket: Socket, earlier: number) => void,
): Promise<RawEndpoint> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let pending = ''
    let earlier = 0
    socket.setNoDelay(true)
    socket.on('error', () => {}) // the other side hangs up on what it does not like
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1')
      const length = wholeLength(pending)
      if (length === null || pending.length < length) return
      requests.push(pending.slice(0, length))
      pending = pending.slice(length)
      answer(socket, earlier)
      earlier += 1
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/listener`,
    requests,
    connectionCount: () => sockets.size,
  }
}

/** Bytes of the request's head and body; null while its head is not whole. */
function wholeLength(text: string): number | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1]
  return headEnd + 4 + Number(length ?? 0)
}
