import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { CloudEvent, HTTP, type Message } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { runOf } from '../../../../test/support/commands.ts'
import { openClient, openRawEndpoint, openWebEndpoint } from '../../../../test/support/egress.ts'
import { HTTP_JOB } from '../../../../test/support/run-jobs.ts'
import { systemClock } from '../../../base/clock.ts'
import { openGuard } from '../../../egress/guard.ts'
import type { JobMessage, JobRun } from '../../job-run.ts'
import type { HttpJob } from '../job-kind.ts'
import { runHttp } from './run-http.ts'

const OLD = `whsec_${Buffer.alloc(32, 'old').toString('base64')}`
const NEW = `whsec_${Buffer.alloc(32, 'new').toString('base64')}`

const message: JobMessage = {
  name: 'msg1',
  body: '<notifications>Zürich "50%"</notifications>',
  properties: {
    OrganizationId: '00D000000000001EAA',
    ActionId: '04k000000000001AAA',
    NotificationId: '04l000000000001AAA',
    ObjectType: 'Account',
    RecordId: '001000000000001AAA',
    ReceivedAt: '2026-03-02T12:00:00.000Z',
  },
}

type Received = {
  readonly method: string | undefined
  readonly headers: Message['headers']
  readonly body: string
}

type Answer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** An endpoint that answers as it is told, and posts of a job to it. */
async function open(t: TestContext, answer: Answer = {}, change: Partial<HttpJob> = {}) {
  const received: Received[] = []
  const url = await openWebEndpoint(t, async (request: IncomingMessage, reply: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, headers } = request
    received.push({ method, headers, body: Buffer.concat(chunks).toString('utf8') })
    reply.writeHead(answer.status ?? 200, answer.headers)
    reply.end(answer.body)
  })
  const run = runOfJob({ url, ...change })
  return { received, url, post: (ask?: Partial<JobRun>) => run(openClient(t), ask) }
}

function runOfJob(change: Partial<HttpJob>) {
  const job = { ...HTTP_JOB, ...change }
  return (
    http: ReturnType<typeof openClient>,
    ask: Partial<JobRun> = {},
    signal = new AbortController().signal,
  ) => {
    const run: JobRun = { ...runOf(''), message, ...ask }
    const json = run.message ? JSON.stringify(run.message) : 'null'
    return runHttp({ http, clock: systemClock() }, { job, run, json }, signal)
  }
}

/** The event as the SDK reads and validates it. */
function eventOf({ headers, body }: Received): Readonly<Record<string, unknown>> {
  const event = HTTP.toEvent({ headers, body })
  assert.ok(event instanceof CloudEvent)
  assert.equal(event.validate(), true)
  return JSON.parse(event.toString())
}

test('a message is posted as JSON, and 2xx is success with that return code', async (t) => {
  const { received, post } = await open(t, { status: 202, body: 'taken' })

  const outcome = await post()

  assert.partialDeepStrictEqual(outcome, { kind: 'succeeded', returnCode: 202 })
  assert.match(outcome.log, /^POST http:.* \(json, \d+ bytes\)\nHTTP 202 in \d+ ms\ntaken$/)
  const [request] = received
  assert.equal(request?.method, 'POST')
  assert.equal(request?.headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(request?.body ?? ''), message)
})

test('as XML the message’s body is posted as it is', async (t) => {
  const { received, post } = await open(t, {}, { format: 'xml' })
  await post()
  await post({ message: null })
  const [first, second] = received
  assert.equal(first?.headers['content-type'], 'application/xml; charset=utf-8')
  assert.equal(first?.body, message.body)
  assert.equal(second?.body, '')
})

test('the reference library of Standard Webhooks takes the signature, by the old secret and by the new one', async (t) => {
  for (const format of ['json', 'xml', 'cloudevents-structured', 'cloudevents-binary'] as const) {
    const { received, post } = await open(t, {}, { format, signingSecrets: [OLD, NEW] })

    await post({ attemptCount: 1 })
    await post({ attemptCount: 2 })

    const [first, second] = received
    assert.ok(first && second)
    for (const secret of [OLD, NEW]) {
      const verified = () =>
        new Webhook(secret).verify(first.body, first.headers as Record<string, string>)
      if (format === 'xml')
        assert.throws(verified, /JSON/) // it reads the body once it is verified
      else verified()
    }
    const other = new Webhook(`whsec_${Buffer.alloc(32, 'x').toString('base64')}`)
    assert.throws(
      () => other.verify(first.body, first.headers as Record<string, string>),
      /No matching signature/,
    )
    assert.equal(first.headers['webhook-id'], 'r1')
    assert.equal(second.headers['webhook-id'], 'r1')
  }
})

test('without a secret a request is not signed, and still says which one it is', async (t) => {
  const { received, post } = await open(t)
  await post()
  assert.equal(received[0]?.headers['webhook-id'], 'r1')
  assert.equal(received[0]?.headers['webhook-signature'], undefined)
})

