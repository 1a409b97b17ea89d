// An endpoint that acknowledges whatever comes and counts it, a process of its own.
import { type AddressInfo, createServer } from 'node:net'
import { writeAck } from '../../src/wire/ack.ts'
import { answerParent } from './child.ts'

/** `open` answers its URL in `url`; `count` waits until so many notifications came in since the last `count`. */
export type SinkAsk = { readonly kind: 'open' } | { readonly kind: 'count'; readonly upTo: number }

export type SinkAnswer = {
  readonly url: string
  readonly notifications: number
  readonly messages: number
  /** From the first message's arrival to the last Ack. */
  readonly elapsedMs: number
}

const ACK = writeAck(true)
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(ACK)}\r\n\r\n${ACK}`
/** node-soap writes a prefix. */
const MARKS = ['<Notification>', '<tns:Notification>']
const counted = { notifications: 0, messages: 0, firstAt: 0, lastAt: 0 }
let onCounted = () => {}

// On bare sockets: `node:http` would cost as much processor time for a message as some who send it.
const server = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = endOfRequest(rest); end > 0; end = endOfRequest(rest)) {
      const request = rest.toString('latin1', 0, end)
      rest = rest.subarray(end)
      if (request.startsWith('POST /dead ')) continue // takes it, and never answers
      take(request)
      socket.write(ANSWER)
    }
  })
})

/** Where the first request that is whole ends, by its Content-Length; 0 while more of it is to come. */
function endOfRequest(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1]
  if (length === undefined) throw new Error('the sink reads requests with a Content-Length only')
  const end = head + 4 + Number(length)
  return bytes.length < end ? 0 : end
}

function take(request: string): void {
  if (counted.messages === 0) counted.firstAt = performance.now()
  counted.messages += 1
  for (const mark of MARKS) counted.notifications += countOf(mark, request)
  counted.lastAt = performance.now()
  onCounted()
}

function countOf(mark: string, text: string): number {
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) count += 1
  return count
}

answerParent<SinkAsk, SinkAnswer>(async (ask) => {
  if (ask.kind === 'open')
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  else {
    await new Promise<void>((resolve) => {
      onCounted = () => {
        if (counted.notifications >= ask.upTo) resolve()
      }
      onCounted()
    })
  }
  const { port } = server.address() as AddressInfo
  const { notifications, messages, firstAt, lastAt } = counted
  Object.assign(counted, { notifications: 0, messages: 0 })
  return {
    url: `http://127.0.0.1:${port}/`,
    notifications,
    messages,
    elapsedMs: lastAt - firstAt,
  }
})
