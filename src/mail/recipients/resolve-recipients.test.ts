import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertOf, mailOrg, record, user } from '../../../test/support/mail-org.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { AlertRecipient } from '../definitions/email-alert.ts'
import { resolveRecipients } from './resolve-recipients.ts'

const ANNA = user(1, 'Anna')
const BEN = user(2, 'Ben')
const CARL = user(3, 'Carl')
const GONE = user(4, 'Gone', { IsActive: false })
const PORTAL = user(5, 'Portal', { UserType: 'PowerPartner' })
const ACCOUNT = record('Account', 1, { OwnerId: ANNA.recordId, CreatedById: BEN.recordId })

type Line = Partial<AlertRecipient> & { readonly type: string }

async function resolve(
  about: OrgRecord,
  lines: readonly Line[],
  more: readonly OrgRecord[] = [],
  ccEmails: readonly string[] = [],
) {
  const org = mailOrg({ records: [ANNA, BEN, CARL, GONE, PORTAL, ACCOUNT, about, ...more] })
  const recipients = lines.map((line) => ({ recipient: null, field: null, ...line }))
  const at = { directory: org, definitions: await org.definitions(), record: about }
  const resolved = await resolveRecipients(at, alertOf({ recipients, ccEmails }))
  return {
    to: resolved.recipients.map(({ address }) => address.replace('@example.com', '')),
    remarks: resolved.remarks,
  }
}

test('the owner, the creator, a named user and a user in a field', async () => {
  const contact = record('Contact', 1, { ReportsToId: null, OwnerId: CARL.recordId })
  const one = await resolve(ACCOUNT, [
    { type: 'creator' },
    { type: 'user', recipient: 'CARL@example.com' },
    { type: 'userLookup', field: 'OwnerId' },
  ])
  assert.deepEqual(one, { to: ['ben', 'carl', 'anna'], remarks: [] })
  assert.deepEqual(await resolve(contact, [{ type: 'owner' }]), { to: ['carl'], remarks: [] })
})

test('nobody gets an e-mail twice, in whatever case the address is written', async () => {
  const lines = [{ type: 'owner' }, { type: 'user', recipient: 'anna@example.com' }]
  const { to } = await resolve(ACCOUNT, lines, [], ['ANNA@example.com', 'x@y.example'])
  assert.deepEqual(to, ['anna', 'x@y.example'])
})

test('inactive users get none, and what is not found is told without harm to the others', async () => {
  const { to, remarks } = await resolve(
    ACCOUNT,
    [
      { type: 'user', recipient: 'gone@example.com' },
      { type: 'user', recipient: 'nobody@example.com' },
      { type: 'userLookup', field: 'Nothing__c' },
      { type: 'telepathy' },
      { type: 'owner' },
    ],
    [],
    ['no address', 'bad\r\nBcc: x@example.com'],
  )
  assert.deepEqual(to, ['anna'])
  assert.deepEqual(remarks, [
    'user: Gone is inactive',
    'user: there is no user nobody@example.com',
    'userLookup: Account has no field Nothing__c',
    'telepathy: recipients of this kind are not known here',
    'ccEmails: "no address" is no e-mail address',
    'ccEmails: "bad\\r\\nBcc: x@example.com" is no e-mail address',
  ])
})

test('an address in a field, and the contact in a field', async () => {
  const contact = record('Contact', 1, { Name: 'Dora', Email: 'dora@example.com' })
  const about = record('Case', 1, {
    SuppliedEmail: 'sender@example.com',
    ContactId: contact.recordId,
  })
  const lines = [
    { type: 'email', field: 'SuppliedEmail' },
    { type: 'contactLookup', field: 'ContactId' },
  ]
  assert.deepEqual(await resolve(about, lines, [contact]), { to: ['sender', 'dora'], remarks: [] })
  const blank = record('Case', 2, { SuppliedEmail: null, ContactId: null })
  assert.deepEqual(await resolve(blank, lines, [contact]), { to: [], remarks: [] })
})

test('a queue gets its mail at its address, its members where it has none or says so', async () => {
  const member = (serial: number, group: OrgRecord, one: OrgRecord) =>
    record('GroupMember', serial, { GroupId: group.recordId, UserOrGroupId: one.recordId })
  const queue = (fields: OrgRecord['fields']) =>
    record('Group', 1, { Type: 'Queue', Name: 'Support', DeveloperName: 'Support', ...fields })
  const ask = (group: OrgRecord) =>
    resolve(
      record('Case', 1, { OwnerId: group.recordId }),
      [{ type: 'owner' }],
      [group, member(1, group, BEN), member(2, group, GONE)],
    )

  assert.deepEqual((await ask(queue({ Email: 'q@example.com' }))).to, ['q'])
  const both = queue({ Email: 'q@example.com', DoesSendEmailToMembers: true })
  assert.deepEqual((await ask(both)).to, ['q', 'ben'])
  assert.deepEqual(await ask(queue({ Email: null })), {
    to: ['ben'],
    remarks: ['owner: Gone is inactive'],
  })
})

