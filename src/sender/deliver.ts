import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { outboundMessageKey } from '../outbox/outbound-message.ts'
import type { LeasedBatch, OutboxStore, SettledBatch, SlotAfter } from '../outbox/outbox-store.ts'
import { probeAtAfter, regrowth, settle, settleLaneByCount } from '../outbox/settle.ts'
import { type Attempt, logAttempt, logPosted, recordAttempt } from './attempt-log.ts'
import { composeEnvelope, maskEnvelope, secretsMask, type WriterCache } from './compose-envelope.ts'
import type { AskSlotAfter, Delivered } from './crew/hand-ports.ts'
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

/** Makes one attempt at one batch: read, write, post, judge; and begins to settle it. */
export async function deliver(
  ports: DeliveryPorts,
  batch: LeasedBatch,
  slotAfter: AskSlotAfter,
): Promise<Delivered> {
  const sendable = await ports.messageOf(batch.outboundMessageId, batch.definitionsVersion)
  if (!sendable) return leaveUndefined(ports, batch)
  const conclude = (attempt: Attempt): Delivered => ({
    kind: 'attempted',
    settled: settleAttempt(ports, sendable, attempt, slotAfter(attempt.outcome)),
  })
  const whyNot = await ports.records.whyNotAs(sendable.message.integrationUser)
  if (whyNot !== null) return conclude(unsent(ports, batch, whyNot))

  const { body, request, mask } = await writeRequest(ports, sendable, batch)
  if (ports.signal.aborted) return GIVEN_BACK
  const startedAt = ports.clock.now()
  logPosted(ports.log, sendable, batch)
  const key = outboundMessageKey(sendable.message)
  const reply = await ports.post(batch.endpointUrl, body, ports.signal, key)
  // Nobody knows whether it arrived.
  if (reply.kind === 'failed' && reply.code === 'CANCELLED') return GIVEN_BACK

  const judged = judgePost(reply, batch.endpointUrl, mask)
  const requestBytes = Buffer.byteLength(body)
  const requestHeaders = headersOfPost(batch.endpointUrl, requestBytes)
  const texts = { request: request(), requestBytes, requestHeaders, mask }
  return conclude({ batch, startedAt, reply, ...judged, ...texts })
}

const GIVEN_BACK: Delivered = { kind: 'given back', undefinedMessageId: null }

function leaveUndefined({ log }: DeliveryPorts, batch: LeasedBatch): Delivered {
  const { outboundMessageId, notifications } = batch
  log.warn('sender.message_undefined', { outboundMessageId, count: notifications.length })
  return { kind: 'given back', undefinedMessageId: outboundMessageId }
}

/** What cannot be sent waits by its own clock, with the reason where administrators look. */
function unsent({ clock }: DeliveryPorts, batch: LeasedBatch, reason: string): Attempt {
  return {
    batch,
    startedAt: clock.now(),
    reply: { kind: 'failed', code: 'UNSENT', reason, atMs: 0 },
    outcome: { kind: 'unsent', reason },
    tolerances: [],
    request: '',
    requestBytes: 0,
    requestHeaders: '',
    mask: (text) => text,
  }
}

/** Settles an attempt, and says so. */
async function settleAttempt(
  ports: DeliveryPorts,
  sendable: Sendable,
  attempt: Attempt,
  slot: SlotAfter,
): Promise<'settled' | 'lease lost'> {
  const { batch, outcome } = attempt
  const record = recordAttempt(attempt)
  const settled = settledBatch(ports, sendable, attempt)
  const answer = await ports.store.settle({ ...settled, attempt: record, slot })
  logAttempt(ports.log, sendable, { attempt, record })
  if (answer === 'lease lost') {
    ports.log.warn('sender.lease_lost', { laneId: batch.lease.laneId, outcome: outcome.kind })
  }
  return answer
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

function settledBatch(
  { clock }: DeliveryPorts,
  { schedule }: Sendable,
  { batch, outcome }: Attempt,
): Omit<SettledBatch, 'attempt' | 'slot'> {
  const { notifications } = batch
  const now = clock.now()
  const settledAt = { batchSize: notifications.length, now, schedule }
  const probeAt = probeAtAfter(outcome, { now, random: Math.random(), schedule })
  return {
    lease: batch.lease, // its token: who lost it while waiting for the answer settles nothing
    outboundMessageId: batch.outboundMessageId,
    settlements: notifications.map((notification) => ({
      notification,
      settlement: settle(notification, outcome, settledAt),
    })),
    lane: settleLaneByCount(outcome, { probeAt, schedule }),
    regrowth: regrowth(notifications, outcome),
    now,
  }
}
