import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { AttemptRecord } from '../outbox/attempt.ts'
import { outboundMessageKey } from '../outbox/outbound-message.ts'
import type { LeasedBatch, OutboxStore } from '../outbox/outbox-store.ts'
import {
  type AttemptOutcome,
  probeAtAfter,
  regrowth,
  settle,
  settleLaneByCount,
} from '../outbox/settle.ts'
import { type Attempt, logAttempt, logPosted, recordAttempt } from './attempt-log.ts'
import { composeEnvelope, maskEnvelope, secretsMask, type WriterCache } from './compose-envelope.ts'
import { judgePost } from './judge-post.ts'
import { headersOfPost, type Post } from './post.ts'
import type { RecordReader } from './record-reader.ts'
import type { MessageOf, Sendable } from './sendable.ts'

/** What a delivery needs of the rooms around it. */
export type DeliveryPorts = {
  readonly store: OutboxStore
  readonly records: RecordReader
  readonly messageOf: MessageOf
  readonly post: Post
  readonly clock: Clock
  readonly log: Log
  readonly writerOf: WriterCache
  /** Cancels the POST; what it carried is given back, as nobody knows whether it arrived. */
  readonly signal: AbortSignal
}

/** Makes one attempt at one batch: read, write, post, judge, settle. Null: it was given back without one. */
export async function deliver(
  ports: DeliveryPorts,
  batch: LeasedBatch,
): Promise<AttemptOutcome | null> {
  const sendable = await ports.messageOf(batch.outboundMessageId, batch.definitionsVersion)
  if (!sendable) return giveUpUndefined(ports, batch)
  const whyNot = await ports.records.whyNotAs(sendable.message.integrationUser)
  if (whyNot !== null) return leaveUnsent(ports, { sendable, batch, reason: whyNot })

  const { body, request, mask } = await writeRequest(ports, sendable, batch)
  if (ports.signal.aborted) return giveBack(ports, batch)
  const startedAt = ports.clock.now()
  logPosted(ports.log, sendable, batch)
  const key = outboundMessageKey(sendable.message)
  const reply = await ports.post(batch.endpointUrl, body, ports.signal, key)
  if (reply.kind === 'failed' && reply.code === 'CANCELLED') return giveBack(ports, batch)

  const judged = judgePost(reply, batch.endpointUrl, mask)
  const requestBytes = Buffer.byteLength(body)
  const requestHeaders = headersOfPost(batch.endpointUrl, requestBytes)
  const texts = { request: request(), requestBytes, requestHeaders, mask }
  await conclude(ports, sendable, { batch, startedAt, reply, ...judged, ...texts })
  return judged.outcome
}

/** What cannot be sent waits by its own clock, with the reason where administrators look. */
async function leaveUnsent(
  ports: DeliveryPorts,
  { sendable, batch, reason }: { sendable: Sendable; batch: LeasedBatch; reason: string },
): Promise<AttemptOutcome> {
  const outcome = { kind: 'unsent', reason } as const
  const reply = { kind: 'failed', code: 'UNSENT', reason, atMs: 0 } as const
  const texts = { request: '', requestBytes: 0, requestHeaders: '', mask: (text: string) => text }
  const startedAt = ports.clock.now()
  await conclude(ports, sendable, { batch, startedAt, reply, outcome, tolerances: [], ...texts })
  return outcome
}

/** Settles an attempt, and says so. */
async function conclude(ports: DeliveryPorts, sendable: Sendable, attempt: Attempt): Promise<void> {
  const { batch, outcome } = attempt
  const record = recordAttempt(attempt)
  const answer = await settleBatch(ports, sendable, attempt, record)
  logAttempt(ports.log, sendable, { attempt, record })
  if (answer === 'lease lost') {
    ports.log.warn('sender.lease_lost', { laneId: batch.lease.laneId, outcome: outcome.kind })
  }
}

/** The envelope's text; on demand the same with its secrets masked, and what masks them elsewhere. */
async function writeRequest(
  { records, writerOf }: DeliveryPorts,
  sendable: Sendable,
  batch: LeasedBatch,
): Promise<{ body: string; request: () => string; mask: Attempt['mask'] }> {
  const { message, fields } = sendable
  const user = message.integrationUser
  const ids = [...new Set(batch.notifications.map((each) => each.recordId))]
  const names = fields.map((field) => field.name)
  // As they are now, not as they were when the rule fired: that is what Salesforce sends.
  const found = await records.readRecordsAs(user, message.objectName, ids, names)
  const sessionId = await records.sessionFor(user, message)

  const envelope = composeEnvelope(sendable, batch, found, sessionId)
  const write = writerOf(batch.outboundMessageId, batch.definitionsVersion, sendable)
  const body = write(envelope)
  return {
    body,
    request: () => {
      const masked = maskEnvelope(envelope, fields)
      return masked === envelope ? body : write(masked)
    },
    mask: secretsMask(envelope, fields),
  }
}

async function settleBatch(
  { store, clock }: DeliveryPorts,
  { schedule }: Sendable,
  { batch, outcome }: Attempt,
  record: AttemptRecord,
): Promise<'settled' | 'lease lost'> {
  const { notifications } = batch
  const now = clock.now()
  const settledAt = { batchSize: notifications.length, now, schedule }
  const probeAt = probeAtAfter(outcome, { now, random: Math.random(), schedule })
  return store.settle({
    lease: batch.lease, // its token: who lost it while waiting for the answer settles nothing
    outboundMessageId: batch.outboundMessageId,
    settlements: notifications.map((notification) => ({
      notification,
      settlement: settle(notification, outcome, settledAt),
    })),
    lane: settleLaneByCount(outcome, { probeAt, schedule }),
    regrowth: regrowth(notifications, outcome),
    now,
    attempt: record,
  })
}

async function giveUpUndefined(ports: DeliveryPorts, batch: LeasedBatch): Promise<null> {
  const { outboundMessageId } = batch
  await ports.store.release(batch.lease, {
    outboundMessageId,
    reason: 'Its outbound message is not defined any more.',
    now: ports.clock.now(),
  })
  ports.log.warn('sender.message_undefined', {
    outboundMessageId,
    count: batch.notifications.length,
  })
  return null
}

async function giveBack({ store }: DeliveryPorts, batch: LeasedBatch): Promise<null> {
  await store.release(batch.lease)
  return null
}