test('a public group with the groups and roles in it, also where they go in a circle', async () => {
  const outer = record('Group', 1, { Type: 'Regular', Name: 'All', DeveloperName: 'All' })
  const inner = record('Group', 2, { Type: 'Regular', Name: 'Some', DeveloperName: 'Some' })
  const sales = record('UserRole', 1, { Name: 'Sales', DeveloperName: 'Sales' })
  const west = record('UserRole', 2, { DeveloperName: 'West', ParentRoleId: sales.recordId })
  const ofRole = record('Group', 3, { Type: 'RoleAndSubordinates', RelatedId: sales.recordId })
  const dave = user(6, 'Dave', { UserRoleId: west.recordId })
  const pairs = [
    [outer, inner],
    [inner, outer],
    [inner, ANNA],
    [outer, ofRole],
    [outer, ANNA],
  ] as const
  const members = pairs.map(([group, one], serial) =>
    record('GroupMember', serial, { GroupId: group.recordId, UserOrGroupId: one.recordId }),
  )
  const all = [outer, inner, ofRole, sales, west, dave, ...members]
  assert.deepEqual(await resolve(ACCOUNT, [{ type: 'group', recipient: 'All' }], all), {
    to: ['dave', 'anna'],
    remarks: [],
  })
  assert.deepEqual((await resolve(ACCOUNT, [{ type: 'group', recipient: 'None' }], all)).remarks, [
    'group: there is no public group None',
  ])
})

test('a role, alone, with those below it, and without portal users', async () => {
  const sales = record('UserRole', 1, { Name: 'All Sales', DeveloperName: 'Sales' })
  const west = record('UserRole', 2, { DeveloperName: 'West', ParentRoleId: sales.recordId })
  const all = [
    sales,
    west,
    user(6, 'Dave', { UserRoleId: sales.recordId }),
    user(7, 'Eve', { UserRoleId: west.recordId }),
    user(8, 'Fay', { UserRoleId: west.recordId, UserType: 'PowerPartner' }),
  ]
  const ask = async (type: string, recipient = 'Sales') =>
    resolve(ACCOUNT, [{ type, recipient }], all)
  assert.deepEqual((await ask('role')).to, ['dave'])
  assert.deepEqual((await ask('role', 'All Sales')).to, ['dave'], 'by its label too')
  assert.deepEqual((await ask('roleSubordinates')).to, ['dave', 'eve', 'fay'])
  assert.deepEqual((await ask('roleSubordinatesInternal')).to, ['dave', 'eve'])
  assert.deepEqual((await ask('role', 'CEO')).remarks, ['role: there is no role CEO'])
})

test("the account owner; of what has no account the record's owner", async () => {
  const opportunity = record('Opportunity', 1, {
    OwnerId: CARL.recordId,
    AccountId: ACCOUNT.recordId,
  })
  const lead = record('Lead', 1, { OwnerId: BEN.recordId })
  assert.deepEqual((await resolve(opportunity, [{ type: 'accountOwner' }])).to, ['anna'])
  assert.deepEqual((await resolve(ACCOUNT, [{ type: 'accountOwner' }])).to, ['anna'])
  assert.deepEqual((await resolve(lead, [{ type: 'accountOwner' }])).to, ['ben'])
})

test('teams: who has the role in the team of the account, the opportunity or the case', async () => {
  const opportunity = record('Opportunity', 1, { AccountId: ACCOUNT.recordId })
  const contact = record('Contact', 1, { Name: 'Dora', Email: 'dora@example.com' })
  const about = record('Case', 1, {})
  const role = record('CaseTeamRole', 1, { Name: 'Helper' })
  const all = [
    record('AccountTeamMember', 1, {
      AccountId: ACCOUNT.recordId,
      UserId: BEN.recordId,
      TeamMemberRole: 'Sales Rep',
    }),
    record('AccountTeamMember', 2, {
      AccountId: ACCOUNT.recordId,
      UserId: CARL.recordId,
      TeamMemberRole: 'Manager',
    }),
    record('OpportunityTeamMember', 1, {
      OpportunityId: opportunity.recordId,
      UserId: CARL.recordId,
      TeamMemberRole: 'Sales Rep',
    }),
    role,
    contact,
    record('CaseTeamMember', 1, {
      ParentId: about.recordId,
      MemberId: contact.recordId,
      TeamRoleId: role.recordId,
    }),
  ]
  const ask = (of: OrgRecord, type: string, recipient: string) =>
    resolve(of, [{ type, recipient }], all)
  assert.deepEqual((await ask(opportunity, 'accountTeam', 'Sales Rep')).to, ['ben'])
  assert.deepEqual((await ask(opportunity, 'opportunityTeam', 'Sales Rep')).to, ['carl'])
  assert.deepEqual((await ask(about, 'caseTeam', 'Helper')).to, ['dora'])
  assert.deepEqual((await ask(about, 'opportunityTeam', 'Sales Rep')).to, [], 'it has none')
  assert.deepEqual((await ask(ACCOUNT, 'accountTeam', 'Nurse')).remarks, [
    'accountTeam: nobody is Nurse in the Account team',
  ])
})

test("a campaign member's lead or contact says whose owner it is", async () => {
  const lead = record('Lead', 1, { OwnerId: CARL.recordId })
  const member = record('CampaignMember', 1, { LeadId: lead.recordId, ContactId: null })
  const { to } = await resolve(member, [{ type: 'campaignMemberDerivedOwner' }], [lead])
  assert.deepEqual(to, ['carl'])
})

test('more recipients than one e-mail goes to are told', async () => {
  const role = record('UserRole', 1, { DeveloperName: 'All' })
  const many = Array.from({ length: 1100 }, (_, index) =>
    user(100 + index, `U${index}`, { UserRoleId: role.recordId }),
  )
  const { to, remarks } = await resolve(
    ACCOUNT,
    [{ type: 'role', recipient: 'All' }],
    [role, ...many],
  )
  assert.equal(to.length, 1000)
  assert.deepEqual(remarks, ['more than 1000 recipients: the others get none'])
})
