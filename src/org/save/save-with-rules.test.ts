import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  extended,
  fieldUpdate,
  sendableMessage,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { LIFETIME_MS } from '../../outbox/notification.ts'
import { currency, text } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { openRecordsForSender } from '../read-records-as.ts'
import { rawFields } from './record-edit.ts'

const REACHING = {
  formula: 'AnnualRevenue > 100',
  triggerType: 'onCreateOrTriggeringUpdate',
} as const

function waiting({ stores }: TestOrg) {
  return stores.outbox.list({ limit: 100 })
}

async function update({ save }: TestOrg, recordId: RecordId, fields: object): Promise<void> {
  const [result] = await save([
    { kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) },
  ])
  assert.equal(result?.kind, 'saved', JSON.stringify(result))
}

test('a record that begins to meet the criteria is owed to the outbound message, in the same commit', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [workflowRule(REACHING)], messages: [sendableMessage()] }),
  })
  const id = await house.create('Account', { Name: 'Acme', AnnualRevenue: 50 })
  assert.equal((await waiting(house)).length, 0)

  await update(house, id, { AnnualRevenue: 200 })
  await update(house, id, { AnnualRevenue: 300 })

  const owed = await waiting(house)
  const message = house.org.definitions().messageOfKey('Account.Tell_ERP')
  assert.equal(owed.length, 1)
  assert.partialDeepStrictEqual(owed[0], {
    outboundMessageId: message?.outboundMessageId,
    recordId: id,
    objectName: 'Account',
    ruleFullName: 'Tell',
    expiresAt: house.clock.at + LIFETIME_MS,
  })
  assert.match(owed[0]?.notificationId ?? '', /^04l/)
  assert.deepEqual(house.woken, [message?.outboundMessageId])
  assert.deepEqual(
    house.told.map(({ event }) => event),
    ['record.saved', 'record.saved', 'rule.fired', 'notification.queued', 'record.saved'],
  )
})

test('a save that is refused owes nothing', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [workflowRule()], messages: [sendableMessage()] }),
  })
  const good = { kind: 'create', objectName: 'Account', fields: rawFields({ Name: 'A' }) } as const
  const bad = { ...good, fields: rawFields({}) }

  await house.save([good, bad], true)

  assert.deepEqual(await waiting(house), [])
})

test('field updates are saved with the record, its parent among them, and rules see parents and grandparents', async (t) => {
  const rules = [
    workflowRule({
      fullName: 'Note the grandparent',
      formula: 'Parent.Parent.Name = "Grand"',
      actions: [
        { name: 'Set_Site', type: 'FieldUpdate' },
        { name: 'Set_Parent', type: 'FieldUpdate' },
        { name: 'Give_away', type: 'FieldUpdate' },
        { name: 'Write', type: 'Send' },
      ],
    }),
    workflowRule({ fullName: 'Parent too', formula: 'ISCHANGED(AccountNumber)' }),
  ]
  const fieldUpdates = [
    fieldUpdate({
      fullName: 'Set_Site',
      field: 'Site',
      formula: 'Parent.Name & " of " & Owner.Profile.Name',
    }),
    fieldUpdate({
      fullName: 'Set_Parent',
      field: 'AccountNumber',
      targetObject: 'ParentId',
      formula: '"child " & Name',
    }),
    fieldUpdate({
      fullName: 'Give_away',
      field: 'OwnerId',
      operation: 'LookupValue',
      lookupValue: 'second@example.com',
      lookupValueType: 'User',
    }),
  ]
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules, fieldUpdates, messages: [sendableMessage()] }),
  })
  const second = await makeUser(house, 'second@example.com')
  const grand = await house.create('Account', { Name: 'Grand' })
  const parent = await house.create('Account', { Name: 'Parent', ParentId: grand })

  const child = await house.create('Account', { Name: 'Child', ParentId: parent })

  const { records } = await house.org.store.readRecords([
    { kind: 'ids', objectName: 'Account', ids: [parent, child] },
  ])
  assert.partialDeepStrictEqual(records[0], {
    version: 2,
    fields: { AccountNumber: 'child Child' },
  })
  assert.partialDeepStrictEqual(records[1], {
    version: 1,
    fields: { Site: 'Parent of System Administrator', OwnerId: second },
  })
  // The parent went through its own save: its rule fired for the update, not when it was made.
  assert.deepEqual(
    (await waiting(house)).map((each) => each.recordId),
    [parent],
  )
  const remarks = house.told.filter(({ event }) => event === 'action.not_executed')
  assert.deepEqual(
    remarks.map(({ fields }) => fields.action),
    ['Send Write'],
  )
})

async function makeUser(house: TestOrg, username: string): Promise<RecordId> {
  const { records } = await house.org.store.readRecords([
    { kind: 'all', objectName: 'Profile', limit: 1 },
  ])
  return house.create('User', {
    Username: username,
    LastName: 'Second',
    Email: username,
    Alias: 'second',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
    LanguageLocaleKey: 'en_US',
    ProfileId: records[0]?.recordId,
  })
}

test('a field update that does not fit its field refuses the record', async (t) => {
  const rules = [workflowRule({ actions: [{ name: 'Set_Sic', type: 'FieldUpdate' }] })]
  const fieldUpdates = [
    fieldUpdate({ fullName: 'Set_Sic', field: 'Sic', formula: '"much too long for this field"' }),
  ]
  const { save } = await openTestOrg(t, { definitions: asDefinitions({ rules, fieldUpdates }) })

  const [result] = await save([
    { kind: 'create', objectName: 'Account', fields: rawFields({ Name: 'A' }) },
  ])

  assert.ok(result?.kind === 'refused')
  assert.equal(result.errors[0]?.statusCode, 'STRING_TOO_LONG')
})

test('a rule that another process changed fires with the next save here', async (t) => {
  const house = await openTestOrg(t)
  await house.stores.org.replaceDefinitions(
    'setup',
    asDefinitions({ rules: [workflowRule()], messages: [sendableMessage()] }),
  )

  await house.create('Account', { Name: 'A' })

  assert.equal((await waiting(house)).length, 1)
})

test('the sender gets records as they are now, formulas computed, a session where the org is classic', async (t) => {
  const doubled = currency('Twice__c', 0, { formula: 'AnnualRevenue * 2' })
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ objects: [extended('Account', [doubled, text('Note__c', 10)])] }),
  })
  const reader = openRecordsForSender(house.org)
  const kept = await house.create('Account', { Name: 'Kept', AnnualRevenue: 21 })
  const gone = await house.create('Account', { Name: 'Gone' })
  await house.save([{ kind: 'delete', objectName: 'Account', recordId: gone }])

  const found = await reader.readRecordsAs(
    'ADMIN@example.com',
    'Account',
    [kept, gone],
    ['Name', 'Twice__c'],
  )

  assert.deepEqual([...found], [[kept, { Name: 'Kept', Twice__c: '42' }]])
  assert.equal(await reader.sessionFor('admin@example.com', sendableMessage()), null)
  await assert.rejects(reader.readRecordsAs('nobody@example.com', 'Account', [kept], ['Name']), {
    errorCode: 'INACTIVE_OWNER_OR_USER',
  })
})
