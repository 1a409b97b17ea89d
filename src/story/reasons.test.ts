import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ACKNOWLEDGED,
  askAt,
  notifications,
  routeOf,
  settledAs,
} from '../../test/support/notifications.ts'
import { openTestWeb } from '../../test/support/open-test-web.ts'
import { MINUTE_MS, SECOND_MS } from '../base/clock.ts'
import { makeTimedId } from '../base/timed-id.ts'

test('the reason goes by which senders live, what is ahead, and the pace of what was delivered', async (t) => {
  const { stores, call } = await openTestWeb(t)
  const { outbox, health } = stores
  const now = Date.now()
  const owed = notifications(6, { createdAt: now - 30 * SECOND_MS })
  await stores.org.commit({ records: [], notifications: owed, expectations: [] })
  await outbox.route([routeOf(1, 'http://127.0.0.1:9/in')], now)
  const last = owed.at(-1)?.notificationId
  const reason = async () => {
    const { json } = await call('GET', `/setup/api/outbox/${last}`)
    return (json as { notification: { whyNotYet: string } }).notification.whyNotYet
  }

  assert.match(await reason(), /no process with the role sender has been seen within a day\.$/)

  await health.beat({ processId: 'p', owner: 'h:1', roles: ['sender'], turnedAgoMs: 0 })
  assert.match(await reason(), /waits for its turn behind 5 of the same outbound message\.$/)

  for (const startedAt of [now - 20 * SECOND_MS, now - 10 * SECOND_MS]) {
    const [batch] = await outbox.lease(askAt(now, { limit: 1 }))
    assert.ok(batch)
    const settled = settledAs(ACKNOWLEDGED, batch, now)
    const attempt = { ...settled.attempt, startedAt, attemptId: makeTimedId(startedAt) }
    await outbox.settle({ ...settled, attempt })
  }
  // Two in the last twenty seconds, three ahead.
  assert.match(
    await reason(),
    /behind 3 of the same outbound message, about (29|3\d) s at the pace/,
  )

  await outbox.lease(askAt(now, { limit: 1 }))
  assert.match(await reason(), /behind 2 .*; 1 message is on the way to 127\.0\.0\.1:9 now\.$/)
  await outbox.hold(
    { kind: 'outboundMessage', outboundMessageId: routeOf(1, '').outboundMessageId },
    'for repair',
    now + MINUTE_MS,
  )
  assert.match(await reason(), /on hold since .*: for repair\.$/)
})
