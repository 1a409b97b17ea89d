import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assignmentXml,
  decisionXml,
  emailAlertXml,
  flowDefinition,
  flowXml,
  outboundMessageXml,
  updateXml,
} from '../../../test/support/flows.ts'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  fieldUpdate,
  sendableMessage,
  validationRule,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { DAY_MS } from '../../base/clock.ts'
import type { EmailAlert } from '../../mail/definitions/email-alert.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields } from './record-edit.ts'

const BEFORE = 'RecordBeforeSave' as const
const TELL = outboundMessageXml('Account.Tell_ERP')

function flowOf(name: string, parts: Parameters<typeof flowXml>[0]) {
  return flowDefinition(flowXml({ object: 'Account', ...parts }), name)
}

async function fieldsOf({ org }: TestOrg, recordId: RecordId, objectName = 'Account') {
  const ask = { kind: 'ids' as const, objectName, ids: [recordId], includeDeleted: true }
  const { records } = await org.store.readRecords([ask])
  const [record] = records
  return { ...(record?.fields ?? {}), version: String(record?.version) } as Readonly<
    Record<string, unknown>
  >
}

const updateOf = (recordId: RecordId, fields: object) =>
  ({ kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) }) as const

for (const store of storesUnderTest()) {
  test(`${store.name}: a project with nothing but a flow owes its outbound message with the save`, async (t) => {
    const house = await openTestOrg(t, {
      store,
      definitions: asDefinitions({
        messages: [sendableMessage()],
        flows: [flowOf('Tell_ERP', { body: TELL }), flowOf('Off', { status: 'Draft', body: TELL })],
      }),
    })

    const accountId = await house.create('Account', { Name: 'Acme' })

    assert.equal(house.woken.length, 1)
    const batch = await house.stores.outbox.list({ recordId: accountId, limit: 10 })
    assert.deepEqual(
      batch.map((each) => each.ruleFullName),
      ['flow:Tell_ERP'],
    )
    const ran = house.told.filter(({ event }) => event === 'flow.ran')
    assert.deepEqual(
      ran.map(({ fields }) => fields),
      [{ flow: 'Tell_ERP', recordId: accountId }],
    )
  })
}

test('what a flow before the save sets is validated, and seen by the workflow rules', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      flows: [
        flowOf('Site', {
          when: BEFORE,
          start:
            '<filters><field>Site</field><operator>IsNull</operator><value><booleanValue>true</booleanValue></value></filters>',
          body: assignmentXml([['$Record.Site', 'Assign', '!$Record.Name']]),
        }),
      ],
      validationRules: [
        validationRule({ fullName: 'Not_here', errorConditionFormula: 'Site = "Here"' }),
      ],
      rules: [
        workflowRule({
          formula: 'NOT(ISBLANK(Site))',
          actions: [{ name: 'Describe', type: 'FieldUpdate' }],
        }),
      ],
      fieldUpdates: [fieldUpdate({ fullName: 'Describe', formula: '"at " & Site' })],
    }),
  })

  const accountId = await house.create('Account', { Name: 'Acme' })
  const fields = await fieldsOf(house, accountId)
  assert.deepEqual([fields.Site, fields.Description, fields.version], ['Acme', 'at Acme', '1'])

  const [refused] = await house.save([
    { kind: 'create', objectName: 'Account', fields: rawFields({ Name: 'Here' }) },
  ])
  assert.deepEqual(refused?.kind === 'refused' && refused.errors.map(({ message }) => message), [
    'Not here',
  ])
})

test('a flow that blanks a required field, or sets a text too long, is refused as a client is', async (t) => {
  const refusalOf = async (field: string, value: string) => {
    const body = assignmentXml([[`$Record.${field}`, 'Assign', value]])
    const definitions = asDefinitions({ flows: [flowOf('F', { when: BEFORE, body })] })
    const house = await openTestOrg(t, { definitions })
    const [result] = await house.save([
      { kind: 'create', objectName: 'Account', fields: rawFields({ Name: 'Acme' }) },
    ])
    return result?.kind === 'refused' ? result.errors.map(({ statusCode }) => statusCode) : result
  }
  assert.deepEqual(await refusalOf('Name', '!$GlobalConstant.EmptyString'), [
    'REQUIRED_FIELD_MISSING',
  ])
  assert.deepEqual(await refusalOf('Site', 'x'.repeat(81)), ['STRING_TOO_LONG'])
})

