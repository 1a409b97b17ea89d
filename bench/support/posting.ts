import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Makes the next request, whole: head and body. */
export type NextRequest = () => Buffer

export type PostingAsk = {
  readonly port: number
  readonly connections: number
  readonly durationMs: number
  readonly nextRequest: NextRequest
  /** Whether an answer, head and body, is the one that is hoped for. */
  readonly isGood: (answer: string) => boolean
}

export type Posted = {
  readonly count: number
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
}

/** Posts on so many keep-alive connections, one request at a time on each, over bare sockets to cost little. */
export async function postFor(ask: PostingAsk): Promise<Posted> {
  const sockets = await Promise.all(
    Array.from({ length: ask.connections }, async () => {
      const socket = connect(ask.port, '127.0.0.1').setNoDelay(true)
      await once(socket, 'connect')
      return socket
    }),
  )
  const startedAt = performance.now()
  const latenciesMs: number[] = []
  await Promise.all(sockets.map((socket) => postOn(socket, ask, { startedAt, latenciesMs })))
  const elapsedMs = performance.now() - startedAt
  for (const socket of sockets) socket.destroy()
  return { count: latenciesMs.length, elapsedMs, latenciesMs }
}

function postOn(
  socket: Socket,
  { nextRequest, isGood, durationMs }: PostingAsk,
  { startedAt, latenciesMs }: { startedAt: number; latenciesMs: number[] },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0
    let held = ''
    const next = () => {
      sentAt = performance.now()
      if (sentAt - startedAt >= durationMs) resolve()
      else socket.write(nextRequest())
    }
    socket.on('data', (chunk) => {
      held += chunk.toString('latin1')
      if (!isWhole(held)) return
      latenciesMs.push(performance.now() - sentAt)
      const answer = held
      held = ''
      if (isGood(answer)) next()
      else reject(new Error(`not what was hoped for: ${answer.slice(0, 1000)}`))
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection')))
    next()
  })
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, headEnd))?.[1]
  return answer.length >= headEnd + 4 + Number(length ?? 0)
}

/** A POST's bytes. */
export function request(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Buffer {
  const lines = Object.entries({ host: '127.0.0.1', 'content-length': body.length, ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), body])
}
