import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '../../../../test/support/notifications.ts'
import { plannedSqlite } from '../../../../test/support/plans.ts'
import { NOON } from '../../../../test/support/test-clock.ts'
import type { AttemptFilter } from '../../../outbox/attempt.ts'
import { KEY_PREFIX, makeRecordId } from '../../../schema/record-id.ts'
import { attemptEndpoints, findAttempts } from './find-attempts.ts'

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
  test(`attempts of ${what} are found by an index, in its order`, async (t) => {
    const plans = await plannedSqlite(t).plansOf(findAttempts, { ...page, ...filter })

    for (const { text: each } of plans) {
      assert.match(each, plan)
      // `a` and `r` are what the walk met, which is bounded.
      assert.doesNotMatch(each, /SCAN (?!a$|r$)/m)
    }
  })
}

test('endpoints are found by stepping over the attempts of each', async (t) => {
  const [plan] = await plannedSqlite(t).plansOf(attemptEndpoints, undefined)

  assert.match(plan?.text ?? '', /SEARCH a USING COVERING INDEX attempt_lane \(lane_id>\?\)/)
  assert.doesNotMatch(plan?.text ?? '', /SCAN attempt/)
})
