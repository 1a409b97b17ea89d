import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '../../test/support/notifications.ts'
import { NOON } from '../../test/support/test-clock.ts'
import { HOUR_MS, SECOND_MS } from '../base/clock.ts'
import type { NotificationRun } from '../jobs/job-store.ts'
import type { EmailOverview } from '../mail/mail-store.ts'
import type { OrgRecord } from '../schema/record.ts'
import { KEY_PREFIX, makeRecordId } from '../schema/record-id.ts'
import type { StoryNotification } from './story-notification.ts'
import { timelineOf } from './timeline.ts'

const ID = makeRecordId(KEY_PREFIX.notification, 1)

const QUEUED: StoryNotification = {
  notificationId: ID,
  outboundMessageId: messageId(1),
  outboundMessage: 'Account.Notify_ERP',
  rule: 'Close: Won',
  firedBy: 'rule "Close: Won"',
  state: 'waiting',
  createdAt: NOON,
  dueAt: NOON,
  expiredAt: null,
  failureReason: null,
  attempts: [],
  runs: [],
  whyNotYet: null,
}

const ATTEMPT = { attemptId: 'a', startedAt: NOON, durationMs: 12, reason: null, httpStatus: null }

const RUN: NotificationRun = {
  notificationId: ID,
  runId: 'r1',
  jobConfigId: 'copy',
  submittedBy: 'obm',
  replayOf: null,
  status: 'QUEUED',
  queuedAt: NOON,
  dueAt: NOON,
  attemptCount: 0,
  startedAt: null,
  finishedAt: null,
  returnCode: null,
  failureReason: null,
  stoppedBy: null,
  recordKey: null,
  staleBehind: null,
  skipped: null,
  differingCopies: 0,
}

function textsOf(record: OrgRecord | null, ...notifications: readonly StoryNotification[]) {
  return timelineOf(record, notifications).map(({ text }) => text)
}

test('each outcome of an attempt is told with what is known of it', () => {
  const attempts = [
    { ...ATTEMPT, outcome: 'unsent', reason: 'nobody to be sent as' },
    { ...ATTEMPT, outcome: 'unanswered', reason: 'connection refused' },
    { ...ATTEMPT, outcome: 'refused', reason: 'Ack false', httpStatus: 200 },
    { ...ATTEMPT, outcome: 'acknowledged', httpStatus: 200 },
  ] as const

  assert.deepEqual(textsOf(null, { ...QUEUED, state: 'delivered', attempts }), [
    `rule "Close: Won" fired: Account.Notify_ERP owes ${ID}`,
    `attempt 1 of ${ID} was not sent: nobody to be sent as`,
    `attempt 2 of ${ID} went unanswered (12 ms): connection refused`,
    `attempt 3 of ${ID} was refused (12 ms, HTTP 200): Ack false`,
    `attempt 4 of ${ID} was acknowledged (12 ms, HTTP 200)`,
  ])
})

test('a dead letter is told with its last failure', () => {
  const expiredAt = NOON + 24 * HOUR_MS
  const given = { ...QUEUED, state: 'expired', expiredAt, failureReason: 'Ack false' } as const

  const last = timelineOf(null, [given]).at(-1)
  assert.deepEqual(
    [last?.at, last?.kind, last?.text],
    [expiredAt, 'notificationExpired', `${ID} was given up, and is a dead letter: Ack false`],
  )
})

test('a run and its replay are told by who started them and how they ended', () => {
  const failed = {
    ...RUN,
    status: 'FAILED',
    attemptCount: 3,
    startedAt: NOON + SECOND_MS,
    finishedAt: NOON + 2 * SECOND_MS,
    returnCode: 1,
    failureReason: 'ended with return code 1',
  } as const
  const replayedAt = NOON + HOUR_MS
  const replay = { ...RUN, runId: 'r2', replayOf: 'r1', submittedBy: 'alice', queuedAt: replayedAt }

  assert.deepEqual(textsOf(null, { ...QUEUED, runs: [replay, failed] }).slice(1), [
    `job config copy accepted ${ID}: run r1`,
    'run r1 started its attempt 3',
    'run r1 is FAILED: ended with return code 1',
    'alice replayed run r1: run r2',
  ])
})

test('a record is told from its creation to its last save, or its deletion', () => {
  const [CreatedDate, SystemModstamp] = ['2026-03-02T12:00:00.000Z', '2026-03-02T13:00:00.000Z']
  const recordId = makeRecordId(KEY_PREFIX.account, 1)
  const fields = { IsDeleted: false, CreatedDate, SystemModstamp }
  const record = { objectName: 'Account', recordId, version: 3, fields }

  assert.deepEqual(textsOf({ ...record, version: 1 }), ['the record was created'])
  assert.deepEqual(textsOf(record), [
    'the record was created',
    'the record was changed last (its version 3)',
  ])
  assert.deepEqual(textsOf({ ...record, fields: { ...fields, IsDeleted: true } }), [
    'the record was created',
    'the record was deleted',
  ])
})

test('an e-mail is told when it is owed, and with what became of it', () => {
  const email: EmailOverview = {
    emailId: makeRecordId('02s', 1),
    about: { kind: 'alert', alertKey: 'Account.Welcome' },
    objectName: 'Account',
    recordId: makeRecordId('001', 1),
    ruleFullName: 'Greet%3A new',
    userId: makeRecordId('005', 1),
    createdAt: NOON,
    expiresAt: NOON,
    dueAt: NOON,
    settledAt: NOON + 1,
    attemptCount: 1,
    state: 'sent',
    reason: null,
    subject: 'Hello',
    recipients: 'ann@example.com',
    isLeased: false,
  }
  const told = (more: Partial<EmailOverview>) =>
    timelineOf(null, [], { emails: [{ ...email, ...more }] }).map(({ text }) => text)
  const id = email.emailId
  const queued = `rule "Greet: new" owes the e-mail ${id}: Account.Welcome`

  assert.deepEqual(told({}), [queued, `the e-mail ${id} was sent to ann@example.com`])
  assert.deepEqual(told({ state: 'waiting', settledAt: null }), [queued])
  assert.deepEqual(
    told({ state: 'failed', reason: '550 no' })[1],
    `the e-mail ${id} was given up: 550 no`,
  )
  assert.match(
    told({ state: 'noRecipients', reason: 'Ann is inactive' })[1] ?? '',
    /nobody to go to: Ann/,
  )
})
