import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { HOUR_MS } from '../../src/base/clock.ts'
import { timedIdsFrom } from '../../src/base/timed-id.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { NotificationFilter } from '../../src/outbox/outbox-store.ts'
import { attempted, attempts } from '../../src/store/sql/attempts/attempts.ts'
import { findAttempts } from '../../src/store/sql/attempts/find-attempts.ts'
import {
  cutWithin,
  endAttempts,
  endDeadLetters,
  sumAttempts,
} from '../../src/store/sql/attempts/retain-attempts.ts'
import { HEALTH_OPS } from '../../src/store/sql/health/health.ts'
import type { NamedOp } from '../../src/store/sql/op.ts'
import { lanes, workAhead } from '../../src/store/sql/outbox/lanes.ts'
import { del, retry } from '../../src/store/sql/outbox/people/acts.ts'
import { list } from '../../src/store/sql/outbox/people/list.ts'
import { expire, rescue } from '../../src/store/sql/outbox/rescue.ts'
import { credit } from '../../src/store/sql/outbox/routes/hold.ts'
import { hastenMessage, relive } from '../../src/store/sql/outbox/routes/reroute.ts'
import { laneIdOf } from '../../src/store/sql/outbox/routes/route-lanes.ts'
import { messageId } from '../support/notifications.ts'
import { plannedPostgres, plannedSqlite } from '../support/plans.ts'
import { NOON } from '../support/test-clock.ts'

const [LONG, SHORT] = [messageId(1), messageId(2)]
const [ACME, BOLT] = [laneIdOf('https://acme.example/'), laneIdOf('https://bolt.example/')]
const WAITING = 60_000
const LETTERS = 3000
const ATTEMPTS = 20_000
const ORG_NOW = NOON + HOUR_MS

/** `count` numbers from 1, as rows of `i`: what both databases can count. */
function numbers(count: number): string {
  return `WITH RECURSIVE number(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ${count})`
}

/** The number `i` in eight digits after a prefix, in SQL. */
function idOf(prefix: string): string {
  return `'${prefix}' || substr(CAST(100000000 + i AS TEXT), 2)`
}

function notificationsOf(outboundMessageId: string, count: number, state = 'waiting'): string {
  const expiredAt = state === 'expired' ? 'i' : 'NULL'
  return `INSERT INTO notification (notification_id, outbound_message_id, object_name, record_id,
      rule_full_name, created_at, expires_at, lifetime_ms, due_at, state, expired_at)
    ${numbers(count)}
    SELECT ${idOf(`${outboundMessageId}${state}`)}, '${outboundMessageId}', 'Account', ${idOf('001')},
      'Account changed', ${NOON} + i, ${NOON + LIFETIME_MS} + i, ${LIFETIME_MS}, ${NOON} + i, '${state}', ${expiredAt}
    FROM number`
}

/** A long queue and a short one to one endpoint, another short one to another, dead letters, and a log of attempts. */
const FILLED: readonly string[] = [
  ...[ACME, BOLT].map(
    (lane) => `INSERT INTO lane (lane_id, endpoint_url, slots, configured_slots, next_due_at)
      VALUES ('${lane}', 'https://${lane}/', 16, 16, ${NOON})`,
  ),
  ...[ACME, ACME, BOLT].map(
    (
      lane,
      index,
    ) => `INSERT INTO lane_message (outbound_message_id, lane_id, message_key, lifetime_ms)
      VALUES ('${messageId(index + 1)}', '${lane}', 'Account.M${index}', ${LIFETIME_MS})`,
  ),
  notificationsOf(LONG, WAITING),
  notificationsOf(SHORT, 20),
  notificationsOf(messageId(3), 20),
  notificationsOf(LONG, LETTERS, 'expired'),
  notificationsOf(SHORT, 5, 'expired'),
  `INSERT INTO attempt (attempt_id, outbound_message_id, lane_id, started_at, duration_ms, outcome,
      http_status, is_probe, kept_bytes, request_bytes, response_bytes, endpoint_url, tolerances,
      notification_ids, request_headers, response_headers, request, response)
    ${numbers(ATTEMPTS)}
    SELECT ${idOf('0')}, CASE WHEN i % 1000 = 0 THEN '${SHORT}' ELSE '${LONG}' END,
      CASE WHEN i % 1000 = 0 THEN '${BOLT}' ELSE '${ACME}' END, ${NOON} + i, 5,
      CASE WHEN i % 1000 = 0 THEN 'refused' ELSE 'acknowledged' END,
      CASE WHEN i % 1000 = 0 THEN 500 ELSE 200 END, 0, 1000, 1000, 300, 'https://acme.example/', '[]',
      '[]', '', '', 'a request', 'an answer'
    FROM number`,
  `INSERT INTO attempt_notification (notification_id, attempt_id, record_id, rule_full_name, created_at)
    ${numbers(ATTEMPTS)}
    SELECT ${idOf('04l')}, ${idOf('0')}, ${idOf('001')}, 'Account changed', ${NOON} FROM number`,
]

type Asked = readonly [what: string, op: NamedOp<never, unknown>, ask: unknown, blocksMax: number]

