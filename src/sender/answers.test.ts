import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterTest } from '../../test/support/after-test.ts'
import { openRawEndpoint } from '../../test/support/raw-endpoint.ts'
import { openGuard } from '../egress/guard.ts'
import { openHttp } from '../egress/post.ts'
import type { AttemptOutcome } from '../outbox/settle.ts'
import { NACK_REASON, writeAck } from '../wire/ack.ts'
import { writeFault } from '../wire/fault.ts'
import { PROLOG_REASON } from '../wire/read-reply.ts'
import { judgePost } from './judge-post.ts'
import { openPost } from './post.ts'

// What a listener may answer, byte for byte through a socket, and what becomes of the notifications.

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound'

type Bytes = string | Buffer

/** The outcome of one POST to a listener that answers just these bytes, then hangs up; and how often it was asked. */
async function outcomeOf(t: TestContext, answer: Bytes | readonly Bytes[]) {
  const pieces = typeof answer === 'string' || Buffer.isBuffer(answer) ? [answer] : answer
  const endpoint = await openRawEndpoint(t, (socket) => {
    for (const piece of pieces) socket.write(piece)
    socket.end()
  })
  const outcome = await postTo(t, endpoint.url)
  return { outcome, postCount: endpoint.requests.length }
}

async function postTo(t: TestContext, url: string, totalMs = 5000): Promise<AttemptOutcome> {
  const http = openHttp({ guard: openGuard({ allow: ['loopback'] }) })
  afterTest(t, () => http.close())
  const reply = await openPost(http, { totalMs })(
    url,
    '<a/>',
    new AbortController().signal,
    'Account.Tell',
  )
  return judgePost(reply, url, (text) => text).outcome
}

/** An HTTP answer. A header without a value is left out. */
function http(status: string, body: Bytes, headers: Readonly<Record<string, string>> = {}): Buffer {
  const bytes = Buffer.from(body)
  const all = {
    'Content-Type': 'text/xml; charset=UTF-8',
    'Content-Length': String(bytes.length),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}: ${value}\r\n`],
  )
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), bytes])
}

function ok(body: Bytes, headers: Readonly<Record<string, string>> = {}): Buffer {
  return http('200 OK', body, headers)
}

function envelope(content: string): string {
  return `<s:Envelope xmlns:s="${SOAP}"><s:Body>${content}</s:Body></s:Envelope>`
}

function response(content: string): string {
  return envelope(`<notificationsResponse xmlns="${OUTBOUND}">${content}</notificationsResponse>`)
}

function chunked(body: string, size: number): string {
  const pieces = body.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`
}

const ACK = writeAck(true)
const FAULT = writeFault({ faultcode: 'Server', faultstring: 'no <room>', detailCode: 'FULL' })
const UTF_16 = Buffer.from(ACK.replace('UTF-8', 'UTF-16'), 'utf16le')
const PHP_WIKI = `<notifications xmlns="${OUTBOUND}"><Ack>true</Ack></notifications>`
const NO_NAMESPACE = '<notificationsResponse><Ack>true</Ack></notificationsResponse>'
const PREFIXED =
  `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP}" xmlns:ns1="${OUTBOUND}"><SOAP-ENV:Header/>` +
  '<SOAP-ENV:Body><ns1:notificationsResponse><ns1:Ack>true</ns1:Ack></ns1:notificationsResponse>' +
  '</SOAP-ENV:Body></SOAP-ENV:Envelope>'

