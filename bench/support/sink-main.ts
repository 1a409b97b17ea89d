// An endpoint that acknowledges whatever comes and counts it, a process of its own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

const ACK = Buffer.from(writeAck(true))
/** node-soap writes a prefix. */
const MARKS = ['<Notification>', '<tns:Notification>']
const counted = { notifications: 0, messages: 0, firstAt: 0, lastAt: 0 }
let onCounted = () => {}

const server = createServer((request, response) => {
  if (request.url === '/dead') return // takes it, and never answers
  if (counted.messages === 0) counted.firstAt = performance.now()
  counted.messages += 1
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString('latin1')
    for (const mark of MARKS) counted.notifications += countOf(mark, text)
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': ACK.length }).end(ACK)
    counted.lastAt = performance.now()
    onCounted()
  })
})

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