const LIST: readonly (readonly [string, Omit<NotificationFilter, 'limit'>])[] = [
  ['all', {}],
  ['an outbound message with few', { outboundMessageId: SHORT }],
  ['an outbound message with very many', { outboundMessageId: LONG }],
  ['an endpoint', { laneIds: [BOLT] }],
  ['what is held', { state: 'held' }],
  ['the dead letters', { state: 'expired' }],
  ['a message’s dead letters', { state: 'expired', outboundMessageId: SHORT }],
  ['the last hour', { createdFrom: NOON + WAITING - 10, state: 'waiting' }],
  ['a record', { recordId: '00100000007' as never, outboundMessageId: LONG }],
]

function factsOp(): NamedOp<never, unknown> {
  return HEALTH_OPS.find(({ name }) => name === 'health.facts') ?? assert.fail()
}

/** Blocks that what concerns few of them may look at. */
const FEW = 600
/** Blocks that a slice of 2,000 that are changed may look at, each row in its table and all its indexes. */
const SLICE_BLOCKS = 90_000

const ASKED: readonly Asked[] = [
  ...LIST.flatMap(([what, filter]): Asked[] => [
    [`the list of ${what}`, list, { ...filter, limit: 100 }, 1500],
    [`the next due of ${what}`, list, { ...filter, limit: 100, order: 'dueAt' }, 1500],
  ]),
  [
    'Retry of few',
    retry,
    { filter: { outboundMessageId: SHORT, limit: 1e6 }, after: '', now: ORG_NOW },
    1500,
  ],
  ['Del of few', del, { filter: { outboundMessageId: SHORT, limit: 1e6 }, after: '' }, 1500],
  [
    'Retry of a record',
    retry,
    { filter: { recordId: '00100000007', limit: 1e6 }, after: '', now: ORG_NOW },
    FEW,
  ],
  [
    'Retry of very many',
    retry,
    { filter: { outboundMessageId: LONG, limit: 1e6 }, after: '', now: ORG_NOW },
    SLICE_BLOCKS,
  ],
  ['Del of very many', del, { filter: { state: 'expired', limit: 1e6 }, after: '' }, SLICE_BLOCKS],
  ['a sweep that finds nothing to expire', expire, { now: NOON }, FEW],
  ['a sweep that expires many', expire, { now: NOON + 2 * LIFETIME_MS }, SLICE_BLOCKS * 2],
  ['a sweep for lapsed leases and hints', rescue, { now: ORG_NOW }, FEW],
  ['what is ahead', workAhead, undefined, FEW],
  ['the endpoints', lanes, undefined, 4000],
  [
    'time on hold given back',
    credit,
    { outboundMessageId: SHORT, from: NOON, until: ORG_NOW, after: '' },
    FEW,
  ],
  ['a lifetime changed', relive, { outboundMessageId: SHORT, lifetimeMs: 1, after: '' }, FEW],
  ['an endpoint changed', hastenMessage, { outboundMessageId: SHORT, now: NOON }, FEW],
  ['a notification’s attempts', attempts, { notificationId: '04l00000007', limit: 50 }, FEW],
  ['a record’s attempts', attempted, { recordId: '00100000007', limit: 50 }, FEW],
  ['refused attempts', findAttempts, { outcome: 'refused', limit: 50 }, FEW],
  ['attempts of an endpoint', findAttempts, { laneIds: [BOLT], limit: 50 }, FEW],
  ['attempts of an outbound message', findAttempts, { outboundMessageId: SHORT, limit: 50 }, FEW],
  ['attempts with a status', findAttempts, { httpStatus: 500, limit: 50 }, FEW],
  ['the last attempts', findAttempts, { limit: 50 }, FEW],
  ['old attempts ended', endAttempts, { cut: timedIdsFrom(0) }, FEW],
  ['what the attempt log holds, looked at again', sumAttempts, { from: '000019' }, FEW],
  [
    'where the attempt log is cut',
    cutWithin,
    { bucket: '000019', attemptsLeft: 9, bytesLeft: 9 },
    FEW,
  ],
  ['health', factsOp(), undefined, 12_000],
  ['old dead letters ended', endDeadLetters, { before: 10 }, FEW],
]

/** Of what a plan says, that it reads a whole table or a whole index of what there may be a million of. */
const WHOLE =
  /SCAN (notification|n|attempt|attempt_notification)\b(?! USING COVERING INDEX notification_expired)|SCAN [ar] USING|Seq Scan on (notification|attempt)/

for (const [name, open] of [
  ['SQLite', async (t: TestContext) => plannedSqlite(t)],
  ['PostgreSQL', plannedPostgres],
] as const) {
  test(`beside a long queue and a long log nothing is read whole: ${name}`, async (t) => {
    const planned = await open(t)
    await planned.fill(FILLED)
    for (const [what, op, ask, blocksMax] of ASKED) {
      await t.test(what, async () => {
        const plans = await planned.plansOf(op as NamedOp<unknown, unknown>, ask)

        assert.ok(plans.length > 0)
        for (const { sql, text } of plans) assert.doesNotMatch(text, WHOLE, sql)
        const blocks = plans.reduce((sum, each) => sum + each.blocks, 0)
        assert.ok(blocks <= blocksMax, `it looked at ${blocks} blocks`)
      })
    }
  })
}