const DELIVERED: Readonly<Record<string, Bytes | readonly Bytes[]>> = {
  'the answer of the WSDL page': ok(ACK),
  'status 201': http('201 Created', ACK),
  'status 202': http('202 Accepted', ACK),
  'notificationsResponse in no namespace': ok(envelope(NO_NAMESPACE)),
  'notifications in place of notificationsResponse, as in the old PHP sample': ok(
    envelope(PHP_WIKI),
  ),
  'Ack 1': ok(response('<Ack>1</Ack>')),
  'white space around true': ok(response('<Ack>\r\n  true\t</Ack>')),
  'true in a CDATA section': ok(response('<Ack><![CDATA[true]]></Ack>')),
  'the type of the Ack': ok(response('<Ack xmlns:x="urn:x" x:type="xsd:boolean">true</Ack>')),
  'two Acks that agree': ok(response('<Ack>true</Ack><Ack>true</Ack>')),
  'white space around the envelope': ok(`\n \t${ACK}\r\n\n`),
  'other prefixes, an empty header, no XML declaration': ok(PREFIXED),
  'a SOAP 1.2 envelope': ok(ACK.replaceAll(SOAP, 'http://www.w3.org/2003/05/soap-envelope')),
  'a byte order mark': ok(`\uFEFF${ACK}`),
  'UTF-16, little end first': ok(Buffer.concat([Buffer.from([0xff, 0xfe]), UTF_16])),
  'UTF-16, big end first': ok(Buffer.concat([Buffer.from([0xfe, 0xff]), swapped(UTF_16)])),
  'UTF-16 without its mark': ok(UTF_16),
  'ISO-8859-1': ok(Buffer.from(`<!-- r\u00e9pondu -->${ACK.slice(ACK.indexOf('\n'))}`, 'latin1')),
  gzip: ok(gzipSync(ACK), { 'Content-Encoding': 'gzip' }),
  deflate: ok(deflateSync(ACK), { 'Content-Encoding': 'deflate' }),
  'deflate without its frame': ok(deflateRawSync(ACK), { 'Content-Encoding': 'deflate' }),
  'one chunk': chunked(ACK, 1000),
  'a chunk for each byte': chunked(ACK, 1),
  'application/soap+xml': ok(ACK, { 'Content-Type': 'application/soap+xml' }),
  'application/xml': ok(ACK, { 'Content-Type': 'application/xml' }),
  'text/html, as PHP says by itself': ok(ACK, { 'Content-Type': 'text/html' }),
  'no Content-Type': ok(ACK, { 'Content-Type': '' }),
  'no Content-Length, to the end of the connection': ok(ACK, { 'Content-Length': '' }),
  'HTTP/1.0': Buffer.from(ok(ACK).toString().replace('HTTP/1.1', 'HTTP/1.0')),
  'an interim 102 and 103 before': [
    'HTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
    ok(ACK),
  ],
  'headers and body in pieces': [...ok(ACK).toString('latin1')],
}