test('a flow after the save sees what field updates set, runs once, and saves in the same commit', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      rules: [workflowRule({ actions: [{ name: 'Describe', type: 'FieldUpdate' }] })],
      fieldUpdates: [fieldUpdate({ fullName: 'Describe', reevaluateOnChange: true })],
      flows: [
        flowOf('Sites', {
          body: `${decisionXml([['$Record.Description', 'EqualTo', 'updated']])}${updateXml({ Site: 'One' }, { name: 'Then' })}`,
        }),
        flowOf('Tickers', { body: updateXml({ TickerSymbol: '!$Record.Site' }) }),
      ],
    }),
  })

  const accountId = await house.create('Account', { Name: 'Acme' })

  const fields = await fieldsOf(house, accountId)
  assert.deepEqual([fields.Site, fields.TickerSymbol, fields.version], ['One', 'One', '1'])
  const ran = house.told.filter(({ event }) => event === 'flow.ran')
  assert.deepEqual(
    ran.map(({ fields: { flow } }) => flow),
    ['Sites', 'Tickers'],
  )
})

test('what a flow after the save sets goes through flows before the save and validation again', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      flows: [
        flowOf('After', { body: updateXml({ Site: '!$Record.Name' }) }),
        flowOf('Before', {
          when: BEFORE,
          on: 'Update',
          body: assignmentXml([['$Record.TickerSymbol', 'Assign', '!$Record.Site']]),
        }),
      ],
      validationRules: [
        validationRule({
          fullName: 'Not_moved_here',
          errorConditionFormula: 'AND(ISCHANGED(Site), Site = "Here")',
        }),
      ],
    }),
  })

  const accountId = await house.create('Account', { Name: 'Acme' })
  const fields = await fieldsOf(house, accountId)
  assert.deepEqual([fields.Site, fields.TickerSymbol, fields.version], ['Acme', 'Acme', '1'])

  const [refused] = await house.save([updateOf(accountId, { Name: 'Here' })])
  assert.equal(refused?.kind, 'refused')
  assert.equal((await fieldsOf(house, accountId)).Name, 'Acme')
})

test('a parent that a flow updates goes through its own save', async (t) => {
  const target = '<inputReference>$Record.Account</inputReference>'
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      messages: [sendableMessage()],
      rules: [workflowRule({ formula: 'ISCHANGED(Site)' })],
      flows: [
        flowOf('Up', {
          object: 'Contact',
          start: '<filterFormula>{!$Record.Account.Name} = "Acme"</filterFormula>',
          body: updateXml({ Site: '!$Record.LastName' }, { target }),
        }),
      ],
    }),
  })
  const acme = await house.create('Account', { Name: 'Acme' })
  const other = await house.create('Account', { Name: 'Other' })

  const contacts = [acme, acme, other].map((AccountId, index) => {
    const fields = rawFields({ LastName: `Ek ${index}`, AccountId })
    return { kind: 'create' as const, objectName: 'Contact', fields }
  })
  const results = await house.save(contacts)

  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['saved', 'saved', 'saved'],
  )
  assert.equal((await fieldsOf(house, acme)).Site, 'Ek 1')
  assert.equal((await fieldsOf(house, other)).Site, null)
  const owed = await house.stores.outbox.list({ recordId: acme, limit: 10 })
  assert.equal(owed.length, 2) // one for each contact: each save of the parent fired its rule
})

