import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, keyPrefixOf, type RecordId } from '../../schema/record-id.ts'
import type { Directory } from '../mail-org.ts'
import {
  addressIn,
  idIn,
  NOBODY,
  notFound,
  personRecipient,
  type Resolution,
  textIn,
  together,
} from './recipient.ts'

/** Groups and roles inside each other; deeper ones are passed over. */
const DEPTH_MAX = 20

/** The user of that username. */
export async function userNamed(
  directory: Directory,
  username: string | null,
): Promise<Resolution> {
  if (username === null) return notFound('a recipient names no user')
  const [user] = await directory.find('User', 'Username', [username])
  return user ? personRecipient(user) : notFound(`there is no user ${username}`)
}

/** The user, contact or queue of that id. */
export async function holderOf(directory: Directory, id: RecordId | null): Promise<Resolution> {
  const record = id === null ? null : await directory.recordOf(id)
  if (!record) return NOBODY
  return record.objectName === 'Group' ? queueOf(directory, record) : personRecipient(record)
}

/** A queue's address; its members where it has none, or says that they get mail too. */
async function queueOf(directory: Directory, queue: OrgRecord): Promise<Resolution> {
  const address = addressIn(textIn(queue, 'Email') ?? '')
  const name = textIn(queue, 'Name') ?? ''
  const own: Resolution =
    address === null ? NOBODY : { recipients: [{ address, name, record: null }], remarks: [] }
  if (address !== null && queue.fields.DoesSendEmailToMembers !== true) return own
  const members = await membersOf(directory, [queue])
  if (address === null && members.recipients.length === 0) {
    return notFound(`the queue ${name} has neither an address nor members with one`)
  }
  return together([own, members])
}

/** A public group by its developer name, or its label. */
export async function groupNamed(directory: Directory, name: string | null): Promise<Resolution> {
  if (name === null) return notFound('a recipient names no group')
  const groups = await named(directory, 'Group', name)
  const group = groups.find((each) => each.fields.Type !== 'Queue')
  if (!group) return notFound(`there is no public group ${name}`)
  const members = await membersOf(directory, [group])
  return members.recipients.length > 0 || members.remarks.length > 0
    ? members
    : notFound(`the group ${name} has no members`)
}

async function membersOf(directory: Directory, groups: readonly OrgRecord[]): Promise<Resolution> {
  const seen = new Set(groups.map((each) => each.recordId))
  const userIds = new Set<RecordId>()
  const found: Resolution[] = []
  let frontier = groups
  for (let depth = 0; frontier.length > 0 && depth < DEPTH_MAX; depth += 1) {
    for (const group of frontier) found.push(await roleOfGroup(directory, group))
    const ids = frontier.map((each) => each.recordId)
    const members = await directory.find('GroupMember', 'GroupId', ids)
    const inner: OrgRecord[] = []
    for (const member of members) {
      const id = idIn(member, 'UserOrGroupId')
      if (id === null || seen.has(id)) continue
      if (keyPrefixOf(id) === KEY_PREFIX.user) userIds.add(id)
      else {
        seen.add(id)
        const group = await directory.recordOf(id)
        if (group) inner.push(group)
      }
    }
    frontier = inner
  }
  const users = await directory.find('User', 'Id', [...userIds])
  return together([...found, ...users.map(personRecipient)])
}

/** A group that stands for a role, alone or with those below it. */
async function roleOfGroup(directory: Directory, group: OrgRecord): Promise<Resolution> {
  const roleId = idIn(group, 'RelatedId')
  if (roleId === null) return NOBODY
  switch (group.fields.Type) {
    case 'Role':
      return usersInRoles(directory, [roleId])
    case 'RoleAndSubordinates':
      return usersInRoles(directory, await withSubordinates(directory, roleId))
    default:
      return NOBODY
  }
}

/** Users in a role by its developer name, or its label; with `below` those in the roles under it too. */
export async function roleNamed(
  directory: Directory,
  name: string | null,
  { below, internalOnly = false }: { readonly below: boolean; readonly internalOnly?: boolean },
): Promise<Resolution> {
  if (name === null) return notFound('a recipient names no role')
  const [role] = await named(directory, 'UserRole', name)
  if (!role) return notFound(`there is no role ${name}`)
  const ids = below ? await withSubordinates(directory, role.recordId) : [role.recordId]
  const users = await directory.find('User', 'UserRoleId', ids)
  const meant = internalOnly ? users.filter(isInternal) : users
  if (meant.length === 0)
    return notFound(`nobody has the role ${name}${below ? ' or one below' : ''}`)
  return together(meant.map(personRecipient))
}

function isInternal({ fields }: OrgRecord): boolean {
  return fields.UserType === null || fields.UserType === undefined || fields.UserType === 'Standard'
}

async function usersInRoles(directory: Directory, ids: readonly RecordId[]): Promise<Resolution> {
  return together((await directory.find('User', 'UserRoleId', ids)).map(personRecipient))
}

async function withSubordinates(directory: Directory, id: RecordId): Promise<readonly RecordId[]> {
  const all = new Set([id])
  let frontier: readonly RecordId[] = [id]
  for (let depth = 0; frontier.length > 0 && depth < DEPTH_MAX; depth += 1) {
    const below = await directory.find('UserRole', 'ParentRoleId', frontier)
    frontier = below.map((each) => each.recordId).filter((each) => !all.has(each))
    for (const each of frontier) all.add(each)
  }
  return [...all]
}

async function named(
  directory: Directory,
  objectName: string,
  name: string,
): Promise<readonly OrgRecord[]> {
  const byDeveloperName = await directory.find(objectName, 'DeveloperName', [name])
  return byDeveloperName.length > 0 ? byDeveloperName : directory.find(objectName, 'Name', [name])
}