/** UTF-16 with the bytes of each unit changed over. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16()
}

describe('delivered is what is answered with an Ack of true, and', () => {
  for (const [name, answer] of Object.entries(DELIVERED)) {
    test(name, async (t) => {
      const { outcome } = await outcomeOf(t, answer)
      assert.deepEqual(outcome, { kind: 'acknowledged' })
    })
  }
})

const NO_ACK = 'SOAP response holds no Ack: expected <Ack>true</Ack>'
const SAX = /^org\.xml\.sax\.SAXParseException; lineNumber: \d+; columnNumber: \d+; ./
const BOMB = `<!DOCTYPE a [<!ENTITY a "${'a'.repeat(999)}"><!ENTITY b "&a;&a;">]><a>&b;</a>`
const TOO_LARGE = /^java\.io\.IOException: the answer is too large$/
const TWO_MB = ' '.repeat(2 * 1024 * 1024)
const MOVED = { Location: '/elsewhere' }

const REFUSED: Readonly<Record<string, readonly [Bytes, string | RegExp]>> = {
  'Ack false': [ok(writeAck(false)), NACK_REASON],
  'Ack 0': [ok(response('<Ack>0</Ack>')), NACK_REASON],
  'an empty Ack': [ok(response('<Ack/>')), NACK_REASON],
  'an Ack of another word': [ok(response('<Ack>yes</Ack>')), NACK_REASON],
  'Acks that disagree': [ok(response('<Ack>true</Ack><Ack>false</Ack>')), NACK_REASON],
  'an Ack and a fault': [ok(FAULT.replace('<soapenv:Fault>', `${PHP_WIKI}$&`)), 'no <room>'],
  'a fault with status 200': [ok(FAULT), 'no <room>'],
  'a fault with status 500': [http('500 Internal Server Error', FAULT), 'no <room>'],
  'a fault with status 400': [http('400 Bad Request', FAULT), 'no <room>'],
  'no Ack in the envelope': [ok(response('')), NO_ACK],
  'XML of another kind': [
    ok('<result>true</result>'),
    'The answer is no SOAP envelope with a body',
  ],
  JSON: [ok('{"ack":true}', { 'Content-Type': 'application/json' }), PROLOG_REASON],
  'an HTML page': [ok('<!DOCTYPE html><html><p>Hello</html>'), PROLOG_REASON],
  'plain text': [ok('true'), PROLOG_REASON],
  nothing: [ok(''), PROLOG_REASON],
  'nothing, with status 204': [http('204 No Content', '', { 'Content-Length': '' }), PROLOG_REASON],
  'XML that is cut off': [ok(ACK.slice(0, -20)), SAX],
  'a DOCTYPE with entities': [ok(`<?xml version="1.0"?>\n${BOMB}`), /SAXParseException; .*DOCTYPE/],
  'elements 5,000 deep': [ok(envelope('<a>'.repeat(5000))), /SAXParseException; .*limited to 100/],
  'more than the limit': [ok(`${ACK}${TWO_MB}`), TOO_LARGE],
  'more than the limit, once unpacked': [
    ok(gzipSync(ACK + TWO_MB), { 'Content-Encoding': 'gzip' }),
    TOO_LARGE,
  ],
  'what is not packed as it says': [ok(ACK, { 'Content-Encoding': 'gzip' }), /ZipException/],
  'a redirect 301': [http('301 Moved Permanently', '', MOVED), '(301)Moved Permanently'],
  'a redirect 302, with an Ack': [http('302 Found', ACK, MOVED), '(302)Found'],
  'a redirect 307': [http('307 Temporary Redirect', '', MOVED), '(307)Temporary Redirect'],
  'a redirect 308': [http('308 Permanent Redirect', '', MOVED), '(308)Permanent Redirect'],
  'status 401': [http('401 Unauthorized', ''), '(401)Unauthorized'],
  'status 404 with a page': [http('404 Not Found', '<html></html>'), '(404)Not Found'],
  'status 404 with an Ack': [http('404 Not Found', ACK), '(404)Not Found'],
  'status 500 with an Ack': [http('500 Internal Server Error', ACK), '(500)Internal Server Error'],
}

describe('refused, which delays these notifications alone, is what is answered with', () => {
  for (const [name, [answer, reason]] of Object.entries(REFUSED)) {
    test(name, async (t) => {
      const { outcome, postCount } = await outcomeOf(t, answer)
      assertFailed(outcome, 'refused', reason)
      assert.equal(postCount, 1)
    })
  }
})

const CUT_OFF = 'java.net.SocketException: Unexpected end of file from server'
const NO_HTTP = /^org\.apache\.commons\.httpclient\.ProtocolException: /

const UNANSWERED: Readonly<Record<string, readonly [Bytes, string | RegExp]>> = {
  'status 429, even with an Ack': [http('429 Too Many', ACK), '(429)Too Many Requests'],
  'status 500 with a page': [
    http('500 Internal Server Error', '<html></html>'),
    '(500)Internal Server Error',
  ],
  'status 502 without a body': [http('502 Bad Gateway', ''), '(502)Bad Gateway'],
  'status 503 with JSON': [http('503 Service Unavailable', '{}'), '(503)Service Unavailable'],
  'status 500 and too much': [http('500 Internal Server Error', TWO_MB), TOO_LARGE],
  'the end of the connection': ['', CUT_OFF],
  'half a head': ['HTTP/1.1 200 OK\r\nContent-Le', CUT_OFF],
  'half a body': [ok(ACK).subarray(0, -30), /^java\.(net\.Socket|io\.IO)Exception: /],
  'a head that is too large': [ok(ACK, { 'X-Long': 'a'.repeat(70_000) }), TOO_LARGE],
  'no HTTP': ['220 mail.example ESMTP\r\n', NO_HTTP],
  'a 100 Continue that nobody asked for': ['HTTP/1.1 100 Continue\r\n\r\n', NO_HTTP],
  'an upgrade that nobody asked for': [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    NO_HTTP,
  ],
}

describe('unanswered, which counts towards the breaker, is what is answered with', () => {
  for (const [name, [answer, reason]] of Object.entries(UNANSWERED)) {
    test(name, async (t) => {
      const { outcome, postCount } = await outcomeOf(t, answer)
      assertFailed(outcome, 'unanswered', reason)
      assert.equal(postCount, 1)
    })
  }

  const drips: Readonly<Record<string, string>> = {
    silence: '',
    'headers that never end': 'HTTP/1.1 200 OK\r\nX: ',
    'a body that never ends': 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n',
  }
  for (const [name, start] of Object.entries(drips)) {
    test(`${name}, until the whole time is over`, async (t) => {
      const endpoint = await openRawEndpoint(t, (socket) => {
        socket.write(start)
        const timer = setInterval(() => socket.write(start && 'a'), 5)
        socket.once('close', () => clearInterval(timer))
      })
      const outcome = await postTo(t, endpoint.url, 60)
      assertFailed(outcome, 'unanswered', 'java.net.SocketTimeoutException: Read timed out')
    })
  }
})

function assertFailed(outcome: AttemptOutcome, kind: string, reason: string | RegExp): void {
  assert.equal(outcome.kind, kind)
  const said = outcome.kind === 'acknowledged' ? '' : outcome.reason
  if (typeof reason === 'string') assert.equal(said, reason)
  else assert.match(said, reason)
}
