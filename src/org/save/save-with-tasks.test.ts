import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  sendableMessage,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { taskOf } from '../../../test/support/rules-org.ts'
import { rawFields } from './record-edit.ts'

const CALL = taskOf('Call', { objectName: 'Account', dueDateOffset: 3, priority: 'High' })
const CALLING = workflowRule({ actions: [{ name: 'Call', type: 'Task' }] })

async function tasksOf({ org }: TestOrg) {
  const { records } = await org.store.readRecords([{ kind: 'all', objectName: 'Task', limit: 10 }])
  return records
}

test('a rule that assigns a task inserts it with the record, in the same commit', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [CALLING], tasks: [CALL] }),
  })

  const accountId = await house.create('Account', { Name: 'Acme' })

  const [task, ...others] = await tasksOf(house)
  assert.deepEqual(others, [])
  assert.match(task?.recordId ?? '', /^00T/)
  assert.partialDeepStrictEqual(task?.fields, {
    Subject: 'Call',
    WhatId: accountId,
    WhoId: null,
    OwnerId: house.adminId,
    ActivityDate: '2026-03-05',
    Priority: 'High',
    Status: 'Not Started',
    IsClosed: false,
    CreatedById: house.adminId,
  })
})

test('a task for a contact or a lead is with them', async (t) => {
  const definitions = asDefinitions({
    rules: [{ ...CALLING, objectName: 'Lead' }],
    tasks: [{ ...CALL, objectName: 'Lead' }],
  })
  const house = await openTestOrg(t, { definitions })

  const leadId = await house.create('Lead', { LastName: 'Ek', Company: 'Acme' })

  const [task] = await tasksOf(house)
  assert.deepEqual([task?.fields['WhoId'], task?.fields['WhatId']], [leadId, null])
})

test('every record of a bulk save gets its own task, and no task gets an id twice', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [CALLING], tasks: [CALL] }),
  })
  const edits = ['A', 'B', 'C'].map((Name) => {
    return { kind: 'create', objectName: 'Account', fields: rawFields({ Name }) } as const
  })

  const results = await house.save(edits)

  const tasks = await tasksOf(house)
  const saved = results.map((each) => each.kind === 'saved' && each.recordId)
  assert.deepEqual(tasks.map(({ fields }) => fields['WhatId']).toSorted(), saved.toSorted())
  assert.equal(new Set(tasks.map(({ recordId }) => recordId)).size, 3)
})

test('a task that is assigned goes through the rules for tasks, field updates and messages among them', async (t) => {
  const definitions = asDefinitions({
    rules: [
      CALLING,
      workflowRule({ objectName: 'Task', fullName: 'Tell of tasks', formula: 'ISNEW()' }),
    ],
    tasks: [CALL],
    messages: [sendableMessage({ objectName: 'Task', fields: ['Id', 'Subject'] })],
  })
  const house = await openTestOrg(t, { definitions })

  await house.create('Account', { Name: 'Acme' })

  const [task] = await tasksOf(house)
  const owed = await house.stores.outbox.list({ limit: 10 })
  assert.deepEqual(
    owed.map(({ recordId, ruleFullName }) => [recordId, ruleFullName]),
    [[task?.recordId, 'Tell of tasks']],
  )
})

test('a save that is refused leaves no task behind', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [CALLING], tasks: [CALL] }),
  })
  const good = { kind: 'create', objectName: 'Account', fields: rawFields({ Name: 'A' }) } as const

  await house.save([good, { ...good, fields: rawFields({}) }], true)

  assert.deepEqual(await tasksOf(house), [])
})

test('a task for a role goes to its only active user', async (t) => {
  const definitions = asDefinitions({
    rules: [CALLING],
    tasks: [{ ...CALL, assignedToType: 'role', assignedTo: 'CEO' }],
  })
  const house = await openTestOrg(t, { definitions })
  const roleId = await house.create('UserRole', { Name: 'Chief', DeveloperName: 'CEO' })
  const [update] = await house.save([
    {
      kind: 'update',
      objectName: 'User',
      recordId: house.adminId,
      fields: rawFields({ UserRoleId: roleId }),
    },
  ])
  assert.equal(update?.kind, 'saved', JSON.stringify(update))

  await house.create('Account', { Name: 'Acme', OwnerId: house.adminId })

  const [task] = await tasksOf(house)
  assert.equal(task?.fields['OwnerId'], house.adminId)
})
