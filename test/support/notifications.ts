import { makeTimedId } from '../../src/base/timed-id.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { DEFAULT_PACE } from '../../src/outbox/lane-pace.ts'
import { LIFETIME_MS, type NewNotification } from '../../src/outbox/notification.ts'
import type {
  LaneAsk,
  LeasedBatch,
  OutboxStore,
  Route,
  SettledBatch,
} from '../../src/outbox/outbox-store.ts'
import {
  type AttemptOutcome,
  nextProbeAt,
  regrowth,
  settle,
  settleLaneByCount,
} from '../../src/outbox/settle.ts'
import { KEY_PREFIX, makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import { NOON } from './test-clock.ts'

/** An outbox to test, and the way a save puts notifications in it. */
export type OutboxUnderTest = {
  readonly outbox: OutboxStore
  enqueue(notifications: readonly NewNotification[]): Promise<void>
}

/** The id of the outbound message number `serial`. */
export function messageId(serial: number): RecordId {
  return makeRecordId(KEY_PREFIX.outboundMessage, serial)
}

let serial = 0

/** `count` notifications of new accounts for one outbound message, each with an id of its own. */
export function notifications(
  count: number,
  { outboundMessageId = messageId(1), createdAt = NOON } = {},
): readonly NewNotification[] {
  return Array.from({ length: count }, () => {
    serial += 1
    return {
      notificationId: makeRecordId(KEY_PREFIX.notification, serial),
      outboundMessageId,
      objectName: 'Account',
      recordId: makeRecordId(KEY_PREFIX.account, serial),
      ruleFullName: 'Account changed',
      createdAt,
      expiresAt: createdAt + LIFETIME_MS,
    }
  })
}

/** The route of the outbound message number `serial`, by the default schedule. */
export function routeOf(serial: number, endpointUrl: string, more: Partial<Route> = {}): Route {
  return {
    outboundMessageId: messageId(serial),
    key: `Account.Message_${serial}`,
    endpointUrl,
    heldReason: null,
    schedule: DEFAULT_SCHEDULE,
    pace: DEFAULT_PACE,
    ...more,
  }
}

/** What a sender asks for at `now`, with a lease of a minute. */
export function askAt(now: number, more: Partial<LaneAsk> = {}): LaneAsk {
  return { owner: 'test', count: 1, limit: 100, probeLimit: 10, now, leaseMs: 60_000, ...more }
}

/** The next batch that a sender gets, or null. */
export async function leaseOne(
  outbox: OutboxStore,
  now: number,
  more: Partial<LaneAsk> = {},
): Promise<LeasedBatch | null> {
  const [batch] = await outbox.lease(askAt(now, more))
  return batch ?? null
}

/** What a sender settles after an attempt that came to `outcome`. */
export function settledAs(
  outcome: AttemptOutcome,
  batch: LeasedBatch,
  now: number,
  schedule = DEFAULT_SCHEDULE,
): SettledBatch {
  const { notifications } = batch
  return {
    lease: batch.lease,
    outboundMessageId: batch.outboundMessageId,
    settlements: notifications.map((notification) => ({
      notification,
      settlement: settle(notification, outcome, {
        batchSize: notifications.length,
        now,
        schedule,
      }),
    })),
    lane: settleLaneByCount(outcome, { probeAt: nextProbeAt(now, 1, schedule), schedule }),
    regrowth: regrowth(notifications, outcome),
    now,
    slot: { kind: 'freed', givenBackCount: 0 },
    attempt: {
      attemptId: makeTimedId(now),
      outboundMessageId: batch.outboundMessageId,
      laneId: batch.lease.laneId,
      startedAt: now,
      durationMs: 5,
      sentMs: 1,
      headersMs: 4,
      endpointUrl: batch.endpointUrl,
      notificationIds: notifications.map((each) => each.notificationId),
      outcome: outcome.kind,
      reason: outcome.kind === 'acknowledged' ? null : outcome.reason,
      httpStatus: 200,
      isProbe: batch.isProbe,
      tolerances: [],
      requestBytes: 10,
      responseBytes: 11,
      requestHeaders: 'content-type: text/xml\n',
      responseHeaders: '',
      request: '<request/>',
      response: '<response/>',
    },
  }
}

export const ACKNOWLEDGED: AttemptOutcome = { kind: 'acknowledged' }
export const REFUSED: AttemptOutcome = { kind: 'refused', reason: 'SOAP response was a nack' }
export const UNANSWERED: AttemptOutcome = {
  kind: 'unanswered',
  reason: 'java.net.ConnectException: Connection refused',
}
