import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  sendableMessage,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { ROLLED_UP_OBJECTS } from '../../../test/support/rolled-up-objects.ts'
import { customObject } from '../../schema/custom-object.ts'
import { double, reference } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { RecordEdit } from './record-edit.ts'

/** Below an order: an invoice that keeps it, a note that lets go, and a line that is rolled up elsewhere too. */
const BEHIND_ORDERS = [
  customObject({
    name: 'Invoice__c',
    fields: [reference('Order__c', ['Order__c'], { deleteConstraint: 'Restrict' })],
  }),
  customObject({ name: 'Note__c', fields: [reference('Order__c', ['Order__c'])] }),
  customObject({
    name: 'Carrier__c',
    fields: [
      double('Lines__c', 0, {
        summary: {
          operation: 'count',
          childObject: 'Line__c',
          foreignKey: 'Carrier__c',
          summarized: null,
          filters: [],
        },
      }),
    ],
  }),
  customObject({
    name: 'Line__c',
    fields: [
      reference('Order__c', ['Order__c'], { masterDetail: true }),
      reference('Carrier__c', ['Carrier__c'], { masterDetail: true }),
    ],
  }),
]

async function openOrders(t: TestContext) {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: [...ROLLED_UP_OBJECTS, ...BEHIND_ORDERS],
      rules: [workflowRule({ objectName: 'Order__c', formula: 'NOT(ISNEW())' })],
      messages: [sendableMessage({ objectName: 'Order__c' })],
    }),
  })
  const city = await house.create('City__c', { Name: 'Rome' })
  const shop = await house.create('Shop__c', { Name: 'A', City__c: city })
  const order = await house.create('Order__c', { Name: 'O', Shop__c: shop, Amount__c: 5 })
  return { ...house, city, shop, order }
}

const deleting = (recordId: RecordId): RecordEdit => ({
  kind: 'delete',
  objectName: null,
  recordId,
})

async function recordOf({ org }: TestOrg, objectName: string, recordId: RecordId) {
  const { records } = await org.store.readRecords([{ kind: 'ids', objectName, ids: [recordId] }])
  return records[0]?.fields ?? null
}

test('details go with their master, and theirs with them; other masters count anew, no rule fires', async (t) => {
  const house = await openOrders(t)
  const carrier = await house.create('Carrier__c', { Name: 'C' })
  const line = await house.create('Line__c', { Order__c: house.order, Carrier__c: carrier })

  const [result] = await house.save([deleting(house.city)])

  assert.equal(result?.kind, 'saved', JSON.stringify(result))
  assert.equal(await recordOf(house, 'Shop__c', house.shop), null)
  assert.equal(await recordOf(house, 'Order__c', house.order), null)
  assert.equal(await recordOf(house, 'Line__c', line), null)
  assert.equal((await recordOf(house, 'Carrier__c', carrier))?.['Lines__c'], '0')
  assert.deepEqual(await house.stores.outbox.list({ limit: 9 }), [])
})

test('a lookup lets go, or forbids the deletion where its definition says so, also from far below', async (t) => {
  const house = await openOrders(t)
  const note = await house.create('Note__c', { Name: 'N', Order__c: house.order })
  const invoice = await house.create('Invoice__c', { Name: 'I-1', Order__c: house.order })

  const [kept] = await house.save([deleting(house.shop)])
  assert.deepEqual(kept?.kind === 'refused' && kept.errors, [
    {
      statusCode: 'DELETE_FAILED',
      message:
        'Your attempt to delete A could not be completed because it is associated with the following invoice.: I-1\n',
      fields: [],
    },
  ])
  assert.ok(await recordOf(house, 'Order__c', house.order))

  const results = await house.save([deleting(invoice), deleting(house.shop)])
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['saved', 'saved'],
  )
  assert.equal(await recordOf(house, 'Order__c', house.order), null)
  assert.equal((await recordOf(house, 'Note__c', note))?.['Order__c'], null)
})

test('a detail that left its master in the same call stays, one that came goes', async (t) => {
  const house = await openOrders(t)
  const other = await house.create('Shop__c', { Name: 'B', City__c: house.city })
  const coming = await house.create('Order__c', { Shop__c: other, Amount__c: 7 })
  const moving = (recordId: RecordId, shop: RecordId): RecordEdit => ({
    kind: 'update',
    objectName: 'Order__c',
    recordId,
    fields: new Map([['Shop__c', shop]]),
  })

  const results = await house.save([
    moving(house.order, other),
    moving(coming, house.shop),
    deleting(house.shop),
  ])

  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['saved', 'saved', 'saved'],
  )
  assert.ok(await recordOf(house, 'Order__c', house.order))
  assert.equal(await recordOf(house, 'Order__c', coming), null)
  const shop = await recordOf(house, 'Shop__c', other)
  assert.deepEqual([shop?.['Orders__c'], shop?.['Least__c']], ['1', '5'])
})

test('contacts, open opportunities and tasks go with their account, a child account lets go', async (t) => {
  const house = await openTestOrg(t)
  const account = await house.create('Account', { Name: 'A' })
  const child = await house.create('Account', { Name: 'B', ParentId: account })
  const contact = await house.create('Contact', { LastName: 'C', AccountId: account })
  const task = await house.create('Task', { Subject: 'T', WhatId: account })
  const deal = await house.create('Opportunity', opportunity('O', account, 'Prospecting'))

  await house.save([deleting(account)])

  assert.equal(await recordOf(house, 'Contact', contact), null)
  assert.equal(await recordOf(house, 'Task', task), null)
  assert.equal(await recordOf(house, 'Opportunity', deal), null)
  assert.equal((await recordOf(house, 'Account', child))?.['ParentId'], null)
})

test('cases keep their account and their contact, a deal that is won and an active contract their account', async (t) => {
  const house = await openTestOrg(t)
  const AccountId = await house.create('Account', { Name: 'Acme' })
  const ContactId = await house.create('Contact', { LastName: 'Lee', FirstName: 'Ann', AccountId })
  const ask = await house.create('Case', { AccountId, ContactId })
  const number = (await recordOf(house, 'Case', ask))?.['CaseNumber']

  assert.deepEqual(await whyKept(house, ContactId), [
    `Your attempt to delete Ann Lee could not be completed because it is associated with the following cases.: ${number}\n`,
  ])
  assert.match((await whyKept(house, AccountId))[0] ?? '', /delete Acme .* following cases\.: /)
  await house.create('Opportunity', opportunity('Big', AccountId, 'Closed Won'))
  assert.deepEqual(await whyKept(house, AccountId), [
    'Your attempt to delete Acme could not be completed because some opportunities in that account were closed won. The opportunities that could not be deleted are shown below.: Big\n',
  ])

  const other = await house.create('Account', { Name: 'Bolt' })
  await house.create('Contract', { AccountId: other, Status: 'Activated' })
  assert.match((await whyKept(house, other))[0] ?? '', /activated contracts\.: /)
})

function opportunity(Name: string, AccountId: RecordId, StageName: string) {
  return { Name, AccountId, StageName, CloseDate: '2026-03-31' }
}

async function whyKept(house: TestOrg, recordId: RecordId): Promise<readonly string[]> {
  const [result] = await house.save([deleting(recordId)])
  assert.ok(result?.kind === 'refused', JSON.stringify(result))
  assert.deepEqual(
    result.errors.map(({ statusCode }) => statusCode),
    ['DELETE_FAILED'],
  )
  return result.errors.map(({ message }) => message)
}
