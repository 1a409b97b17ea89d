import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { afterTest } from '../../../test/support/after-test.ts'
import { outboundMessage } from '../../../test/support/outbound-message.ts'
import {
  jobConfig,
  openReceivingStoreAt,
  openTestListener,
} from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import type { ListenerLimits } from '../listener.ts'

const MEGABYTE = 1024 * 1024

const ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'

async function open(t: TestContext, limits: Partial<ListenerLimits> = {}) {
  const [sqlite] = storesUnderTest()
  const stores = await openReceivingStoreAt(t, (await sqlite?.url(t)) ?? '')
  await stores.jobs.writeConfig(jobConfig())
  const listener = await openTestListener(t, stores, { limits })
  const refusals = () =>
    listener.log.lines
      .filter(({ event }) => event === 'inbox.refused')
      .map(({ fields }) => fields['code'])
  return { listener, refusals, runCount: () => stores.jobs.countRuns({}) }
}

/**
 * Sends a body in chunks that never ends, as fast as it is taken, until there is an answer. Answers it, and how many
 * bytes were taken by then.
 */
function sendWithoutEnd(
  t: TestContext,
  url: string,
  ask: {
    readonly headers?: string
    readonly start: string | Buffer
    readonly piece: string | Buffer
  },
): Promise<{ readonly answer: string; readonly sentBytes: number }> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  afterTest(t, () => socket.destroy())
  return new Promise((resolve, reject) => {
    let answer = ''
    const chunk = (bytes: string | Buffer) => {
      const body = Buffer.from(bytes)
      return Buffer.concat([
        Buffer.from(`${body.length.toString(16)}\r\n`),
        body,
        Buffer.from('\r\n'),
      ])
    }
    const piece = chunk(ask.piece)
    const send = () => {
      if (answer === '' && !socket.destroyed && socket.write(piece)) setImmediate(send)
    }
    socket.on('drain', send)
    socket.on('error', reject)
    socket.on('data', (data) => {
      answer += data
      if (answer.includes('</soapenv:Envelope>'))
        resolve({ answer, sentBytes: socket.bytesWritten })
    })
    socket.write(
      `POST /v2/api/jobconfigs/accounts/sfdc/obm HTTP/1.1\r\nhost: a\r\ncontent-type: text/xml\r\n${ask.headers ?? ''}transfer-encoding: chunked\r\n\r\n`,
    )
    socket.write(chunk(ask.start))
    send()
  })
}

test('a million elements inside each other are refused at the hundred and first, while they are still being sent', async (t) => {
  const { listener, runCount } = await open(t)
  const { answer, sentBytes } = await sendWithoutEnd(t, listener.url, {
    start: ENVELOPE,
    piece: '<a>'.repeat(10_000),
  })
  assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*<code>TOO_DEEP<\/code>/)
  assert.ok(sentBytes < 20 * MEGABYTE, `${sentBytes} bytes were taken before the answer`)

  const whole = await listener.post(ENVELOPE + '<a>'.repeat(1_000_000))
  assert.deepEqual([whole.status, whole.code], [400, 'TOO_DEEP'])
  assert.equal(await runCount(), 0)
})

test('a body that does not say how long it is ends at the limit, and is not kept until then', async (t) => {
  const { listener } = await open(t, {
    bodyBytesMax: 2 * MEGABYTE,
    allBodiesBytesMax: 3 * MEGABYTE,
  })
  const { answer, sentBytes } = await sendWithoutEnd(t, listener.url, {
    start: outboundMessage().replace('</soapenv:Envelope>', ''),
    piece: '<!-- nothing -->\n'.repeat(4_000),
  })
  assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*<code>BODY_TOO_LARGE<\/code>/)
  assert.ok(sentBytes < 20 * MEGABYTE, `${sentBytes} bytes were taken before the answer`)
  assert.equal((await listener.post(outboundMessage())).status, 200) // its share was given back
})

test('a gzip bomb ends at the limit of what it unpacks to, and one of nothing at that of what is sent', async (t) => {
  const { listener, refusals } = await open(t, { bodyBytesMax: 2 * MEGABYTE })
  const headers = { 'content-encoding': 'gzip' }
  const bomb = gzipSync(Buffer.alloc(20 * MEGABYTE, ' '))
  assert.ok(bomb.length < MEGABYTE)
  const refused = await listener.post(bomb, { headers })
  assert.deepEqual([refused.status, refused.code], [413, 'BODY_TOO_LARGE'])

  const deep = gzipSync(ENVELOPE + '<a>'.repeat(600_000))
  assert.equal((await listener.post(deep, { headers })).code, 'TOO_DEEP')

  // An empty stored block says nothing, and another may follow for ever.
  const { answer } = await sendWithoutEnd(t, listener.url, {
    headers: 'content-encoding: gzip\r\n',
    start: gzipSync('').subarray(0, 10),
    piece: Buffer.alloc(50_000, Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff])),
  })
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.deepEqual(refusals(), ['BODY_TOO_LARGE', 'TOO_DEEP', 'BODY_TOO_LARGE'])
  assert.equal((await listener.post(gzipSync(outboundMessage()), { headers })).status, 200)
})

