import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Directory, MailDefinitions } from '../mail-org.ts'
import { holderOf } from './people.ts'
import { idIn, NOBODY, notFound, type Resolution, textIn, together } from './recipient.ts'

type TeamAsk = {
  readonly directory: Directory
  readonly definitions: Pick<MailDefinitions, 'objectOf'>
  readonly record: OrgRecord
}

/** The owner of the record's account; of the record itself where it has none, as at Salesforce. */
export async function accountOwner({
  directory,
  definitions,
  record,
}: TeamAsk): Promise<Resolution> {
  const accountId = parentId(definitions, record, 'Account')
  const account = accountId === null ? null : await directory.recordOf(accountId)
  return holderOf(directory, idIn(account ?? record, 'OwnerId'))
}

/** Who has the role in the team of the record's account. */
export function accountTeam(ask: TeamAsk, role: string | null): Promise<Resolution> {
  return teamOf(ask, { team: 'AccountTeamMember', of: 'Account', by: 'AccountId', role })
}

/** Who has the role in the team of the record's opportunity. */
export function opportunityTeam(ask: TeamAsk, role: string | null): Promise<Resolution> {
  return teamOf(ask, {
    team: 'OpportunityTeamMember',
    of: 'Opportunity',
    by: 'OpportunityId',
    role,
  })
}

async function teamOf(
  { directory, definitions, record }: TeamAsk,
  how: {
    readonly team: string
    readonly of: string
    readonly by: string
    readonly role: string | null
  },
): Promise<Resolution> {
  const { team, of, by, role } = how
  if (!definitions.objectOf(team)) return notFound(`there is no object ${team} in this org`)
  const id = parentId(definitions, record, of)
  if (id === null) return NOBODY
  const members = await directory.find(team, by, [id])
  const meant = members.filter((each) => role === null || textIn(each, 'TeamMemberRole') === role)
  if (meant.length === 0) return notFound(`nobody is ${role ?? 'a member'} in the ${of} team`)
  return together(await Promise.all(meant.map((each) => holderOf(directory, idIn(each, 'UserId')))))
}

/** Who has the role in the case's team: users, and contacts. */
export async function caseTeam(
  { directory, definitions, record }: TeamAsk,
  role: string | null,
): Promise<Resolution> {
  if (!definitions.objectOf('CaseTeamMember')) {
    return notFound('there is no object CaseTeamMember in this org')
  }
  const caseId = parentId(definitions, record, 'Case')
  if (caseId === null) return NOBODY
  const roles = role === null ? [] : await directory.find('CaseTeamRole', 'Name', [role])
  const roleIds = roles.map((each) => each.recordId)
  const members = await directory.find('CaseTeamMember', 'ParentId', [caseId])
  const meant = members.filter((each) => {
    const id = idIn(each, 'TeamRoleId')
    return role === null || (id !== null && roleIds.includes(id))
  })
  if (meant.length === 0) return notFound(`nobody is ${role ?? 'a member'} in the case team`)
  return together(
    await Promise.all(meant.map((each) => holderOf(directory, idIn(each, 'MemberId')))),
  )
}

/** The owner of the campaign member's lead or contact; of a lead or contact the owner. */
export async function memberOwner({ directory, record }: TeamAsk): Promise<Resolution> {
  if (record.objectName !== 'CampaignMember') return holderOf(directory, idIn(record, 'OwnerId'))
  const id = idIn(record, 'LeadId') ?? idIn(record, 'ContactId')
  const person = id === null ? null : await directory.recordOf(id)
  return person ? holderOf(directory, idIn(person, 'OwnerId')) : NOBODY
}

/** The record of that object which this one is, or belongs to: by its standard field, else by the first that is set. */
function parentId(
  definitions: Pick<MailDefinitions, 'objectOf'>,
  record: OrgRecord,
  objectName: string,
): RecordId | null {
  if (record.objectName === objectName) return record.recordId
  const standard = idIn(record, `${objectName}Id`)
  if (standard !== null) return standard
  const fields = definitions.objectOf(record.objectName)?.fields ?? []
  for (const { name, referenceTo } of fields) {
    const id = referenceTo?.includes(objectName) ? idIn(record, name) : null
    if (id !== null) return id
  }
  return null
}
