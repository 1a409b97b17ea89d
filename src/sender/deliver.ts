import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { LeasedBatch, OutboxStore } from '../outbox/outbox-store.ts'
import {
  type AttemptOutcome,
  nextProbeAt,
  regrowth,
  settle,
  settleLaneByCount,
} from '../outbox/settle.ts'
import { type Attempt, logAttempt, logPosted, recordAttempt } from './attempt-log.ts'
import { composeEnvelope, maskEnvelope, type WriterCache } from './compose-envelope.ts'
import { judgePost } from './judge-post.ts'
import type { Post } from './post.ts'
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

  const { body, request } = await writeRequest(ports, sendable, batch)
  if (ports.signal.aborted) return giveBack(ports, batch)
  const startedAt = ports.clock.now()
  logPosted(ports.log, sendable, batch)
  const reply = await ports.post(batch.endpointUrl, body, ports.signal)
  if (reply.kind === 'failed' && reply.code === 'CANCELLED') return giveBack(ports, batch)

  const outcome = judgePost(reply, batch.endpointUrl)
  const attempt: Attempt = { batch, startedAt, request: request(), reply, outcome }
  const answer = await settleBatch(ports, sendable, attempt)
  logAttempt(ports.log, sendable, attempt)
  if (answer === 'lease lost') {
    ports.log.warn('sender.lease_lost', { laneId: batch.lease.laneId, outcome: outcome.kind })
  }
  return outcome
}

/** What cannot be sent waits by its own clock, with the reason where administrators look. */
async function leaveUnsent(
  ports: DeliveryPorts,
  { sendable, batch, reason }: { sendable: Sendable; batch: LeasedBatch; reason: string },
): Promise<AttemptOutcome> {
  const outcome = { kind: 'unsent', reason } as const
  const reply = { kind: 'failed', code: 'UNSENT', reason, atMs: 0 } as const
  const attempt = { batch, startedAt: ports.clock.now(), request: '', reply, outcome }
  await settleBatch(ports, sendable, attempt)
  logAttempt(ports.log, sendable, attempt)
  return outcome
}

/** The envelope's text, and on demand the same with its secrets masked. */
async function writeRequest(
  { records, writerOf }: DeliveryPorts,
  sendable: Sendable,
  batch: LeasedBatch,
): Promise<{ body: string; request: () => string }> {
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
  }
}

async function settleBatch(
  { store, clock }: DeliveryPorts,
  { schedule }: Sendable,
  attempt: Attempt,
): Promise<'settled' | 'lease lost'> {
  const { batch, outcome } = attempt
  const { notifications } = batch
  const now = clock.now()
  const settledAt = { batchSize: notifications.length, now, schedule }
  const probeAt = nextProbeAt(now, Math.random(), schedule)
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
    attempt: recordAttempt(attempt),
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
