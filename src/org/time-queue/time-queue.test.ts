import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  MORNING,
  openTestOrg,
  type TestDefinitions,
  type TestOrg,
} from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  fieldUpdate,
  sendableMessage,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../base/clock.ts'
import type { FieldUpdate, TimeTrigger, WorkflowRule } from '../../rules/workflow-rule.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { openOrg } from '../open-org.ts'
import { rawFields } from '../save/record-edit.ts'
import { TRIES_MAX } from './settle-entry.ts'
import { openTimeQueue } from './time-queue.ts'

const [sqlite, postgres] = storesUnderTest()
const TELL = { name: 'Tell_ERP', type: 'OutboundMessage' }
const updating = (name: string) => ({ name, type: 'FieldUpdate' })

function dayLater(...actions: readonly TimeTrigger['actions'][number][]): TimeTrigger {
  return { actions, offsetFromField: null, timeLength: 1, unit: 'Days' }
}

/** A rule that waits for a day while the rating of an account is hot. */
function hot(trigger: TimeTrigger, more: Partial<WorkflowRule> = {}): WorkflowRule {
  const formula = 'ISPICKVAL(Rating, "Hot")'
  const triggerType = 'onCreateOrTriggeringUpdate'
  const timeTriggers = [trigger]
  return workflowRule({ fullName: 'Hot', formula, triggerType, actions: [], timeTriggers, ...more })
}

type Setup = {
  readonly rules: readonly WorkflowRule[]
  readonly updates?: readonly FieldUpdate[]
  readonly more?: TestDefinitions
  readonly store?: typeof sqlite | undefined
}

async function open(t: TestContext, { rules, updates = [], more = [], store = sqlite }: Setup) {
  const definitions = (some: readonly WorkflowRule[]) => [
    ...asDefinitions({ rules: some, fieldUpdates: updates, messages: [sendableMessage()] }),
    ...more,
  ]
  const house = await openTestOrg(t, {
    definitions: definitions(rules),
    store: store ?? assert.fail(),
  })
  const { stores, org, clock } = house
  const queue = openTimeQueue({ org, store: stores.timeQueue })
  return {
    ...house,
    queue,
    /** Looks so much later. */
    turnAfter: async (ms: number) => {
      clock.at += ms
      return queue.turn()
    },
    hotAccount: (fields: object = {}) =>
      house.create('Account', { Name: 'Acme', Rating: 'Hot', ...fields }),
    redefine: (some: readonly WorkflowRule[]) =>
      stores.org.replaceDefinitions('project', definitions(some)),
    entry: async () => {
      const [found] = await stores.timeQueue.list({ limit: 9 })
      return found ?? assert.fail('there is no entry')
    },
    owed: async () => (await stores.outbox.list({ limit: 99 })).map(({ recordId }) => recordId),
    account: async (recordId: RecordId) => {
      const ask = { kind: 'ids', objectName: 'Account', ids: [recordId] } as const
      return (await stores.org.readRecords([ask])).records[0] ?? assert.fail()
    },
  }
}

async function update({ save }: TestOrg, recordId: RecordId, fields: object): Promise<void> {
  const [result] = await save([
    { kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) },
  ])
  assert.equal(result?.kind, 'saved', JSON.stringify(result))
}

for (const store of [sqlite, postgres]) {
  test(`${store?.name}: what is due is carried out when it is due, in one commit with the end of its entry`, async (t) => {
    const updates = [fieldUpdate({ fullName: 'Set_Site', field: 'Site', formula: '"late"' })]
    const trigger = dayLater(updating('Set_Site'), TELL)
    const house = await open(t, { rules: [hot(trigger)], updates, store })
    const recordId = await house.hotAccount()

    assert.equal(await house.turnAfter(DAY_MS - 1), 'idle')
    assert.deepEqual(await house.owed(), [])
    assert.equal(await house.turnAfter(1), 'worked')

    assert.deepEqual(await house.owed(), [recordId])
    const { fields, version } = await house.account(recordId)
    assert.deepEqual([fields['Site'], version], ['late', 2])
    assert.equal(fields['LastModifiedDate'], new Date(MORNING + DAY_MS).toISOString())
    assert.partialDeepStrictEqual(await house.entry(), {
      state: 'executed',
      endedAt: house.clock.at,
    })
    assert.equal(await house.queue.turn(), 'idle')
    assert.equal(house.woken.length, 1)
  })

  test(`${store?.name}: of two loops and many saves at the same moment, each entry is carried out once or removed`, async (t) => {
    const house = await open(t, { rules: [hot(dayLater(TELL))], store })
    const ids: RecordId[] = []
    for (let n = 0; n < 20; n += 1) ids.push(await house.hotAccount())
    house.clock.at += DAY_MS
    const other = openTimeQueue({
      store: house.stores.timeQueue,
      org: await openOrg({ ...house.org, store: house.stores.org }),
    })

    const cooled = ids.filter((_, n) => n % 2 === 0)
    await Promise.all([
      house.queue.turn(),
      other.turn(),
      ...cooled.map((recordId) => update(house, recordId, { Rating: 'Cold' })),
    ])
    await house.queue.turn()

    const entries = await house.stores.timeQueue.list({ limit: 99 })
    const executed = entries.filter(({ state }) => state === 'executed')
    const removed = entries.filter(({ state }) => state === 'removed')
    assert.equal(executed.length + removed.length, 20)
    assert.deepEqual(
      (await house.owed()).toSorted(),
      executed.map((each) => each.recordId).toSorted(),
    )
    assert.ok(executed.length >= 10)
  })
}

