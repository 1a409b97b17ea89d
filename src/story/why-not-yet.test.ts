import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId, notifications } from '../../test/support/notifications.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { MINUTE_MS, SECOND_MS } from '../base/clock.ts'
import { DEFAULT_PACE } from '../outbox/lane-pace.ts'
import type { LaneView, NotificationView } from '../outbox/outbox-store.ts'
import { AHEAD_MAX, type Turn, whyNotYet } from './why-not-yet.ts'

type Case = {
  readonly when: string
  readonly notification?: Partial<NotificationView>
  /** Null: no lane. */
  readonly lane?: Partial<LaneView> | null
  readonly aheadCount?: number
  readonly turn?: Partial<Turn>
  readonly says: string | null
}

const MESSAGE = {
  outboundMessageId: messageId(1),
  outboundMessage: 'Account.Notify_ERP',
  heldReason: null,
  heldAt: null,
  waitingCount: 1,
  waitingIsAtLeast: false,
}

const CASES: readonly Case[] = [
  {
    when: 'it was given up',
    notification: { state: 'expired', expiredAt: NOON },
    says: null,
  },
  {
    when: 'it is in a message on its way, though its lane was put on hold meanwhile',
    notification: { isLeased: true, heldReason: 'repair' },
    lane: { heldReason: 'repair', heldAt: NOON },
    says: 'It is being sent now.',
  },
  {
    when: 'its outbound message is on hold, whatever its lane does',
    notification: { heldReason: 'asked by sales' },
    lane: {
      probeAt: NOON + SECOND_MS,
      outboundMessages: [{ ...MESSAGE, heldReason: 'asked by sales', heldAt: NOON - MINUTE_MS }],
    },
    says: 'Its outbound message is on hold since 2026-03-02T11:59:00.000Z: asked by sales.',
  },
  {
    when: 'its lane is on hold',
    notification: { heldReason: 'moving house' },
    lane: { heldReason: 'moving house', heldAt: NOON },
    says: 'All that goes to erp.example:8443 is on hold since 2026-03-02T12:00:00.000Z: moving house.',
  },
  {
    when: 'it was on hold when it was listed, and its lane is not there any more',
    notification: { heldReason: 'no definition names it' },
    lane: null,
    says: 'It is on hold: no definition names it.',
  },
  {
    when: 'no definition says where it goes',
    notification: { laneId: null },
    lane: null,
    says: 'Its outbound message has no endpoint yet: no definition names one.',
  },
  {
    when: 'its breaker is open',
    notification: { failureReason: 'connection refused', dueAt: NOON + MINUTE_MS },
    lane: { failureCount: 7, probeAt: NOON + 30 * SECOND_MS },
    says: 'erp.example:8443 left the last 7 attempts unanswered (connection refused); the next probe goes at 2026-03-02T12:00:30.000Z.',
  },
  {
    when: 'its breaker is open, and it was in no attempt itself',
    lane: { failureCount: 5, probeAt: NOON },
    says: 'erp.example:8443 left the last 5 attempts unanswered; the next probe is due now.',
  },
  {
    when: 'its next attempt is due later',
    notification: { attemptCount: 2, failureReason: 'Ack false', dueAt: NOON + MINUTE_MS },
    says: 'Attempt 3 is due at 2026-03-02T12:01:00.000Z; the last one failed: Ack false.',
  },
  {
    when: 'its first attempt is due later',
    notification: { dueAt: NOON + 1 },
    says: 'Attempt 1 is due at 2026-03-02T12:00:00.001Z.',
  },
  {
    when: 'others are due before it',
    aheadCount: 12,
    says: 'It is due, and waits for its turn behind 12 of the same outbound message.',
  },
  {
    when: 'more are due before it than are counted',
    aheadCount: AHEAD_MAX,
    says: 'It is due, and waits for its turn behind at least 200 of the same outbound message.',
  },
  {
    when: 'it has been due for a minute, and nobody sends',
    notification: { dueAt: NOON - MINUTE_MS },
    says: 'It has been due since 2026-03-02T11:59:00.000Z, and nothing is being sent there: do the senders take their turns?',
  },
  {
    when: 'it has been due for a minute, and its endpoint is slow',
    notification: { dueAt: NOON - MINUTE_MS },
    lane: { leasedCount: 16 },
    says: 'It is due, and waits for a slot: 16 messages are on the way to erp.example:8443, as many as may be at once.',
  },
  {
    when: 'others are due before it, and some were delivered lately',
    aheadCount: 120,
    lane: { leasedCount: 1 },
    turn: { perSecond: 10 },
    says: 'It is due, and waits for its turn behind 120 of the same outbound message, about 12 s at the pace of its last messages; 1 message is on the way to erp.example:8443 now.',
  },
  {
    when: 'more are before it than are counted, and some were delivered lately',
    aheadCount: AHEAD_MAX,
    turn: { perSecond: 0.5 },
    says: 'It is due, and waits for its turn behind at least 200 of the same outbound message, at least about 7 min at the pace of its last messages.',
  },
  {
    when: 'it is due, and no sender has been seen for some minutes',
    notification: { dueAt: NOON - SECOND_MS },
    aheadCount: 3,
    turn: { senderMissed: { seenAgoMs: 5 * MINUTE_MS } },
    says: 'It has been due since 2026-03-02T11:59:59.000Z, and no process with the role sender has been seen for 5 min.',
  },
  {
    when: 'the probe of its open breaker is due, and there never was a sender',
    lane: { failureCount: 7, probeAt: NOON },
    turn: { senderMissed: { seenAgoMs: null } },
    says: 'It has been due since 2026-03-02T12:00:00.000Z, and no process with the role sender has been seen within a day.',
  },
  {
    when: 'it is due later, and there is no sender now',
    notification: { dueAt: NOON + MINUTE_MS },
    turn: { senderMissed: { seenAgoMs: null } },
    says: 'Attempt 1 is due at 2026-03-02T12:01:00.000Z.',
  },
  {
    when: 'nothing can be sent as its user',
    notification: { attemptCount: 1, failureReason: 'x', dueAt: NOON + MINUTE_MS },
    turn: { userReason: 'There is no active user me@example.com.' },
    says: 'Nothing can be sent: There is no active user me@example.com. It is looked at again at 2026-03-02T12:01:00.000Z.',
  },
  {
    when: 'nothing can be sent as its user, and it is due now',
    turn: { userReason: 'There is no active user me@example.com.' },
    says: 'Nothing can be sent: There is no active user me@example.com. It is looked at again with the next turn of a sender.',
  },
  {
    when: 'the clock of the org was moved',
    notification: { dueAt: NOON + MINUTE_MS },
    turn: { shiftMs: 24 * 60 * MINUTE_MS },
    says: "Attempt 1 is due at 2026-03-02T12:01:00.000Z. The org's time is 24 h ahead of real time: /dev/clock has moved it.",
  },
  { when: 'it became due now', says: 'It is due, and goes with the next turn of a sender.' },
  {
    when: 'its endpoint is sent so many messages a second, and had them',
    lane: { pace: { slots: 16, messagesPerSecond: 2.5 }, isLimited: true },
    aheadCount: 3,
    says: 'It is due, and waits for its turn: erp.example:8443 is sent 2.5 messages a second at most.',
  },
  {
    when: 'as many messages as may be are on their way to its endpoint',
    lane: { pace: { slots: 1, messagesPerSecond: null }, leasedCount: 1 },
    says: 'It is due, and waits for a slot: one message is on the way to erp.example:8443, as many as may be at once.',
  },
]

