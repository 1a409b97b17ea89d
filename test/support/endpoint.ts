import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import type { RecordId } from '../../src/schema/record-id.ts'
import { writeAck } from '../../src/wire/ack.ts'
import type { Envelope } from '../../src/wire/envelope.ts'
import { readEnvelope } from '../../src/wire/read-envelope.ts'
import { afterTest } from './after-test.ts'

/** What an endpoint answers: an Ack, a SOAP fault, a status with an HTML page, or nothing at all. */
export type EndpointReply =
  | 'Ack true'
  | 'Ack false'
  | 'fault'
  | 'hang up' // the connection is broken
  | 'silence' // no answer comes
  | `${number}`

/** One message as it came in. */
export type ReceivedMessage = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly envelope: Envelope
  readonly notificationIds: readonly RecordId[]
  readonly recordIds: readonly (RecordId | null)[]
}

/** A listener with a script. */
export type Endpoint = {
  readonly url: string
  readonly received: ReceivedMessage[]
  /** Replaces what is left of the script. */
  answer(...replies: Replies): void
  /** Resolves when so many messages came in. */
  receivedCount(count: number): Promise<void>
}

/** A reply, or what finds it; while it looks, the sender waits. */
type Replies = readonly (
  | EndpointReply
  | ((message: ReceivedMessage) => EndpointReply | Promise<EndpointReply>)
)[]

/** Opens a real HTTP endpoint on a free port. It gives its replies in turn, the last of them for good. */
export async function openEndpoint(t: TestContext, replies: Replies): Promise<Endpoint> {
  const received: ReceivedMessage[] = []
  const watchers = new Set<() => void>()
  let script = [...replies]

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const message = readMessage(request.url ?? '', request.headers, body)
      received.push(message)
      const [next] = script
      if (script.length > 1) script = script.slice(1)
      for (const watch of watchers) watch()
      const reply = typeof next === 'function' ? await next(message) : (next ?? 'Ack true')
      sendReply(response, reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterTest(t, () => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}/listener`,
    received,
    answer: (...next) => {
      script = [...next]
    },
    receivedCount: (count) =>
      new Promise((resolve) => {
        const watch = () => {
          if (received.length < count) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
      }),
  }
}

function readMessage(path: string, headers: IncomingHttpHeaders, body: string): ReceivedMessage {
  const envelope = readEnvelope(body)
  return {
    path,
    headers,
    body,
    envelope,
    notificationIds: envelope.notifications.map((each) => each.notificationId as RecordId),
    recordIds: envelope.notifications.map((each) => each.sObject?.recordId ?? null),
  }
}

const FAULT =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>out of order</faultstring>' +
  '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'

function sendReply(response: ServerResponse, reply: EndpointReply): void {
  const soap = { 'content-type': 'text/xml; charset=UTF-8' }
  switch (reply) {
    case 'Ack true':
    case 'Ack false':
      response.writeHead(200, soap).end(writeAck(reply === 'Ack true'))
      return
    case 'fault':
      response.writeHead(500, soap).end(FAULT)
      return
    case 'hang up':
      response.destroy()
      return
    case 'silence':
      return
    default:
      response.writeHead(Number(reply), { 'content-type': 'text/html' }).end('<html></html>')
  }
}