test('without field updates nothing is written but what is owed', async (t) => {
  const house = await open(t, { rules: [hot(dayLater(TELL))] })
  const recordId = await house.hotAccount()

  await house.turnAfter(DAY_MS)

  assert.equal((await house.account(recordId)).version, 1)
  assert.deepEqual(await house.owed(), [recordId])
})

test('the criteria are checked once more when it is due: what no longer meets them by time alone is removed', async (t) => {
  const formula = 'CreatedDate > NOW() - 0.5' // true on the day it was made only
  const house = await open(t, { rules: [hot(dayLater(TELL), { formula })] })
  await house.hotAccount()

  await house.turnAfter(DAY_MS)

  assert.deepEqual(await house.owed(), [])
  assert.partialDeepStrictEqual(await house.entry(), {
    state: 'removed',
    failureReason: 'it was due, and the record did not meet the criteria',
  })
})

test('nothing is new when it is due: criteria with ISNEW do not hold any more', async (t) => {
  const rule = hot(dayLater(TELL), { formula: 'ISNEW()', triggerType: 'onCreateOnly' })
  const house = await open(t, { rules: [rule] })
  await house.hotAccount()
  assert.equal((await house.entry()).state, 'pending')

  await house.turnAfter(DAY_MS)

  assert.equal((await house.entry()).state, 'removed')
})

test('an inactive rule still does what it queued; one that is gone is waited for, and told of', async (t) => {
  const rule = hot(dayLater(TELL))
  const house = await open(t, { rules: [rule] })
  const inactive = await house.hotAccount()
  await house.redefine([{ ...rule, active: false }])
  await house.turnAfter(DAY_MS)
  assert.deepEqual(await house.owed(), [inactive])

  await house.redefine([rule])
  const gone = await house.hotAccount()
  await house.redefine([])
  await house.turnAfter(DAY_MS)
  const waiting = (await house.stores.timeQueue.list({ recordId: gone, limit: 1 }))[0]
  assert.partialDeepStrictEqual(waiting, { state: 'pending', attemptCount: 0 })
  assert.match(waiting?.failureReason ?? '', /no workflow rule "Hot" of Account/)
  assert.equal(house.told.filter(({ event }) => event === 'time.held').length, 1)

  await house.redefine([rule])
  await house.turnAfter(HOUR_MS)
  assert.deepEqual(await house.owed(), [inactive, gone])
})

test('an action that is refused is tried again with growing waits, then given up with its reason', async (t) => {
  const long = fieldUpdate({ fullName: 'Long', field: 'Sic', formula: '"much too long for this"' })
  const house = await open(t, { rules: [hot(dayLater(updating('Long'), TELL))], updates: [long] })
  await house.hotAccount()
  await house.hotAccount({ Name: 'Other' })

  await house.turnAfter(DAY_MS)
  const { attemptAt, failureReason, attemptCount } = await house.entry()
  assert.deepEqual([attemptAt - house.clock.at, attemptCount], [MINUTE_MS, 1])
  assert.match(failureReason ?? '', /^STRING_TOO_LONG: /)
  for (let tries = 1; tries < TRIES_MAX; tries += 1) {
    assert.equal(await house.turnAfter(MINUTE_MS * 2 ** (tries - 1)), 'worked')
  }

  assert.equal((await house.entry()).state, 'failed')
  assert.deepEqual(await house.owed(), [])
})

