import { randomBytes } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HttpReply } from '../egress/http-reply.ts'
import { maskUrl } from '../egress/mask-url.ts'
import type { AttemptRecord, LeasedBatch } from '../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../outbox/settle.ts'
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
  /** With its secrets masked. */
  readonly request: string
  readonly reply: HttpReply
  readonly outcome: AttemptOutcome
}

/** What the attempt log keeps: bounded, and of text that every store can hold. */
export function recordAttempt({
  batch,
  startedAt,
  request,
  reply,
  outcome,
}: Attempt): AttemptRecord {
  const requestMax = outcome.kind === 'acknowledged' ? ACKNOWLEDGED_KEPT_MAX : REQUEST_KEPT_MAX
  return {
    attemptId: makeAttemptId(startedAt),
    outboundMessageId: batch.outboundMessageId,
    startedAt,
    durationMs: durationOf(reply),
    endpointUrl: maskUrl(batch.endpointUrl),
    notificationIds: batch.notifications.map((each) => each.notificationId),
    outcome: outcome.kind,
    reason: outcome.kind === 'acknowledged' ? null : storable(outcome.reason),
    httpStatus: reply.kind === 'answered' ? reply.status : null,
    request: bounded(request, requestMax),
    response: reply.kind === 'answered' ? readResponse(reply.body) : '',
  }
}

/** A message is on its way; what became of it is told by `logAttempt`. */
export function logPosted(log: Log, { message }: Sendable, batch: LeasedBatch): void {
  log.debug('message.posted', batchFields(message, batch))
}

/** One line for one attempt: what a person greps for. */
export function logAttempt(log: Log, { message }: Sendable, attempt: Attempt): void {
  const { batch, outcome, reply } = attempt
  const fields = {
    ...batchFields(message, batch),
    durationMs: durationOf(reply),
    status: reply.kind === 'answered' ? reply.status : null,
    code: reply.kind === 'failed' ? reply.code : null,
  }
  if (outcome.kind === 'acknowledged') log.info('message.sent', fields)
  else log.warn(`message.${outcome.kind}`, { ...fields, reason: outcome.reason })
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

function durationOf(reply: HttpReply): number {
  return Math.round(reply.kind === 'answered' ? reply.timings.totalMs : reply.atMs)
}

/** In the order of time, so that the log's index grows at its end. */
function makeAttemptId(startedAt: Instant): string {
  return `${startedAt.toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`
}

function readResponse(body: Uint8Array): string {
  const kept = new TextDecoder().decode(body.subarray(0, RESPONSE_KEPT_MAX))
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
