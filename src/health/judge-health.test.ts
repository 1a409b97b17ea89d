import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOON } from '../../test/support/test-clock.ts'
import { MINUTE_MS, SECOND_MS } from '../base/clock.ts'
import type { HealthFacts, LaneHealth, ProcessView } from './health-store.ts'
import { type HealthPart, judgeHealth } from './judge-health.ts'

const LANE: LaneHealth = {
  endpointUrl: 'https://user:secret@erp.example:8443/in?token=secret',
  isHeld: false,
  probeAt: null,
  failureCount: 0,
  leasedCount: 0,
  dueAt: null,
  oldestCreatedAt: null,
  waitingCount: 0,
}
const SENDER: ProcessView = {
  processId: '1',
  owner: 'host:1',
  roles: ['org', 'sender', 'jobs'],
  seenAgoMs: 5 * SECOND_MS,
  turnedAgoMs: SECOND_MS,
}
const IDLE: HealthFacts = {
  lanes: [LANE],
  deadLetterCount: 0,
  emailDueAt: null,
  timeEntryDueAt: null,
  runDueAt: null,
  processes: [SENDER],
}
const LATE = NOON - 12 * MINUTE_MS

type Case = {
  readonly when: string
  readonly facts: Partial<HealthFacts>
  readonly part: HealthPart['name']
  readonly status?: 'green'
  readonly says: RegExp
}

const CASES: readonly Case[] = [
  {
    when: 'a healthy endpoint waits for long, though nothing failed',
    facts: { lanes: [LANE, { ...LANE, dueAt: LATE }, { ...LANE, dueAt: LATE - 1 }] },
    part: 'outbox',
    says: /^The next notification to erp\.example:8443 has been due for 12 min, though that endpoint answers, and 1 more\.$/,
  },
  {
    when: 'an endpoint is dead, whatever waits for it',
    facts: { lanes: [{ ...LANE, dueAt: LATE, probeAt: NOON, failureCount: 9 }] },
    part: 'endpoints',
    status: 'green',
    says: /^Of 1, 1 \(erp\.example:8443\) do not answer\.$/,
  },
  {
    when: 'all that waits is on hold',
    facts: { lanes: [{ ...LANE, dueAt: LATE, isHeld: true }], processes: [] },
    part: 'endpoints',
    status: 'green',
    says: /on hold/,
  },
  {
    when: 'no sender lives and something is due',
    facts: {
      lanes: [{ ...LANE, dueAt: NOON }],
      processes: [{ ...SENDER, seenAgoMs: 3 * MINUTE_MS }],
    },
    part: 'sender',
    says: /^No process with the role sender has been seen for 3 min, and notifications are due\.$/,
  },
  {
    when: 'no sender lives, and even the only endpoint is dead',
    facts: { lanes: [{ ...LANE, dueAt: LATE, probeAt: NOON }], processes: [] },
    part: 'sender',
    says: /has been seen within a day, and notifications are due/,
  },
  {
    when: 'no sender lives and nothing is due',
    facts: { lanes: [{ ...LANE, dueAt: NOON + 1 }], processes: [] },
    part: 'sender',
    status: 'green',
    says: /nothing is due/,
  },
  {
    when: 'a sender lives and hangs',
    facts: { processes: [{ ...SENDER, turnedAgoMs: 4 * MINUTE_MS }] },
    part: 'sender',
    says: /^No turn of a sender has ended for 4 min\.$/,
  },
  {
    when: 'of two senders one hangs',
    facts: { processes: [SENDER, { ...SENDER, turnedAgoMs: 4 * MINUTE_MS }] },
    part: 'sender',
    status: 'green',
    says: /^2 at work\.$/,
  },
  {
    when: 'e-mails lag',
    facts: { emailDueAt: LATE },
    part: 'email',
    says: /^The next e-mail has been due for 12 min\.$/,
  },
  {
    when: 'the time queue lags for want of a process',
    facts: { timeEntryDueAt: LATE, processes: [{ ...SENDER, roles: ['sender'] }] },
    part: 'timeQueue',
    says: /^The next entry of the time queue has been due for 12 min\. No process with the role org/,
  },
  {
    when: 'job runs lag',
    facts: { runDueAt: LATE },
    part: 'jobs',
    says: /^The next job run has been due for 12 min\.$/,
  },
]

for (const { when, facts, part: name, status = 'red', says } of CASES) {
  test(`health is ${status} when ${when}`, () => {
    const rules = { now: NOON, lateAfterMs: 5 * MINUTE_MS }
    const health = judgeHealth({ ...IDLE, ...facts }, rules)

    const part = health.parts.find((each) => each.name === name)
    assert.match(part?.reason ?? '', says)
    assert.equal(part?.status, status)
    assert.equal(health.status, status)
    assert.ok(!JSON.stringify(health).includes('secret'))
  })
}

test('health is green when nothing waits, and when what waits is not late yet', () => {
  const rules = { now: NOON, lateAfterMs: 5 * MINUTE_MS }
  const due = NOON - 5 * MINUTE_MS
  const lanes = [{ ...LANE, dueAt: due }]

  assert.equal(judgeHealth(IDLE, rules).status, 'green')
  const health = judgeHealth({ ...IDLE, lanes, emailDueAt: due, runDueAt: NOON + 1 }, rules)
  assert.equal(health.status, 'green')
  assert.equal(health.parts.find(({ name }) => name === 'outbox')?.lateMs, 5 * MINUTE_MS)
})
