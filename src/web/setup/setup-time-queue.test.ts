import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestWeb } from '../../../test/support/open-test-web.ts'
import { NOON } from '../../../test/support/test-clock.ts'
import { queueing, timeEntry } from '../../../test/support/time-entries.ts'
import { DAY_MS } from '../../base/clock.ts'
import { KEY_PREFIX, makeRecordId, parseRecordId } from '../../schema/record-id.ts'

type Json = Record<string, unknown>

/** Two records that wait: an account that is there, by its own user, and one that is not. */
async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  const call = async (method: string, path: string, body?: unknown) =>
    (await web.call(method, `/setup/api/time-queue${path}`, body)) as { status: number; json: Json }
  const [admin] = (
    await web.stores.org.readRecords([{ kind: 'all', objectName: 'User', limit: 1 }])
  ).records
  const account = (await web.call('POST', '/services/data/v60.0/sobjects/Account', {
    Name: 'Acme',
  })) as { json: { id: string } }
  const source = { kind: 'rule', ruleFullName: 'Due%3A soon', triggerIndex: 0 } as const
  const one = timeEntry({
    source,
    recordId: parseRecordId(account.json.id),
    userId: admin?.recordId ?? assert.fail(),
    dueAt: NOON + DAY_MS,
  })
  const somebody = makeRecordId(KEY_PREFIX.user, 99)
  const other = timeEntry({ objectName: 'Contact', dueAt: NOON, userId: somebody })
  await web.stores.org.commit(queueing([one, other]))
  const listed = async (query: string) => {
    const { json } = await call('GET', query)
    return (json.entries as Json[]).map(({ entryId }) => entryId)
  }
  return { call, listed, one, other, username: admin?.fields['Username'], web }
}

test('what is due later is listed as Salesforce lists it, and found by what people know of it', async (t) => {
  const { call, listed, one, other, username } = await setup(t)

  const { status, json } = await call('GET', '?rule=due:')

  assert.equal(status, 200)
  assert.equal(json.timeZone, 'UTC')
  assert.equal(json.isComplete, true)
  assert.partialDeepStrictEqual((json.entries as Json[])[0], {
    entryId: one.entryId,
    name: 'Due: soon',
    objectName: 'Account',
    recordName: 'Acme',
    dueAt: new Date(NOON + DAY_MS).toISOString(),
    createdBy: username,
    state: 'pending',
  })
  assert.deepEqual(await listed(''), [other.entryId, one.entryId])
  assert.deepEqual(await listed('?object=account'), [one.entryId])
  assert.deepEqual(await listed(`?createdBy=${username}`), [one.entryId])
  assert.deepEqual(await listed('?recordName=ACM'), [one.entryId])
  assert.deepEqual(await listed('?dueBefore=2026-03-03'), [other.entryId])
  assert.deepEqual(await listed('?dueFrom=2026-03-03T12:00:00Z'), [one.entryId])
  assert.deepEqual(await listed('?state=removed'), [])
  assert.equal((await call('GET', `/${one.entryId}`)).json.entryId, one.entryId)
})

test('a person removes entries or has them run now; what was removed says by whom', async (t) => {
  const { call, listed, one, other, username, web } = await setup(t)

  const removed = await call('POST', '/del', { entryIds: [one.entryId] })
  const hastened = await call('POST', '/run', { object: 'Contact' })

  assert.deepEqual([removed.json, hastened.json], [{ count: 1 }, { count: 1 }])
  assert.deepEqual(await listed(''), [other.entryId])
  assert.deepEqual((await listed('?state=any')).toSorted(), [one.entryId, other.entryId])
  const shown = await call('GET', `/${one.entryId}`)
  assert.equal(shown.json.failureReason, `removed by ${username}`)
  const [hastenedEntry] = await web.stores.timeQueue.list({ entryIds: [other.entryId], limit: 1 })
  assert.ok((hastenedEntry?.attemptAt ?? 0) > NOON)
})

test('a wrong question is refused, and a change that does not say what it means changes nothing', async (t) => {
  const { call, listed } = await setup(t)

  for (const query of ['?state=lost', '?dueBefore=soon', '?createdBy=nobody', '?recordId=x']) {
    const { status, json } = await call('GET', query)
    assert.deepEqual([status, json.errorCode], [400, 'INVALID_INPUT'], query)
  }
  for (const body of [{}, { entryIds: 'all' }, { entryIds: [1] }]) {
    assert.equal((await call('POST', '/del', body)).status, 400)
    assert.equal((await call('POST', '/run', body)).status, 400)
  }
  assert.equal((await call('GET', '/none')).status, 404)
  assert.equal((await listed('')).length, 2)
})
