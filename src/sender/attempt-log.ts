import type { Instant } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { maskUrl } from '../base/secrets/mask-url.ts'
import { makeTimedId } from '../base/timed-id.ts'
import type { HttpReply } from '../egress/http-reply.ts'
import type { AttemptRecord } from '../outbox/attempt.ts'
import type { LeasedBatch } from '../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../outbox/settle.ts'
import { keepHeaders } from './keep-headers.ts'
import type { Sendable } from './sendable.ts'

/** Characters of a request that are kept; of an acknowledged one, which nobody has to puzzle over, fewer. */
const REQUEST_KEPT_MAX = 64 * 1024
const ACKNOWLEDGED_KEPT_MAX = 16 * 1024
/** Bytes of an answer that are kept. */
const RESPONSE_KEPT_MAX = 16 * 1024

/** One attempt as it was made. */
export type Attempt = {
  readonly batch: LeasedBatch
  readonly startedAt: Instant
  /** With its secrets masked; empty when nothing was sent. */
  readonly request: string
  readonly requestBytes: number
  readonly requestHeaders: string
  readonly reply: HttpReply
  readonly outcome: AttemptOutcome
  /** What the answer had that Salesforce does not promise to accept. */
  readonly tolerances: readonly string[]
  /** Masks the secrets of the request where the answer repeats them. */
  readonly mask: (text: string) => string
}

/** What the attempt log keeps: bounded, and of text that every store can hold. */
export function recordAttempt(attempt: Attempt): AttemptRecord {
  const { batch, startedAt, reply, outcome, mask } = attempt
  const answer = reply.kind === 'answered' ? reply : null
  const requestMax = outcome.kind === 'acknowledged' ? ACKNOWLEDGED_KEPT_MAX : REQUEST_KEPT_MAX
  return {
    attemptId: makeTimedId(startedAt),
    outboundMessageId: batch.outboundMessageId,
    laneId: batch.lease.laneId,
    startedAt,
    ...timesOf(reply),
    endpointUrl: maskUrl(batch.endpointUrl),
    notificationIds: batch.notifications.map((each) => each.notificationId),
    isProbe: batch.isProbe,
    outcome: outcome.kind,
    reason: outcome.kind === 'acknowledged' ? null : storable(outcome.reason),
    httpStatus: reply.status ?? null,
    tolerances: attempt.tolerances.map(storable),
    requestBytes: attempt.requestBytes,
    responseBytes: answer?.body.length ?? 0,
    requestHeaders: attempt.requestHeaders,
    responseHeaders: answer ? storable(mask(keepHeaders(answer.headers))) : '',
    request: bounded(attempt.request, requestMax),
    response: answer ? readResponse(answer.body, mask) : '',
  }
}

/** A message is on its way; what became of it is told by `logAttempt`. */
export function logPosted(log: Log, { message }: Sendable, batch: LeasedBatch): void {
  log.debug('message.posted', batchFields(message, batch))
}

/** One line for one attempt, with all its facts: what a person greps for, and what is counted. */
export function logAttempt(
  log: Log,
  { message }: Sendable,
  { attempt, record }: { readonly attempt: Attempt; readonly record: AttemptRecord },
): void {
  const { batch, outcome, reply } = attempt
  const fields = {
    ...batchFields(message, batch),
    attemptId: record.attemptId,
    laneId: record.laneId,
    durationMs: record.durationMs,
    sentMs: record.sentMs,
    headersMs: record.headersMs,
    queueAgeMs: queueAgeOf(batch, attempt.startedAt),
    requestBytes: record.requestBytes,
    responseBytes: record.responseBytes,
    status: record.httpStatus,
    code: reply.kind === 'failed' ? reply.code : null,
  }
  if (outcome.kind === 'acknowledged') {
    const tolerances = record.tolerances.join(', ')
    log.info('message.sent', tolerances === '' ? fields : { ...fields, tolerances })
  } else {
    log.warn(`message.${outcome.kind}`, { ...fields, reason: outcome.reason })
  }
}

function batchFields(message: Sendable['message'], batch: LeasedBatch) {
  const [first] = batch.notifications
  return {
    endpoint: maskUrl(batch.endpointUrl),
    outboundMessage: `${message.objectName}.${message.fullName}`,
    count: batch.notifications.length,
    firstRecordId: first?.recordId,
    attempt: (first?.attemptCount ?? 0) + 1,
    isProbe: batch.isProbe,
  }
}

/** For how long the oldest of them has been owed. */
function queueAgeOf({ notifications }: LeasedBatch, at: Instant): number {
  const oldest = notifications.reduce((least, each) => Math.min(least, each.createdAt), at)
  return at - oldest
}

function timesOf(reply: HttpReply): Pick<AttemptRecord, 'durationMs' | 'sentMs' | 'headersMs'> {
  if (reply.kind === 'failed') {
    const sentMs = reply.startedMs === undefined ? null : Math.round(reply.startedMs)
    return { durationMs: Math.round(reply.atMs), sentMs, headersMs: null }
  }
  const { startedMs, headersMs, totalMs } = reply.timings
  return {
    durationMs: Math.round(totalMs),
    sentMs: Math.round(startedMs),
    headersMs: Math.round(headersMs),
  }
}

function readResponse(body: Uint8Array, mask: Attempt['mask']): string {
  const kept = mask(new TextDecoder().decode(body.subarray(0, RESPONSE_KEPT_MAX)))
  const more = body.length - RESPONSE_KEPT_MAX
  return storable(more > 0 ? `${kept}\n[${more} bytes more]` : kept)
}

function bounded(text: string, max: number): string {
  const more = text.length - max
  return storable(more > 0 ? `${text.slice(0, max)}\n[${more} characters more]` : text)
}

/** PostgreSQL's text holds no NUL and no half of a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed()
}
