import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  connectorXml,
  decisionXml,
  flowDefinition,
  flowXml,
  outboundMessageXml,
  updateXml,
} from '../../../test/support/flows.ts'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  sendableMessage,
  validationRule,
} from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { DAY_MS, HOUR_MS } from '../../base/clock.ts'
import type { ValidationRule } from '../../rules/validation/validation-rule.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields } from '../save/record-edit.ts'
import { openTimeQueue } from './time-queue.ts'

const [sqlite, ...others] = storesUnderTest()

const path = (content: string) =>
  `<scheduledPaths><name>Later</name>${connectorXml('Step')}${content}</scheduledPaths>`
const IN_TWO_HOURS = path(
  '<offsetNumber>2</offsetNumber><offsetUnit>Hours</offsetUnit><timeSource>RecordTriggerEvent</timeSource>',
)
const AFTER_COMMIT = path('<pathType>AsyncAfterCommit</pathType>')
const WHEN_HOT =
  '<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria><filters><field>Rating</field><operator>EqualTo</operator><value><stringValue>Hot</stringValue></value></filters>'
const TELL = outboundMessageXml('Account.Tell_ERP')

type Setup = {
  readonly start: string
  readonly body: string
  readonly validationRules?: readonly ValidationRule[]
  readonly store?: typeof sqlite | undefined
}

async function open(t: TestContext, { start, body, validationRules = [], store = sqlite }: Setup) {
  const flowOf = (status: string) =>
    flowDefinition(flowXml({ object: 'Account', first: null, start, body, status }), 'Waits')
  const definitions = (status: string | null) =>
    asDefinitions({
      messages: [sendableMessage()],
      flows: status === null ? [] : [flowOf(status)],
      validationRules,
    })
  const house = await openTestOrg(t, {
    definitions: definitions('Active'),
    store: store ?? assert.fail(),
  })
  const { stores, org, clock } = house
  const queue = openTimeQueue({ org, store: stores.timeQueue })
  return {
    ...house,
    turnAfter: (ms: number) => {
      clock.at += ms
      return queue.turn()
    },
    owed: async () => (await stores.outbox.list({ limit: 9 })).map(({ recordId }) => recordId),
    states: async () =>
      (await stores.timeQueue.list({ limit: 9 })).map(
        ({ state, failureReason }) => `${state}: ${failureReason}`,
      ),
    redefine: (status: string | null) =>
      stores.org.replaceDefinitions('project', definitions(status)),
  }
}

async function fieldsOf({ org }: TestOrg, recordId: RecordId) {
  const ask = { kind: 'ids', objectName: 'Account', ids: [recordId] } as const
  return (await org.store.readRecords([ask])).records[0]?.fields ?? {}
}

const updateOf = (recordId: RecordId, fields: object) =>
  ({ kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) }) as const

for (const store of [sqlite, ...others]) {
  test(`${store?.name}: a path that is due runs once, on the record as it stands then`, async (t) => {
    const body = `${decisionXml([['$Record.Site', 'EqualTo', 'Home']])}${outboundMessageXml('Account.Tell_ERP', { name: 'Then' })}`
    const house = await open(t, { start: WHEN_HOT + IN_TWO_HOURS, body, store })
    const recordId = await house.create('Account', { Name: 'Acme', Rating: 'Hot' })
    await house.save([updateOf(recordId, { Site: 'Home' })])

    await house.turnAfter(HOUR_MS)
    assert.deepEqual(await house.owed(), [])
    await house.turnAfter(HOUR_MS)
    assert.deepEqual(await house.owed(), [recordId])
    await house.turnAfter(DAY_MS)
    assert.deepEqual(await house.owed(), [recordId])
    assert.deepEqual(await house.states(), ['executed: null'])
  })
}

