import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/base/clock.ts'
import { DEFAULT_LIMITS } from '../../src/jobs/run-limits.ts'
import { runRetryDelayMs } from '../../src/jobs/settle-run.ts'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import { retryDelayMs } from '../../src/outbox/settle.ts'
import { parseRecordId } from '../../src/schema/record-id.ts'
import { accountsProject, configuredJob } from '../support/accounts-project.ts'
import { type EndpointReply, openEndpoint } from '../support/endpoint.ts'
import { freePort } from '../support/free-port.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { openRestClient, REST } from '../support/rest-client.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'

const [sqlite, postgres] = storesUnderTest()

type Ask = {
  readonly endpointUrl: string
  readonly config?: object
  readonly devClock?: false
  readonly store?: StoreUnderTest | undefined
}

/** A house whose real clock stands still, so that the org's time is moved by `/dev/clock` alone. */
async function openHouse(t: TestContext, { endpointUrl, config = {}, ...ask }: Ask) {
  const folder = await accountsProject(t, { messages: [{ endpointUrl }], config })
  const house = await openTestHouse(t, {
    ...ask,
    store: ask.store ?? sqlite ?? assert.fail(),
    folder,
  })
  const { client, stores } = house
  return {
    ...house,
    advance: async (advance: string, more: object = {}) => {
      const { status, json } = await client.call('POST', '/dev/clock', { advance, ...more })
      return { status, ...(json as { now: string; steps: number; errorCode: string }) }
    },
    /** When the attempts of the record's notification were, from the start on, and what it is now. */
    storyOf: async (recordId: string) => {
      const attempts = await stores.outbox.attempts({ limit: 5000 })
      const [notification] = await stores.outbox.list({ limit: 10 })
      assert.equal(notification?.recordId, recordId)
      return { attemptedAt: attempts.map((each) => each.startedAt - NOON).reverse(), notification }
    },
  }
}

async function refusing(t: TestContext, ...replies: EndpointReply[]) {
  return { endpointUrl: (await openEndpoint(t, replies)).url }
}

function isoAfter(ms: number): string {
  return new Date(NOON + ms).toISOString()
}

/** When an endpoint that always refuses is asked within a lifetime. */
function schedule(): readonly number[] {
  const moments: number[] = []
  for (let at = 0; at < LIFETIME_MS; at += retryDelayMs(moments.length)) moments.push(at)
  return moments
}

for (const store of [sqlite, postgres]) {
  test(`${store?.name}: a day of retries happens on schedule, and ends as a dead letter`, async (t) => {
    const { client, advance, storyOf } = await openHouse(t, {
      ...(await refusing(t, 'Ack false')),
      store,
    })
    const recordId = await client.createAccount({ Name: 'Never taken' })

    const { now, steps } = await advance('PT24H')

    assert.equal(now, isoAfter(LIFETIME_MS))
    const { attemptedAt, notification } = await storyOf(recordId)
    assert.deepEqual(attemptedAt, schedule())
    assert.deepEqual(attemptedAt.slice(0, 4), [0, 30_000, 90_000, 210_000])
    assert.equal(attemptedAt.length, 19)
    assert.equal(steps, 18) // the first attempt was due before it began
    assert.equal(notification?.state, 'expired')
    assert.equal(notification?.expiredAt, NOON + LIFETIME_MS)
  })
}

test('while an endpoint is down the walk stops at each probe', async (t) => {
  const endpointUrl = `http://127.0.0.1:${await freePort()}/listener`
  const { client, advance, storyOf } = await openHouse(t, { endpointUrl })
  const recordId = await client.createAccount({ Name: 'Never arrives' })

  const { status } = await advance('PT1H')

  assert.equal(status, 200)
  const { attemptedAt } = await storyOf(recordId)
  assert.deepEqual(attemptedAt.slice(0, 5), [0, 30_000, 90_000, 210_000, 450_000])
  const gaps = attemptedAt.slice(5).map((at, index) => at - (attemptedAt[index + 4] ?? 0))
  assert.ok(gaps.length >= 52 && gaps.length <= 105, `${gaps.length} probes`)
  assert.ok(gaps.every((gap) => gap >= 30 * SECOND_MS && gap <= MINUTE_MS))
})