test('a body that is cut off, zipped or not, is refused, and nothing of it is kept', async (t) => {
  const { listener, refusals, runCount } = await open(t)
  const { port, hostname } = new URL(listener.url)
  for (const [body, encoding] of [
    [Buffer.from(outboundMessage()), 'identity'],
    [gzipSync(outboundMessage()), 'gzip'],
  ] as const) {
    const socket = connect(Number(port), hostname)
    const head = `POST /v2/api/jobconfigs/accounts/sfdc/obm HTTP/1.1\r\nhost: a\r\ncontent-type: text/xml\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`
    await new Promise((resolve) => socket.write(head, resolve))
    await new Promise((resolve) => socket.write(body.subarray(0, body.length - 20), resolve))
    socket.destroy()
  }
  while (refusals().length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(refusals(), ['BODY_INCOMPLETE', 'BODY_INCOMPLETE'])

  const short = gzipSync(outboundMessage()).subarray(0, -12)
  const reply = await listener.post(short, { headers: { 'content-encoding': 'gzip' } })
  assert.deepEqual([reply.status, reply.code], [400, 'BODY_INCOMPLETE'])
  assert.equal((await listener.post(outboundMessage().slice(0, -10))).code, 'MALFORMED_XML')
  assert.equal(await runCount(), 0)
})

test('a flood of headers is refused before a message is looked for, and others are served', async (t) => {
  const { listener, runCount } = await open(t)
  const { port, hostname } = new URL(listener.url)
  const socket = connect(Number(port), hostname)
  afterTest(t, () => socket.destroy())
  const answer = new Promise<string>((resolve) =>
    socket.once('data', (data) => resolve(String(data))),
  )
  socket.on('error', () => {}) // it is closed on us while we are still sending
  socket.write('POST /v2/api/jobconfigs/accounts/sfdc/obm HTTP/1.1\r\nhost: a\r\n')
  for (let index = 0; index < 2_000; index += 1) socket.write(`x-${index}: ${'y'.repeat(50)}\r\n`)
  assert.match(await answer, /^HTTP\/1\.1 431 /)
  assert.equal(await runCount(), 0)
  assert.equal((await listener.post(outboundMessage())).status, 200)
})

test('bytes that are no UTF-8, and encodings that are not read, are coded; a charset is gone by', async (t) => {
  const { listener } = await open(t)
  const latin = (charset: string, text: string) =>
    listener.post(Buffer.from(text, 'latin1'), {
      headers: { 'content-type': `text/xml; charset=${charset}` },
    })
  const accented = outboundMessage().replace('<sf:Name>', '<sf:Name>\xE9')
  assert.notEqual(accented, outboundMessage())
  assert.equal((await latin('UTF-8', accented)).code, 'MALFORMED_ENCODING')
  const wrong = await latin('ISO-8859-1', accented)
  assert.deepEqual([wrong.status, wrong.code], [400, 'MALFORMED_ENCODING'])
  assert.match(wrong.body, /save it as UTF-8/)
  assert.equal((await latin('ISO-8859-1', outboundMessage())).status, 200)
})

test('names, attributes and fields without number are refused in the middle of them', async (t) => {
  const { listener, runCount } = await open(t)
  const within = (text: string) => outboundMessage().replace('<sf:Name>', `${text}<sf:Name>`)
  const codes: string[] = []
  for (const text of [
    `<sf:${'N'.repeat(300)}/>`,
    `<x ${Array.from({ length: 200 }, (_, index) => `a${index}=""`).join(' ')}/>`,
    Array.from({ length: 2_000 }, (_, index) => `<sf:F${index}/>`).join(''),
    '<sf:Name/>',
  ]) {
    const reply = await listener.post(within(text))
    assert.equal(reply.status, 400)
    assert.match(reply.body, /<faultcode>soapenv:Client<\/faultcode>/)
    codes.push(reply.code ?? '')
  }
  assert.deepEqual(codes, [
    'NAME_TOO_LONG',
    'TOO_MANY_ATTRIBUTES',
    'TOO_MANY_FIELDS',
    'NOT_AN_OUTBOUND_MESSAGE',
  ])
  assert.equal(await runCount(), 0)
})