test('the entry conditions are asked once more when a path is due', async (t) => {
  const start = `<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria><filterFormula>{!$Record.Parent.Site} = "Home"</filterFormula>${IN_TWO_HOURS}`
  const house = await open(t, { start, body: TELL })
  const ParentId = await house.create('Account', { Name: 'Parent', Site: 'Home' })
  await house.create('Account', { Name: 'Child', ParentId })
  await house.save([updateOf(ParentId, { Site: 'Away' })])

  await house.turnAfter(2 * HOUR_MS)

  assert.deepEqual(await house.owed(), [])
  assert.deepEqual(await house.states(), [
    'removed: it was due, and the record did not meet the entry conditions',
  ])
})

test('a path after the commit runs at once, and its own update does not run it again', async (t) => {
  const body = updateXml({ Description: '!$Record.Name' })
  const house = await open(t, { start: AFTER_COMMIT, body })
  const recordId = await house.create('Account', { Name: 'Acme' })
  assert.equal((await fieldsOf(house, recordId))['Description'], null)

  assert.equal(await house.turnAfter(0), 'worked')

  assert.equal((await fieldsOf(house, recordId))['Description'], 'Acme')
  assert.equal(await house.turnAfter(0), 'idle')
  assert.deepEqual(await house.states(), ['executed: null'])
})

test('what one path of a flow sets queues no other path of it again', async (t) => {
  const yesterday = path(
    '<offsetNumber>-1</offsetNumber><offsetUnit>Days</offsetUnit><recordField>LastModifiedDate</recordField><timeSource>RecordField</timeSource>',
  ).replace('Later', 'Earlier')
  const body = updateXml({ Description: '!$Record.Name' })
  const house = await open(t, { start: yesterday + AFTER_COMMIT, body })
  await house.create('Account', { Name: 'Acme' })

  while ((await house.turnAfter(0)) === 'worked') {
    assert.ok((await house.states()).length < 9, 'its paths queue each other for ever')
  }
  assert.deepEqual(await house.states(), ['executed: null', 'executed: null'])
})

test('what a path sets on its record goes through validation; what refuses it is told', async (t) => {
  const house = await open(t, {
    start: WHEN_HOT + IN_TWO_HOURS,
    body: updateXml({ Site: 'Nowhere' }, { next: 'Tell' }) + TELL.replace('Step', 'Tell'),
    validationRules: [
      validationRule({ fullName: 'Must_be_somewhere', errorConditionFormula: 'Site = "Nowhere"' }),
    ],
  })
  const recordId = await house.create('Account', { Name: 'Acme', Rating: 'Hot' })

  await house.turnAfter(2 * HOUR_MS)

  assert.equal((await fieldsOf(house, recordId))['Site'], null)
  assert.deepEqual(await house.owed(), [])
  assert.match((await house.states())[0] ?? '', /^pending: .*Must be somewhere/)
})

test('a flow that fails when its path is due is told, and tried again', async (t) => {
  const ratio =
    '<formulas><name>Ratio</name><dataType>Number</dataType><expression>4 / {!$Record.NumberOfEmployees}</expression></formulas>'
  const body = updateXml({ AnnualRevenue: '!Ratio' }) + ratio
  const house = await open(t, { start: WHEN_HOT + IN_TWO_HOURS, body })
  const recordId = await house.create('Account', {
    Name: 'Acme',
    Rating: 'Hot',
    NumberOfEmployees: 0,
  })
  await house.turnAfter(2 * HOUR_MS)
  assert.match(
    (await house.states())[0] ?? '',
    /^pending: .*Waits, its element Step: division by zero/,
  )
  await house.save([updateOf(recordId, { NumberOfEmployees: 2 })])
  await house.turnAfter(DAY_MS)
  assert.equal((await fieldsOf(house, recordId))['AnnualRevenue'], '2')
})

test('a flow made inactive still runs what it queued; one that is gone keeps it waiting', async (t) => {
  const house = await open(t, { start: WHEN_HOT + IN_TWO_HOURS, body: TELL })
  const recordId = await house.create('Account', { Name: 'Acme', Rating: 'Hot' })
  await house.redefine(null)
  await house.turnAfter(2 * HOUR_MS)
  assert.match((await house.states())[0] ?? '', /^pending: no flow "Waits" of Account is executed/)
  await house.redefine('Draft')
  await house.turnAfter(DAY_MS)
  assert.deepEqual(await house.owed(), [recordId])
})
