import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { connectorXml, flowDefinition, flowXml, updateXml } from '../../../test/support/flows.ts'
import { openTestOrg, type TestDefinitions } from '../../../test/support/open-test-org.ts'
import { asDefinitions, fieldUpdate, workflowRule } from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { HOUR_MS } from '../../base/clock.ts'
import { CHAIN_MAX } from './decide-due.ts'
import { openTimeQueue } from './time-queue.ts'

const [sqlite, postgres] = storesUnderTest()

/** A flow whose path, due so many hours from the last save, sets a field. */
function pathSetting(fields: Readonly<Record<string, string>>, { name = 'A', hours = -1 } = {}) {
  const when = `<offsetNumber>${hours}</offsetNumber><offsetUnit>Hours</offsetUnit><recordField>LastModifiedDate</recordField><timeSource>RecordField</timeSource>`
  const start = `<scheduledPaths><name>Later</name>${connectorXml('Step')}${when}</scheduledPaths>`
  return flowDefinition(
    flowXml({ object: 'Account', first: null, start, body: updateXml(fields) }),
    name,
  )
}

/** A rule that waits while the site is as said; its trigger, due since yesterday, sets the site anew. */
function siteRule(site: string, next: string) {
  const rule = workflowRule({
    fullName: `Is_${site}`,
    formula: `Site = "${site}"`,
    triggerType: 'onCreateOrTriggeringUpdate',
    actions: [],
    timeTriggers: [
      {
        actions: [{ name: `To_${next}`, type: 'FieldUpdate' }],
        offsetFromField: 'Account.CreatedDate',
        timeLength: -1,
        unit: 'Days',
      },
    ],
  })
  const update = fieldUpdate({
    fullName: `To_${next}`,
    field: 'Site',
    formula: `"${next}"`,
    reevaluateOnChange: true,
  })
  return { rule, update }
}

async function open(t: TestContext, definitions: TestDefinitions, store = sqlite) {
  const house = await openTestOrg(t, { definitions, store: store ?? assert.fail() })
  const queue = openTimeQueue({ org: house.org, store: house.stores.timeQueue })
  return {
    ...house,
    queue,
    entries: () => house.stores.timeQueue.list({ limit: 99 }),
    untilIdle: async () => {
      for (let turns = 0; (await queue.turn()) === 'worked'; turns += 1) {
        assert.ok(turns < 50, 'they queue each other for ever')
      }
    },
  }
}

for (const store of [sqlite, postgres]) {
  test(`${store?.name}: two flows that queue each other for what is past are stopped, and it is said why`, async (t) => {
    const flows = [
      pathSetting({ Description: 'A was here' }),
      pathSetting({ Description: 'B was here' }, { name: 'B' }),
    ]
    const house = await open(t, asDefinitions({ flows }), store)
    await house.create('Account', { Name: 'Acme' })

    await house.untilIdle()

    const entries = await house.entries()
    assert.deepEqual(
      entries
        .filter(({ state }) => state === 'executed')
        .map(({ chainIndex }) => chainIndex)
        .sort((a, b) => a - b)
        .at(-1),
      CHAIN_MAX - 1,
    )
    const stopped = entries.filter(({ state }) => state === 'failed')
    assert.match(stopped[0]?.failureReason ?? '', /due as soon as it was queued.*queue each other/)
    assert.ok(house.told.some(({ event }) => event === 'time.failed'))
    assert.deepEqual(
      entries.filter(({ state }) => state === 'pending'),
      [],
    )
  })
}

test('two rules whose field updates feed each other’s time triggers are stopped, until somebody saves a record again', async (t) => {
  const [east, west] = [siteRule('East', 'West'), siteRule('West', 'East')]
  const definitions = asDefinitions({
    rules: [east.rule, west.rule],
    fieldUpdates: [east.update, west.update],
  })
  const house = await open(t, definitions)
  await house.create('Account', { Name: 'Acme', Site: 'East' })

  await house.untilIdle()

  const states = (await house.entries()).map(({ state }) => state)
  assert.deepEqual(states.filter((state) => state === 'executed').length, CHAIN_MAX)
  assert.deepEqual(states.filter((state) => state === 'failed').length, 1)

  await house.create('Account', { Name: 'Bolt', Site: 'West' })
  assert.equal(await house.queue.turn(), 'worked')
  assert.equal((await house.entries()).filter(({ state }) => state === 'failed').length, 1)
})

test('what queues each other hours ahead goes on: each time its date is to come', async (t) => {
  const flows = [
    pathSetting({ Description: 'A was here' }, { hours: 2 }),
    pathSetting({ Description: 'B was here' }, { name: 'B', hours: 1 }),
  ]
  const house = await open(t, asDefinitions({ flows }))
  await house.create('Account', { Name: 'Acme' })

  for (let hour = 0; hour < 3 * CHAIN_MAX; hour += 1) {
    house.clock.at += HOUR_MS
    await house.queue.turn()
  }

  const entries = await house.entries()
  assert.deepEqual(
    entries.filter(({ state }) => state === 'failed'),
    [],
  )
  assert.ok(entries.some(({ state }) => state === 'pending'))
})