test('a flow that fails refuses its record alone, and says which flow and element it was', async (t) => {
  const rate =
    '<formulas><name>Rate</name><dataType>Number</dataType><expression>8 / {!$Record.NumberOfEmployees}</expression></formulas>'
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      flows: [flowOf('Rates', { body: `${updateXml({ AnnualRevenue: '!Rate' })}${rate}` })],
    }),
  })
  const edits = [0, 4].map((NumberOfEmployees) => {
    const fields = rawFields({ Name: 'Acme', NumberOfEmployees })
    return { kind: 'create' as const, objectName: 'Account', fields }
  })

  const [refused, saved] = await house.save(edits)

  assert.deepEqual(refused, {
    kind: 'refused',
    errors: [
      {
        statusCode: 'CANNOT_EXECUTE_FLOW_TRIGGER',
        message:
          "We can't save this record because the “A flow” process failed. Give your Salesforce admin these details. The flow Rates, its element Step: division by zero",
        fields: [],
      },
    ],
  })
  assert.ok(saved?.kind === 'saved')
  assert.equal((await fieldsOf(house, saved.recordId)).AnnualRevenue, '2')
})

test('nothing is run of a flow that cannot be carried out whole', async (t) => {
  const lookup =
    '<recordLookups><name>Step</name><connector><targetReference>Then</targetReference></connector><object>Contact</object></recordLookups>'
  const tell = outboundMessageXml('Account.Tell_ERP', { name: 'Then' })
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      messages: [sendableMessage()],
      flows: [flowOf('Half', { body: `${lookup}${tell}` })],
    }),
  })
  await house.create('Account', { Name: 'Acme' })
  assert.deepEqual(house.woken, [])
})

test('a flow that runs queues its scheduled paths with the save; what stops matching is removed', async (t) => {
  const when = (content: string) =>
    `<scheduledPaths><name>${content.includes('Async') ? 'Soon' : 'Later'}</name><connector><targetReference>Step</targetReference></connector>${content}</scheduledPaths>`
  const start = [
    '<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>',
    '<filters><field>Rating</field><operator>EqualTo</operator><value><stringValue>Hot</stringValue></value></filters>',
    when(
      '<offsetNumber>2</offsetNumber><offsetUnit>Weeks</offsetUnit><timeSource>RecordTriggerEvent</timeSource>',
    ),
    when('<pathType>AsyncAfterCommit</pathType>'),
  ].join('')
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      messages: [sendableMessage()],
      flows: [flowOf('Waits', { first: null, start, body: TELL })],
    }),
  })
  const pending = async () => {
    const found = await house.stores.timeQueue.list({ state: 'pending', limit: 10 })
    return found.map(({ source, dueAt }) => [source.kind === 'flow' && source.pathName, dueAt])
  }
  const recordId = await house.create('Account', { Name: 'Acme', Rating: 'Hot' })
  const now = house.clock.now()
  assert.deepEqual(await pending(), [
    ['Soon', now],
    ['Later', now + 14 * DAY_MS],
  ])
  await house.save([updateOf(recordId, { Rating: 'Cold' })])
  assert.deepEqual(await pending(), [['Soon', now]]) // it waits for nothing but its turn
  await house.save([updateOf(recordId, { Rating: 'Hot' })])
  assert.equal((await pending()).length, 2)
})

test('an e-mail alert of a flow is owed with the save', async (t) => {
  const alert: EmailAlert = {
    kind: 'alert',
    objectName: 'Account',
    fullName: 'Welcome',
    description: null,
    ccEmails: [],
    recipients: [{ type: 'owner', recipient: null, field: null }],
    senderType: 'CurrentUser',
    senderAddress: null,
    template: 'unfiled$public/Welcome',
    isProtected: false,
    place: { file: 'test', line: 1 },
  }
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      alerts: [alert],
      flows: [flowOf('Welcomes', { on: 'Create', body: emailAlertXml('Account.Welcome') })],
    }),
  })

  const recordId = await house.create('Account', { Name: 'Acme' })
  await house.save([updateOf(recordId, { Site: 'elsewhere' })])

  const emails = await house.stores.mail.listEmails({ limit: 10, offset: 0 })
  assert.deepEqual(
    emails.map((each) => [each.recordId, each.ruleFullName]),
    [[recordId, 'flow:Welcomes']],
  )
})