for (const each of CASES) {
  test(`why not yet, when ${each.when}`, () => {
    assert.equal(whyNotYet(notificationOf(each), turnOf(each)), each.says)
  })
}

function notificationOf({ notification }: Case): NotificationView {
  const [made] = notifications(1)
  assert.ok(made)
  return {
    ...made,
    attemptCount: 0,
    refusalCount: 0,
    batchLimit: 100,
    outboundMessage: 'Account.Notify_ERP',
    isRegrown: false,
    dueAt: NOON,
    failureReason: null,
    state: 'waiting',
    expiredAt: null,
    isLeased: false,
    laneId: 'lane',
    heldReason: null,
    ...notification,
  }
}

function turnOf({ lane, aheadCount = 0, turn = {} }: Case): Turn {
  const open: LaneView = {
    laneId: 'lane',
    endpointUrl: 'https://user:secret@erp.example:8443/in?token=secret',
    failureCount: 0,
    probeAt: null,
    heldReason: null,
    heldAt: null,
    leasedCount: 0,
    pace: DEFAULT_PACE,
    pacedBy: null,
    isLimited: false,
    waitingCount: 1,
    waitingIsAtLeast: false,
    oldestCreatedAt: NOON,
    outboundMessages: [MESSAGE],
  }
  return {
    lane: lane === null ? null : { ...open, ...lane },
    aheadCount,
    perSecond: null,
    userReason: null,
    senderMissed: null,
    shiftMs: 0,
    now: NOON,
    ...turn,
  }
}
