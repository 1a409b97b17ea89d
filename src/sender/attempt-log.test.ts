import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { openEndpoint } from '../../test/support/endpoint.ts'
import { openSending } from '../../test/support/sending.ts'
import { MINUTE_MS } from '../base/clock.ts'
import { writeAck } from '../wire/ack.ts'
import { keepHeaders } from './keep-headers.ts'

test('the attempt log and the log hold no session id, no secret field, no secret of the URL', async (t) => {
  const url = await openEcho(t)
  const sending = await openSending(t, `${url.replace('//', '//me:hunter2@')}?key=topsecret`)
  const [recordId] = await sending.queue(1)
  assert.ok(recordId)
  sending.shelf.set(recordId, { Name: 'Acme', Pin__c: 'pin-<4711>' })
  sending.sessionId = 'session!id'

  await sending.sender.turn()

  const [attempt] = await sending.outbox.attempts({ limit: 1 })
  assert.equal(attempt?.outcome, 'refused')
  assert.match(attempt?.request ?? '', /<SessionId>\*{6}<\/SessionId>/)
  assert.match(attempt?.request ?? '', /<sf:Name>Acme<\/sf:Name>/)
  // The listener quotes what it was sent, in its fault and in a header.
  assert.match(attempt?.reason ?? '', /^did not like .*Acme/)
  assert.match(attempt?.responseHeaders ?? '', /^x-quoted: \*{6}$/m)
  assert.match(attempt?.responseHeaders ?? '', /^set-cookie: \*{6}$/m)
  assert.match(attempt?.requestHeaders ?? '', /^authorization: \*{6}$/m)
  const [waiting] = await sending.outbox.list({ limit: 1 })
  const kept = JSON.stringify([attempt, waiting, sending.logged])
  for (const secret of ['session!id', 'pin-', '4711', 'topsecret', 'hunter2', 'c00kie']) {
    assert.ok(!kept.includes(secret), `${secret} is in ${kept}`)
  }
})

test('one line tells all of an attempt, and the attempt log keeps it', async (t) => {
  const endpoint = await openEndpoint(t, ['Ack true'])
  const sending = await openSending(t, endpoint.url)
  const [recordId] = await sending.queue(2)
  sending.clock.advance(MINUTE_MS)

  await sending.sender.turn()

  const [attempt] = await sending.outbox.attempts({ limit: 1 })
  assert.ok(attempt)
  const { attemptId, laneId, requestBytes } = attempt
  const [message] = endpoint.received
  assert.equal(requestBytes, Buffer.byteLength(message?.body ?? ''))
  assert.ok((attempt.sentMs ?? 1e9) <= (attempt.headersMs ?? -1))
  assert.ok((attempt.headersMs ?? 1e9) <= attempt.durationMs)
  assert.match(attempt.requestHeaders, /^content-type: text\/xml; charset=UTF-8$/im)
  assert.match(attempt.responseHeaders, /^content-type: text\/xml; charset=UTF-8$/im)
  const line = sending.logged.find(({ event }) => event === 'message.sent')
  const told = {
    attemptId,
    laneId,
    requestBytes,
    status: 200,
    code: null,
    isProbe: false,
    count: 2,
  }
  assert.partialDeepStrictEqual(line?.fields, {
    ...told,
    outboundMessage: 'Account.Notify_ERP',
    firstRecordId: recordId,
    queueAgeMs: MINUTE_MS,
    responseBytes: attempt.responseBytes,
  })
})

test('an attempt without an answer says how far it came', async (t) => {
  const endpoint = await openEndpoint(t, ['hang up'])
  const sending = await openSending(t, endpoint.url)
  await sending.queue(1)

  await sending.sender.turn()

  const [attempt] = await sending.outbox.attempts({ limit: 1 })
  assert.equal(typeof attempt?.sentMs, 'number') // it went out
  assert.equal(attempt?.headersMs, null)
  assert.equal(attempt?.responseHeaders, '')
  assert.equal(attempt?.responseBytes, 0)
})

test('the listener may answer in many ways; the log says which leniency it needed', async (t) => {
  const bare =
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Ack>1</Ack></Body></Envelope>'
  const url = await openServer(t, (_body, response) => response.writeHead(201).end(bare))
  const sending = await openSending(t, url)
  await sending.queue(1)

  await sending.sender.turn()

  const [attempt] = await sending.outbox.attempts({ limit: 1 })
  assert.equal(attempt?.outcome, 'acknowledged')
  assert.ok(attempt.tolerances.includes('status 201'))
  const line = sending.logged.find(({ event }) => event === 'message.sent')
  assert.equal(line?.fields['tolerances'], attempt.tolerances.join(', '))
})

test('headers are kept in bounds, URLs in them without their secrets', () => {
  const kept = keepHeaders([
    ['Location', 'https://me:pw@example.com/a?token=1'],
    ['refresh', '/login?token=2#x'],
    ['x-long', 'y'.repeat(5000)],
    ...Array.from({ length: 10 }, (_, index) => [`x-${index}`, 'z'.repeat(900)] as const),
  ])

  const lines = kept.split('\n')
  assert.equal(lines[0], 'Location: https://***@example.com/a?token=***')
  assert.equal(lines[1], 'refresh: /login?***')
  assert.equal(lines[2], `x-long: ${'y'.repeat(1000)}[more]`)
  assert.equal(lines.at(-2), '[more]')
  assert.ok(kept.length < 4200)
})

type Answer = (body: string, response: ServerResponse) => void

async function openServer(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(Buffer.concat(chunks).toString('utf8'), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/in`
}

/** A listener whose fault quotes the records it was sent, and whose headers hold secrets. */
function openEcho(t: TestContext): Promise<string> {
  return openServer(t, (body, response) => {
    const quoted = body.slice(body.indexOf('<sf:Name>')).replace(/<[^>]*>/g, ' ')
    const session = /<SessionId>([^<]*)/.exec(body)?.[1]
    response.writeHead(500, {
      'content-type': 'text/xml',
      'x-quoted': session,
      'set-cookie': 'id=c00kie',
    })
    const text = `did not like ${session} ${quoted}`
    response.end(writeAck(false).replace(/<notif.*Response>/, faultOf(text)))
  })
}

function faultOf(text: string): string {
  return `<soapenv:Fault><faultcode>x</faultcode><faultstring>${text}</faultstring></soapenv:Fault>`
}
