// The load of the benches, a process of its own: outbound messages to a receiving route, or records over REST.

import { text } from '../../src/schema/define-field.ts'
import { KEY_PREFIX, makeRecordId } from '../../src/schema/record-id.ts'
import { compileEnvelopeWriter } from '../../src/wire/write-envelope.ts'
import { REST } from '../../test/support/rest-client.ts'
import { JOB_CONFIG_ID, recordValues } from './bench-project.ts'
import { answerParent } from './child.ts'
import { percentile } from './figures.ts'
import { type NextRequest, postFor, request } from './posting.ts'

/** What to post, for how long, on how many connections. */
export type LoadAsk = {
  readonly url: string
  readonly durationMs: number
  readonly connections: number
} & (
  | { readonly kind: 'messages'; readonly notifications: number }
  | {
      readonly kind: 'records'
      readonly objectName: string
      readonly records: number
      readonly token: string
    }
)

/** What came of it: requests, how many a second, and how long one took in ms. */
export type LoadAnswer = {
  readonly count: number
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

let serial = 0
const nextSerial = () => {
  serial += 1
  return serial
}

answerParent<LoadAsk, LoadAnswer>(async (ask) => {
  const { durationMs, connections } = ask
  const { nextRequest, isGood } = ask.kind === 'messages' ? messages(ask) : records(ask)
  const port = Number(new URL(ask.url).port)
  const posted = await postFor({ port, connections, durationMs, nextRequest, isGood })
  return {
    count: posted.count,
    rate: (posted.count / posted.elapsedMs) * 1000,
    p50: percentile(posted.latenciesMs, 0.5),
    p99: percentile(posted.latenciesMs, 0.99),
  }
})

type Posting = {
  readonly nextRequest: NextRequest
  readonly isGood: (answer: string) => boolean
}

/** One message again and again, each time with new notification ids written over those of before. */
function messages({ notifications }: LoadAsk & { kind: 'messages' }): Posting {
  const values = recordValues(1)
  const fields = Object.keys(values).map((name) => text(name, 255))
  const write = compileEnvelopeWriter({ objectName: 'Plain__c', fields })
  const ids = Array.from({ length: notifications }, notificationId)
  const body = write({
    organizationId: makeRecordId(KEY_PREFIX.organization, 1),
    actionId: makeRecordId(KEY_PREFIX.outboundMessage, 1),
    sessionId: null,
    enterpriseUrl: 'https://example.my.salesforce.com/services/Soap/c/60.0/00D000000000001',
    partnerUrl: 'https://example.my.salesforce.com/services/Soap/u/60.0/00D000000000001',
    notifications: ids.map((id, index) => ({
      notificationId: id,
      recordId: makeRecordId('a00', index + 1),
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, String(value)]),
      ),
    })),
  })
  const path = `/v2/api/jobconfigs/${JOB_CONFIG_ID}/sfdc/obm`
  const headers = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' }
  const template = request(path, headers, Buffer.from(body))
  const places = ids.map((id) => template.indexOf(id))
  return {
    nextRequest: () => {
      const next = Buffer.from(template) // the one before may still be on its way
      for (const place of places) next.write(notificationId(), place, 'latin1')
      return next
    },
    isGood: (answer) => answer.startsWith('HTTP/1.1 200') && answer.includes('>true</'),
  }
}

/** Unique over all processes of a run: time, then a counter. */
function notificationId() {
  return makeRecordId(KEY_PREFIX.notification, START + nextSerial())
}
const START = Date.now() * 1000

/** One new record a request, or a collection of so many. */
function records({ objectName, records: count, token }: LoadAsk & { kind: 'records' }): Posting {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const post = (path: string, body: object) =>
    request(REST + path, headers, Buffer.from(JSON.stringify(body)))
  if (count === 1) {
    return {
      nextRequest: () => post(`/sobjects/${objectName}`, recordValues(nextSerial())),
      isGood: (answer) => answer.startsWith('HTTP/1.1 201'),
    }
  }
  const attributes = { type: objectName }
  const collection = () =>
    Array.from({ length: count }, () => ({ attributes, ...recordValues(nextSerial()) }))
  return {
    nextRequest: () => post('/composite/sobjects', { allOrNone: true, records: collection() }),
    isGood: (answer) => answer.startsWith('HTTP/1.1 200') && !answer.includes('"success":false'),
  }
}
