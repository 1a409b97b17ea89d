import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import { keepMembers, type MemberedQueue } from './keep-members.ts'
import { keepNamedRecords } from './keep-named-records.ts'

async function keep({ org, adminId }: TestOrg, queue: Partial<MemberedQueue>) {
  const named = { developerName: 'Support', name: 'Support' }
  const groups = [{ developerName: 'All', name: 'All' }]
  const roles = [{ developerName: 'CEO', name: 'CEO', parentRole: null }]
  await keepNamedRecords(org, { queues: [named], groups, roles, userId: adminId })
  const queues = [{ ...named, email: null, emailsMembers: false, members: [], ...queue }]
  return keepMembers(org, { queues, userId: adminId })
}

async function recordsOf({ stores }: TestOrg, objectName: string) {
  const { records } = await stores.org.readRecords([{ kind: 'all', objectName, limit: 100 }])
  return records
}

test('a queue has the members that its file names: users, groups, roles as groups that stand for them', async (t) => {
  const at = await openTestOrg(t)
  const members = [
    { kind: 'user', name: 'ADMIN@example.com' },
    { kind: 'group', name: 'All' },
    { kind: 'roleAndSubordinates', name: 'CEO' },
    { kind: 'user', name: 'nobody@example.com' },
  ] as const
  assert.equal(await keep(at, { members }), 4)
  assert.equal(await keep(at, { members }), 0, 'nothing is made twice')

  const groups = await recordsOf(at, 'Group')
  const [role] = await recordsOf(at, 'UserRole')
  const standsIn = groups.find(({ fields }) => fields.Type === 'RoleAndSubordinates')
  const [queue] = groups.filter(({ fields }) => fields.Type === 'Queue')
  const all = groups.find(({ fields }) => fields.Type === 'Regular')
  assert.equal(standsIn?.fields.RelatedId, role?.recordId)
  const made = await recordsOf(at, 'GroupMember')
  assert.ok(made.every(({ fields }) => fields.GroupId === queue?.recordId))
  assert.deepEqual(
    new Set(made.map(({ fields }) => fields.UserOrGroupId)),
    new Set([at.adminId, all?.recordId, standsIn?.recordId]),
  )
})

test("a queue's address follows its file, and who was added here stays", async (t) => {
  const at = await openTestOrg(t)
  await keep(at, { email: 'one@example.com' })
  const [queue] = (await recordsOf(at, 'Group')).filter(({ fields }) => fields.Type === 'Queue')
  await at.create('GroupMember', { GroupId: queue?.recordId, UserOrGroupId: at.adminId })

  assert.equal(await keep(at, { email: 'two@example.com', emailsMembers: true }), 1)
  const [changed] = (await recordsOf(at, 'Group')).filter(({ fields }) => fields.Type === 'Queue')
  assert.equal(changed?.fields.Email, 'two@example.com')
  assert.equal(changed?.fields.DoesSendEmailToMembers, true)
  assert.equal((await recordsOf(at, 'GroupMember')).length, 1)
})