test('a jump stops nowhere on its way: one attempt, then a dead letter', async (t) => {
  const { client, advance, storyOf } = await openHouse(t, await refusing(t, 'Ack false'))
  const recordId = await client.createAccount({ Name: 'Skipped' })

  assert.deepEqual(await advance('P1D', { jump: true }), {
    status: 200,
    now: isoAfter(LIFETIME_MS),
    steps: 0,
  })
  const { attemptedAt, notification } = await storyOf(recordId)
  assert.deepEqual(attemptedAt, [0])
  assert.equal(notification?.state, 'expired')
})

test('a job that fails is tried again on schedule, with the time its attempts were made at', async (t) => {
  const config = {
    endpoints: { 'Account.Tell': '{receiver}/v2/api/jobconfigs/accounts/sfdc/obm' },
    jobConfigs: [configuredJob(['false'])],
  }
  const house = await openHouse(t, { endpointUrl: 'https://example.com/in', config })
  await house.client.createAccount({ Name: 'Makes its job fail' })

  await house.advance('PT10M')

  const [run] = await house.stores.jobs.listRuns({ limit: 5, offset: 0 })
  assert.equal(run?.status, 'FAILED')
  assert.equal(run?.attemptCount, 5)
  assert.equal(
    run?.finishedAt,
    NOON + [1, 2, 3, 4].reduce((ms, n) => ms + runRetryDelayMs(DEFAULT_LIMITS, n), 0),
  )
})

test('records bear the moved time, sessions do not age, and the shift outlives the program', async (t) => {
  const { client, advance, stores, clock } = await openHouse(t, await refusing(t, 'Ack true'))
  await advance('P30D', { jump: true })

  const id = await client.createAccount({ Name: 'From next month' })

  const { json } = await client.call('GET', `${REST}/sobjects/Account/${id}`)
  const { CreatedDate } = json as { CreatedDate: string }
  assert.equal(Date.parse(CreatedDate), NOON + 30 * 24 * HOUR_MS)
  assert.equal(clock.real(), NOON)
  assert.equal(await stores.org.readSetting('clockShiftMs'), String(30 * 24 * HOUR_MS))
})

test('a wrong request moves nothing', async (t) => {
  const { client, advance, url } = await openHouse(t, await refusing(t, 'Ack true'))

  for (const wrong of ['24H', 'P1M', '-PT1H', 'P400D', '']) {
    const { status, errorCode } = await advance(wrong)
    assert.deepEqual({ status, errorCode }, { status: 400, errorCode: 'DURATION_INVALID' }, wrong)
  }
  const { errorCode } = await advance('PT1H', { jump: 'yes' })
  assert.equal(errorCode, 'INVALID_INPUT')
  assert.equal((await client.call('POST', '/dev/clock')).status, 400)
  for (const method of ['GET', 'POST']) {
    const { status, json } = await openRestClient(url, 'no such token').call(method, '/dev/clock')
    assert.equal(status, 401)
    assert.equal((json as { errorCode: string }).errorCode, 'INVALID_SESSION_ID')
  }
  const { status, json } = await client.call('GET', '/dev/clock')
  assert.deepEqual({ status, json }, { status: 200, json: { now: isoAfter(0) } })
})

test('who may not see Setup moves no clock', async (t) => {
  const { client, house, url } = await openHouse(t, await refusing(t, 'Ack true'))
  const soql = encodeURIComponent("SELECT Id FROM Profile WHERE Name = 'Standard User'")
  const found = await client.call('GET', `${REST}/query?q=${soql}`)
  const [profile] = (found.json as { records: readonly { Id: string }[] }).records
  const { json } = await client.call('POST', `${REST}/sobjects/User`, {
    Username: 'joe@obm.example',
    LastName: 'Joe',
    Email: 'joe@obm.example',
    Alias: 'joe',
    ProfileId: profile?.Id,
    TimeZoneSidKey: 'UTC',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  })
  const { token } = await house.org.sessions.start(parseRecordId((json as { id: string }).id))

  const joe = openRestClient(url, token)
  const refused = await joe.call('POST', '/dev/clock', { advance: 'PT1H' })

  assert.equal(refused.status, 403)
  assert.equal((refused.json as { errorCode: string }).errorCode, 'INSUFFICIENT_ACCESS')
  assert.equal((await joe.call('GET', '/dev/clock')).status, 403)
  assert.equal(house.org.clock.now(), NOON)
})

test('only obm dev has a clock in hand', async (t) => {
  const { client } = await openHouse(t, { ...(await refusing(t, 'Ack true')), devClock: false })
  assert.equal((await client.call('GET', '/dev/clock')).status, 404)
  assert.equal((await client.call('POST', '/dev/clock', { advance: 'PT1H' })).status, 404)
})
