import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newEmails } from '../../../test/support/emails.ts'
import { openTestWeb } from '../../../test/support/open-test-web.ts'

type Json = Readonly<Record<string, unknown>>

async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  const emails = newEmails(3, { createdAt: Date.now(), expiresAt: Date.now() + 60_000 })
  await web.stores.org.commit({ records: [], notifications: [], emails, expectations: [] })
  const ask = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await web.call(method, `/setup/api${path}`, body)
    return { status, json: json as Json }
  }
  return { ...web, emails, ask }
}

test('e-mails are listed and counted by state, record and alert', async (t) => {
  const { ask, emails } = await setup(t)
  const [first] = emails
  const listed = await ask('GET', '/emails?state=waiting&limit=2')
  assert.equal(listed.json.total, 3)
  assert.equal((listed.json.emails as Json[]).length, 2)
  assert.equal((await ask('GET', `/emails?recordId=${first?.recordId}`)).json.total, 1)
  assert.equal((await ask('GET', '/emails?alert=account.welcome')).json.total, 3)
  assert.equal((await ask('GET', '/emails?state=failed,sent')).json.total, 0)

  const shown = await ask('GET', `/emails/${first?.emailId}`)
  assert.equal(shown.json.composed, null)
  assert.match(String(shown.json.dueAt), /^\d{4}-\d\d-\d\dT/)
  assert.equal((await ask('GET', '/emails/02s00000000000zAAA')).status, 404)
})

test('one is retried or removed by its id, or all that a filter names', async (t) => {
  const { ask, emails } = await setup(t)
  const emailIds = [emails[0]?.emailId]
  assert.deepEqual((await ask('POST', '/emails/retry', { emailIds })).json, { count: 1 })
  assert.deepEqual((await ask('POST', '/emails/del', { emailIds })).json, { count: 1 })
  assert.deepEqual((await ask('POST', '/emails/del', { state: 'failed' })).json, { count: 0 })
  assert.deepEqual((await ask('POST', '/emails/del', { all: true })).json, { count: 2 })
})

test('a change that says nothing of what it means changes nothing; what is misspelt is refused', async (t) => {
  const { ask } = await setup(t)
  for (const [path, body] of [
    ['/emails/del', {}],
    ['/emails/retry', {}],
    ['/emails/del', { state: 'gone' }],
    ['/emails/del', { emailIds: ['x'] }],
    ['/emails/del', { emailIds: 'x' }],
    ['/emails/del', { all: true, limit: 0 }],
  ] as const) {
    const { status, json } = await ask('POST', path, body)
    assert.deepEqual([status, json.errorCode], [400, 'INVALID_INPUT'], JSON.stringify(body))
  }
  assert.equal((await ask('GET', '/emails')).json.total, 3)
})
