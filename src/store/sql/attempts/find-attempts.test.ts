import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { messageId } from '../../../../test/support/notifications.ts'
import { NOON } from '../../../../test/support/test-clock.ts'
import type { AttemptFilter } from '../../../outbox/attempt.ts'
import { KEY_PREFIX, makeRecordId } from '../../../schema/record-id.ts'
import { SQLITE } from '../../sqlite/database.ts'
import type { Op, SqlStep } from '../op.ts'
import { OUTBOX_SCHEMA } from '../outbox-schema.ts'
import { attemptEndpoints, findAttempts } from './find-attempts.ts'
import { attemptsCut } from './retain-attempts.ts'

const page = { after: 'zzz', from: NOON, to: NOON + 1, limit: 50 }
const RECORD = makeRecordId(KEY_PREFIX.account, 1)

const ASKED: readonly [string, Omit<AttemptFilter, 'limit'>, RegExp][] = [
  ['nothing but the time', {}, /SEARCH a USING INDEX sqlite_autoindex_attempt_1/],
  ['an outcome that is the rule', { outcome: 'acknowledged' }, /sqlite_autoindex_attempt_1/],
  ['an outcome', { outcome: 'refused' }, /attempt_failed \(outcome=\? AND attempt_id>/],
  ['a status', { httpStatus: 500 }, /attempt_status \(http_status=\? AND attempt_id>/],
  [
    'an outbound message',
    { outboundMessageId: messageId(1), outcome: 'refused' },
    /attempt_message \(outbound_message_id=\? AND attempt_id>/,
  ],
  ['an endpoint', { laneIds: ['a'], httpStatus: 500 }, /attempt_lane \(lane_id=\? AND attempt_id>/],
  [
    'a record',
    { recordId: RECORD, httpStatus: 500 },
    /attempt_notification_record \(record_id=\? AND attempt_id>/,
  ],
]

for (const [what, filter, plan] of ASKED) {
  test(`attempts of ${what} are found by an index, in its order`, () => {
    const plans = plansOf(findAttempts.body(SQLITE, { ...page, ...filter }))

    for (const each of plans) {
      assert.match(each, plan)
      // `a` and `r` are what the walk met, which is bounded.
      assert.doesNotMatch(each, /SCAN (?!a$|r$)/m)
    }
  })
}

test('endpoints are found by stepping over the attempts of each', () => {
  const [plan = ''] = plansOf(attemptEndpoints.body(SQLITE, undefined))

  assert.match(plan, /SEARCH a USING COVERING INDEX attempt_lane \(lane_id>\?\)/)
  assert.doesNotMatch(plan, /SCAN attempt/)
})

test('what the log may hold is added up without reading its texts', () => {
  const bounds = { attemptsBefore: NOON, attemptsMax: 1, attemptsBytesMax: 1 }
  const [plan = ''] = plansOf(attemptsCut.body(SQLITE, bounds))

  assert.match(plan, /SCAN attempt USING COVERING INDEX attempt_message/)
})

/** How SQLite goes about each statement of an op that finds nothing. */
function plansOf(op: Op<unknown>): readonly string[] {
  const db = new DatabaseSync(':memory:')
  for (const statement of OUTBOX_SCHEMA) db.exec(statement)
  const plans: string[] = []
  let step: IteratorResult<SqlStep, unknown> = op.next()
  while (!step.done) {
    assert.equal(step.value.kind, 'rows')
    if (step.value.kind !== 'rows') break
    const { sql, params } = step.value
    const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(params as string[]))
    plans.push(rows.map(({ detail }) => String(detail)).join('\n'))
    step = op.next({ rows: [], changed: 0 })
  }
  db.close()
  return plans
}