test('the CloudEvents SDK reads what is posted, structured and binary, as one and the same event', async (t) => {
  const events = []
  for (const format of ['cloudevents-structured', 'cloudevents-binary'] as const) {
    const { received, post } = await open(t, {}, { format, eventType: 'example.account' })
    await post()
    const [request] = received
    assert.ok(request)
    events.push(eventOf(request))
  }
  const [structured, binary] = events
  assert.deepEqual(structured, {
    specversion: '1.0',
    id: 'r1',
    source: '/organizations/00D000000000001EAA/outbound-messages/04k000000000001AAA',
    type: 'example.account',
    subject: '001000000000001AAA',
    time: '2026-03-02T12:00:00.000Z',
    datacontenttype: 'application/json',
    organizationid: '00D000000000001EAA',
    actionid: '04k000000000001AAA',
    notificationid: '04l000000000001AAA',
    objecttype: 'Account',
    partitionkey: '001000000000001AAA',
    data: message,
  })
  assert.deepEqual(binary, structured)
})

test('a message that a person made up becomes a CloudEvent too, whatever its properties are', async (t) => {
  const properties = { RecordId: 'ä\nö', ReceivedAt: 'yesterday', OrganizationId: 'x'.repeat(9000) }
  const asked = { name: 'm', body: 'b', properties }
  for (const format of ['cloudevents-structured', 'cloudevents-binary'] as const) {
    const { received, post } = await open(t, {}, { format, eventType: 'Zürich 50% "x"' })
    assert.equal((await post({ message: asked })).kind, 'succeeded')
    const [request] = received
    assert.ok(request)
    const event = eventOf(request)
    assert.partialDeepStrictEqual(event, {
      source: '/v2/api/jobconfigs/copy-accounts',
      time: '1970-01-01T00:00:00.000Z',
      data: asked,
    })
    // The SDK leaves the percent-encoding of headers to its reader.
    const type =
      format === 'cloudevents-binary' ? 'Z%C3%BCrich%2050%25%20%22x%22' : 'Zürich 50% "x"'
    assert.equal(event['type'], type)
  }
})

test('the headers of the config are sent, and never shown, even when the answer sends them back', async (t) => {
  const headers = { authorization: 'Bearer s3cret-token', 'x-route': 'north' }
  const body = 'you sent Bearer s3cret-token, that is s3cret-token'
  const { received, post } = await open(t, { status: 400, body }, { headers })

  const outcome = await post()

  assert.equal(received[0]?.headers['authorization'], 'Bearer s3cret-token')
  assert.equal(received[0]?.headers['x-route'], 'north')
  assert.equal(outcome.kind, 'failed')
  assert.match(outcome.log, /you sent \*\*\*, that is \*\*\*$/)
})

test('an answer that is not 2xx is a failure with its status, and a redirect is not followed', async (t) => {
  const failed = await (await open(t, { status: 500, body: 'oh' })).post()
  assert.partialDeepStrictEqual(failed, { kind: 'failed', returnCode: 500, reason: 'HTTP 500' })

  const location = 'http://169.254.169.254/latest?token=abc'
  const { received, post } = await open(t, { status: 307, headers: { location } })
  const moved = await post()
  assert.equal(received.length, 1)
  assert.match(
    'reason' in moved ? moved.reason : '',
    /^HTTP 307: redirects are not followed; it points to http:\/\/169\.254\.169\.254\/latest\?token=\*\*\*$/,
  )
})

test('Retry-After is kept for the back-off, and 410 ends the run', async (t) => {
  const busy = await open(t, { status: 429, headers: { 'retry-after': '120' } })
  assert.partialDeepStrictEqual(await busy.post(), { kind: 'failed', retryAfterMs: 120_000 })
  const gone = await open(t, { status: 410 })
  assert.partialDeepStrictEqual(await gone.post(), { kind: 'failed', isFinal: true })
})

test('where nobody answers in time, or nothing may be sent to, the run is in error: the work may be done', async (t) => {
  const silent = await openRawEndpoint(t, () => {})
  const late = await runOfJob({ url: silent, timeoutMs: 100 })(openClient(t))
  assert.equal(late.kind, 'errored')
  assert.match('reason' in late ? late.reason : '', /^TOTAL_TIMEOUT: /)

  const guarded = openClient(t, { guard: openGuard({ allow: [] }) })
  const { received, url } = await open(t)
  const denied = await runOfJob({ url })(guarded)
  assert.match('reason' in denied ? denied.reason : '', /^EGRESS_ADDRESS_DENIED: /)
  assert.equal(received.length, 0)
})

test('a 2xx whose body is too large to keep is a success: the receiver has the message', async (t) => {
  const { post } = await open(t, { body: Buffer.alloc(1024 * 1024, 'x') })
  const outcome = await post()
  assert.partialDeepStrictEqual(outcome, { kind: 'succeeded', returnCode: 200 })
  assert.match(outcome.log, /ANSWER_TOO_LARGE/)
})

test('a run that is stopped cancels its request', async (t) => {
  const stopping = new AbortController()
  const silent = await openRawEndpoint(t, () => stopping.abort())
  const outcome = await runOfJob({ url: silent })(openClient(t), {}, stopping.signal)
  assert.equal(outcome.kind, 'interrupted')
})
