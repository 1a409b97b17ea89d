import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Judgement, judgeReply, NACK_REASON, writeAck } from './ack.ts'
import { writeFault } from './fault.ts'
import { PROLOG_REASON } from './read-reply.ts'

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound'

function soapBody(content: string): string {
  return `<s:Envelope xmlns:s="${SOAP}"><s:Body>${content}</s:Body></s:Envelope>`
}

function response(ack: string): string {
  return soapBody(`<notificationsResponse xmlns="${OUTBOUND}">${ack}</notificationsResponse>`)
}

function judge(status: number, body: string, contentType = 'text/xml; charset=UTF-8'): Judgement {
  return judgeReply({ status, headers: new Map([['content-type', contentType]]), body })
}

test('our own Ack is one of the canonical form, and is accepted without any tolerance', () => {
  assert.match(writeAck(true), /<notificationsResponse xmlns="[^"]+"><Ack>true<\/Ack></)
  assert.deepEqual(judge(200, writeAck(true)), { kind: 'acknowledged', tolerances: [] })
  assert.deepEqual(judge(200, writeAck(false)), { kind: 'refused', reason: NACK_REASON })
})

const TOLERATED: readonly (readonly [string, Judgement, string])[] = [
  ['status 201', judge(201, writeAck(true)), 'status 201'],
  [
    'notificationsResponse in no namespace',
    judge(200, soapBody('<notificationsResponse><Ack>true</Ack></notificationsResponse>')),
    'namespace of notificationsResponse',
  ],
  [
    'the element notifications of the old PHP sample',
    judge(200, soapBody(`<notifications xmlns="${OUTBOUND}"><Ack>true</Ack></notifications>`)),
    'element notifications',
  ],
  ['an Ack of 1', judge(200, response('<Ack>1</Ack>')), 'Ack is 1'],
  ['white space in Ack', judge(200, response('<Ack> true\n</Ack>')), 'white space in Ack'],
  ['several Acks', judge(200, response('<Ack>true</Ack><Ack>true</Ack>')), 'several Acks'],
  ['leading white space', judge(200, `\n ${writeAck(true)}`), 'leading white space'],
  ['a byte order mark', judge(200, `\uFEFF${writeAck(true)}`), 'byte order mark'],
  ['application/soap+xml', judge(200, writeAck(true), 'application/soap+xml'), 'content type'],
  ['application/xml', judge(200, writeAck(true), 'application/xml'), 'content type'],
  [
    'a SOAP 1.2 envelope',
    judge(
      200,
      response('<Ack>true</Ack>').replace(SOAP, 'http://www.w3.org/2003/05/soap-envelope'),
    ),
    'SOAP 1.2 envelope',
  ],
]

describe('an Ack is accepted, and the tolerance named, with', () => {
  for (const [name, judgement, tolerance] of TOLERATED) {
    test(name, () => assert.deepEqual(judgement, { kind: 'acknowledged', tolerances: [tolerance] }))
  }
})

test('prefixes, an empty header and a missing declaration need no tolerance', () => {
  const body =
    `<soap:Envelope xmlns:soap="${SOAP}"><soap:Header/><soap:Body>` +
    `<o:notificationsResponse xmlns:o="${OUTBOUND}"><o:Ack>true</o:Ack></o:notificationsResponse>` +
    '</soap:Body></soap:Envelope>'
  assert.deepEqual(judge(200, body), { kind: 'acknowledged', tolerances: [] })
})

const FAULT = writeFault({ faultcode: 'Server', faultstring: 'no <room>', detailCode: 'FULL' })

const REFUSED: readonly (readonly [string, number, string, string])[] = [
  ['Ack false', 200, writeAck(false), NACK_REASON],
  ['Ack 0', 200, response('<Ack>0</Ack>'), NACK_REASON],
  ['one of several Acks false', 200, response('<Ack>true</Ack><Ack>false</Ack>'), NACK_REASON],
  ['JSON', 200, '{"ok":true}', PROLOG_REASON],
  ['nothing', 200, '', PROLOG_REASON],
  ['nothing, by 204', 204, '', PROLOG_REASON],
  ['plain text', 200, 'OK', PROLOG_REASON],
  ['an HTML page', 200, '<!DOCTYPE html><html><body>Hi<br></body></html>', PROLOG_REASON],
  ['a fault', 200, FAULT, 'no <room>'],
  [
    'a fault that also acknowledges',
    200,
    FAULT.replace('<detail>', '<detail><Ack>true</Ack>'),
    'no <room>',
  ],
  ['a redirect', 302, '', '(302)Found'],
  ['404', 404, '<html></html>', '(404)Not Found'],
  ['400 with a fault', 400, FAULT, 'no <room>'],
  ['500 with a fault', 500, FAULT, 'no <room>'],
  ['500 with an Ack', 500, writeAck(true), '(500)Internal Server Error'],
  ['404 with an Ack', 404, writeAck(true), '(404)Not Found'],
  [
    'an Ack outside a SOAP envelope',
    200,
    '<Ack>true</Ack>',
    'The answer is no SOAP envelope with a body',
  ],
  [
    'a SOAP body without its envelope',
    200,
    writeAck(true).replaceAll('soapenv:Envelope', 'soapenv:Parcel'),
    'The answer is no SOAP envelope with a body',
  ],
  [
    'an Ack in the header',
    200,
    response('').replace('<s:Body>', '<s:Header><Ack>true</Ack></s:Header><s:Body>'),
    'SOAP response holds no Ack: expected <Ack>true</Ack>',
  ],
]

describe('a listener refuses, and its lane stays open, with', () => {
  for (const [name, status, body, reason] of REFUSED) {
    test(name, () => assert.deepEqual(judge(status, body), { kind: 'refused', reason }))
  }

  test('XML that ends early, told in the words of a Java parser', () => {
    const judgement = judge(200, writeAck(true).slice(0, -20))
    assert.equal(judgement.kind, 'refused')
    assert.match(
      judgement.kind === 'refused' ? judgement.reason : '',
      /^org\.xml\.sax\.SAXParseException; lineNumber: 5; columnNumber: \d+; ./,
    )
  })
})

test('429, and 5xx without a SOAP body, are no answer of a listener', () => {
  const unanswered = (reason: string) => ({ kind: 'unanswered', reason })
  assert.deepEqual(judge(429, FAULT), unanswered('(429)Too Many Requests'))
  assert.deepEqual(judge(503, 'busy'), unanswered('(503)Service Unavailable'))
  assert.deepEqual(judge(502, '<html><body/></html>'), unanswered('(502)Bad Gateway'))
})

test('a fault without a text, and a very long one, still give a reason of bounded length', () => {
  assert.deepEqual(judge(200, soapBody('<s:Fault/>')), { kind: 'refused', reason: 'SOAP fault' })
  const long = judge(
    200,
    soapBody(`<s:Fault><faultstring>${'x'.repeat(9999)}</faultstring></s:Fault>`),
  )
  assert.equal(long.kind === 'refused' && long.reason.length, 1000)
})

test('no answer makes the judge throw, and none is acknowledged by chance', () => {
  const ack = Buffer.from(writeAck(true))
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.uint8Array({ maxLength: 300 }),
      (status, body) => {
        assert.notEqual(judgeReply({ status, body }).kind, 'acknowledged')
      },
    ),
  )
  fc.assert(
    fc.property(fc.nat(ack.length), (end) => {
      const { kind } = judgeReply({ status: 200, body: ack.subarray(0, end) })
      assert.equal(kind, end === ack.length ? 'acknowledged' : 'refused')
    }),
  )
})
