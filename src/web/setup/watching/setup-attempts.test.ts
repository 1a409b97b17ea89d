import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  leaseOne,
  messageId,
  notifications,
  REFUSED,
  routeOf,
  settledAs,
} from '../../../../test/support/notifications.ts'
import { openTestWeb } from '../../../../test/support/open-test-web.ts'

type Json = Record<string, unknown>

test('the attempt log is searched, paged and shown, and says what it was asked wrongly', async (t) => {
  const { stores, call } = await openTestWeb(t)
  const get = async (path: string) => {
    const { status, json } = await call('GET', `/setup/api/attempts${path}`)
    return { status, json: json as Json & { attempts: readonly Json[] } }
  }
  const now = Date.now()
  const owed = notifications(3, { createdAt: now })
  await stores.org.commit({ records: [], notifications: owed, expectations: [] })
  const endpointUrl = 'http://erp.example:9000/in?key=secret'
  await stores.outbox.route([routeOf(1, endpointUrl)], now)
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const batch = await leaseOne(stores.outbox, now, { limit: 1 })
    assert.ok(batch)
    const settled = settledAs(REFUSED, batch, now)
    const masked = 'http://erp.example:9000/in?key=***'
    await stores.outbox.settle({
      ...settled,
      attempt: { ...settled.attempt, endpointUrl: masked },
    })
  }

  const first = await get('?limit=2')
  assert.equal(first.json.attempts.length, 2)
  assert.ok(!('request' in (first.json.attempts[0] ?? {})))
  const second = await get(`?limit=2&after=${first.json.after}`)
  assert.equal(second.json.attempts.length, 1)
  assert.equal(second.json.after, null)
  const [notification] = owed
  for (const [query, count] of [
    [`record=${notification?.recordId}`, 1],
    [`message=${messageId(1)}&outcome=refused&status=200`, 3],
    ['message=account.notify_erp', 3],
    ['endpoint=ERP.example:9000', 3],
    [`endpoint=${encodeURIComponent(endpointUrl)}`, 3],
    [`endpoint=${first.json.attempts[0]?.laneId}`, 3],
    ['endpoint=other.example', 0],
    ['outcome=unsent', 0],
    [`from=${new Date(now).toISOString()}`, 3],
    [`to=${new Date(now).toISOString()}`, 0],
  ] as const) {
    assert.equal((await get(`?${query}`)).json.attempts.length, count, query)
  }

  const shown = await get(`/${first.json.attempts[0]?.attemptId}`)
  assert.equal(shown.json.request, '<request/>')
  assert.equal(shown.json.startedAt, new Date(now).toISOString())
  assert.equal((await get('/nosuchattempt')).status, 404)
  for (const bad of ['outcome=lost', 'status=42', 'from=yesterday', 'after=-', 'message=A.B']) {
    const { status, json } = await get(`?${bad}`)
    assert.deepEqual([status, json.errorCode], [400, 'INVALID_INPUT'], bad)
  }
})