test('one that is refused keeps no other of its turn from being carried out', async (t) => {
  const site = fieldUpdate({ fullName: 'Copy', field: 'Sic', formula: 'Site' })
  const house = await open(t, { rules: [hot(dayLater(updating('Copy'), TELL))], updates: [site] })
  await house.hotAccount({ Site: 'much too long for a code' })
  const fine = await house.hotAccount({ Site: 'short' })

  await house.turnAfter(DAY_MS)

  assert.deepEqual(await house.owed(), [fine])
  const states = (await house.stores.timeQueue.list({ limit: 9 })).map(({ state }) => state)
  assert.deepEqual(states.toSorted(), ['executed', 'pending'])
})

test('what is due for one record at one moment goes in order, and each sees what those before it did', async (t) => {
  const first = fieldUpdate({ fullName: 'First', field: 'Site', formula: '"first"' })
  const second = fieldUpdate({ fullName: 'Second', field: 'Sic', formula: 'Site & "+"' })
  const third = fieldUpdate({ fullName: 'Cool', field: 'Rating', formula: '"Cold"' })
  const timeTriggers = [
    dayLater(updating('First')),
    dayLater(updating('Second'), updating('Cool')),
    dayLater(TELL),
  ]
  const rule = hot(dayLater(), { timeTriggers })
  const house = await open(t, { rules: [rule], updates: [first, second, third] })
  const recordId = await house.hotAccount()

  await house.turnAfter(DAY_MS)

  const { fields, version } = await house.account(recordId)
  assert.deepEqual([fields['Sic'], fields['Rating'], version], ['first+', 'Cold', 2])
  assert.deepEqual(await house.owed(), []) // the second made the record stop matching
  const states = (await house.stores.timeQueue.list({ limit: 9 })).map(({ state }) => state)
  assert.deepEqual(states.toSorted(), ['executed', 'executed', 'removed'])
})

test('a field update that asks for it has rules evaluated again, which may queue in turn', async (t) => {
  const cool = fieldUpdate({
    fullName: 'Cool',
    field: 'Rating',
    formula: '"Cold"',
    reevaluateOnChange: true,
  })
  const cold = hot(dayLater(TELL), { fullName: 'Cold', formula: 'ISPICKVAL(Rating, "Cold")' })
  const house = await open(t, { rules: [hot(dayLater(updating('Cool'))), cold], updates: [cool] })
  const recordId = await house.hotAccount()

  await house.turnAfter(DAY_MS)
  assert.deepEqual(await house.owed(), [])
  await house.turnAfter(DAY_MS)

  assert.deepEqual(await house.owed(), [recordId])
})

test('it runs as who saved the record; for who is not active any more, as the default workflow user', async (t) => {
  const settings = { ...DEFAULT_ORG_SETTINGS, defaultWorkflowUser: 'admin@example.com' }
  const sign = fieldUpdate({ fullName: 'Sign', field: 'Site', formula: '$User.Username' })
  const house = await open(t, {
    rules: [hot(dayLater(updating('Sign')))],
    updates: [sign],
    more: [{ kind: 'settings', key: 'org', body: settings }],
  })
  const { records } = await house.org.store.readRecords([
    { kind: 'all', objectName: 'Profile', limit: 1 },
  ])
  const joe = await house.create('User', {
    Username: 'joe@example.com',
    LastName: 'Joe',
    Email: 'joe@example.com',
    Alias: 'joe',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
    LanguageLocaleKey: 'en_US',
    ProfileId: records[0]?.recordId,
  })
  const recordId = await house.hotAccount()
  const { saveRecords } = await import('../save/save-records.ts')
  const fields = (Rating: string) => rawFields({ Rating })
  const editing = (Rating: string) =>
    saveRecords(
      house.org,
      [{ kind: 'update', objectName: 'Account', recordId, fields: fields(Rating) }],
      { userId: joe, allOrNone: true },
    )
  await editing('Cold')
  await editing('Hot')

  await house.turnAfter(DAY_MS)
  const { fields: byJoe } = await house.account(recordId)
  assert.deepEqual([byJoe['Site'], byJoe['LastModifiedById']], ['joe@example.com', joe])

  await editing('Cold')
  await editing('Hot')
  const inactive = rawFields({ IsActive: false })
  await house.save([{ kind: 'update', objectName: 'User', recordId: joe, fields: inactive }])
  await house.turnAfter(DAY_MS)
  const { fields: byAdmin } = await house.account(recordId)
  assert.deepEqual(
    [byAdmin['Site'], byAdmin['LastModifiedById']],
    ['admin@example.com', house.adminId],
  )
})
