import type { FieldValues } from '../../schema/field-value.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, type RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import { foundingRecord } from './founding-record.ts'

/** A queue as a project's file says it: its address, and who is in it. */
export type MemberedQueue = {
  readonly developerName: string
  readonly email: string | null
  readonly emailsMembers: boolean
  readonly members: readonly {
    readonly kind: 'user' | 'group' | 'role' | 'roleAndSubordinates'
    /** A username, or a developer name. */
    readonly name: string
  }[]
}

/** More than any org has. */
const RECORDS_MAX = 10_000

/**
 * Makes queues have the addresses and members that their files say. Members whom no file names stay, as they
 * may have been added here; those who are not in the org are passed over. Answers how many records were written.
 */
export async function keepMembers(
  org: Org,
  { queues, userId }: { queues: readonly MemberedQueue[]; userId: RecordId },
): Promise<number> {
  if (queues.length === 0) return 0
  const found = await readPeople(org)
  const make = async (objectName: string, prefix: string, fields: FieldValues) => {
    const [recordId] = await org.serials.takeIds(prefix, 1)
    if (!recordId) throw new Error(`there is no id for a ${objectName}`)
    return foundingRecord({ objectName, recordId, userId, now: org.clock.now(), fields })
  }
  const roleGroups: OrgRecord[] = []
  for (const wanted of roleGroupsOf(queues, found)) {
    roleGroups.push(await make('Group', KEY_PREFIX.queue, wanted))
  }
  const groups = [...found.groups, ...roleGroups]
  const members: OrgRecord[] = []
  for (const wanted of membersOf(queues, { ...found, groups })) {
    members.push(await make('GroupMember', KEY_PREFIX.groupMember, wanted))
  }
  const changed = found.groups.flatMap((group) => changedQueue(group, queues))
  const records = [
    ...[...roleGroups, ...members].map((record) => ({ kind: 'insert' as const, record })),
    ...changed.map((record) => ({ kind: 'update' as const, record })),
  ]
  if (records.length === 0) return 0
  const expectations = changed.map(({ objectName, recordId, version }) => ({
    kind: 'unchanged' as const,
    recordId,
    objectName,
    version: version - 1,
  }))
  const answer = await org.store.commit({ records, notifications: [], expectations })
  // Somebody changed a queue at this moment: the next load sees to it.
  return answer.kind === 'committed' ? records.length : 0
}

type People = {
  readonly users: readonly OrgRecord[]
  readonly groups: readonly OrgRecord[]
  readonly roles: readonly OrgRecord[]
  readonly members: readonly OrgRecord[]
}

async function readPeople(org: Org): Promise<People> {
  const { records } = await org.store.readRecords(
    ['User', 'Group', 'UserRole', 'GroupMember'].map((objectName) => ({
      kind: 'all' as const,
      objectName,
      limit: RECORDS_MAX,
    })),
  )
  const of = (name: string) => records.filter(({ objectName }) => objectName === name)
  return {
    users: of('User'),
    groups: of('Group'),
    roles: of('UserRole'),
    members: of('GroupMember'),
  }
}

const GROUP_TYPE = {
  group: 'Regular',
  role: 'Role',
  roleAndSubordinates: 'RoleAndSubordinates',
} as const

type Member = MemberedQueue['members'][number]

/** Roles are in a queue as groups that stand for them. */
function roleGroupsOf(queues: readonly MemberedQueue[], found: People): readonly FieldValues[] {
  const wanted = new Map<string, FieldValues>()
  for (const { kind, name } of queues.flatMap(({ members }) => members)) {
    if (kind !== 'role' && kind !== 'roleAndSubordinates') continue
    const role = named(found.roles, 'DeveloperName', name)
    if (!role || groupOf(found.groups, { kind, name })) continue
    wanted.set(`${kind} ${name.toLowerCase()}`, {
      Name: String(role.fields.Name ?? name).slice(0, 40),
      DeveloperName: name,
      Type: GROUP_TYPE[kind],
      RelatedId: role.recordId,
    })
  }
  return [...wanted.values()]
}

function membersOf(queues: readonly MemberedQueue[], found: People): readonly FieldValues[] {
  const known = new Set(found.members.map(({ fields }) => keyOf(fields)))
  return queues.flatMap((queue) => {
    const group = queueNamed(found.groups, queue.developerName)
    return queue.members.flatMap((member) => {
      const id = group && idOf(member, found)
      const fields = { GroupId: group?.recordId ?? null, UserOrGroupId: id ?? null }
      if (!id || known.has(keyOf(fields))) return []
      known.add(keyOf(fields))
      return [fields]
    })
  })
}

function keyOf(fields: FieldValues): string {
  return `${fields.GroupId} ${fields.UserOrGroupId}`
}

function idOf({ kind, name }: Member, found: People): RecordId | undefined {
  if (kind === 'user') return named(found.users, 'Username', name)?.recordId
  return groupOf(found.groups, { kind, name })?.recordId
}

function groupOf(
  groups: readonly OrgRecord[],
  { kind, name }: { readonly kind: keyof typeof GROUP_TYPE; readonly name: string },
): OrgRecord | undefined {
  const ofType = groups.filter(({ fields }) => fields.Type === GROUP_TYPE[kind])
  return named(ofType, 'DeveloperName', name)
}

function queueNamed(groups: readonly OrgRecord[], name: string): OrgRecord | undefined {
  return named(
    groups.filter(({ fields }) => fields.Type === 'Queue'),
    'DeveloperName',
    name,
  )
}

function named(
  records: readonly OrgRecord[],
  fieldName: string,
  name: string,
): OrgRecord | undefined {
  const wanted = name.toLowerCase()
  return records.find(({ fields }) => String(fields[fieldName] ?? '').toLowerCase() === wanted)
}

/** The queue as its file has it, where that differs. */
function changedQueue(group: OrgRecord, queues: readonly MemberedQueue[]): readonly OrgRecord[] {
  if (group.fields.Type !== 'Queue') return []
  const name = String(group.fields.DeveloperName ?? '').toLowerCase()
  const queue = queues.find(({ developerName }) => developerName.toLowerCase() === name)
  if (!queue) return []
  const { email: Email, emailsMembers: DoesSendEmailToMembers } = queue
  const { fields } = group
  const isSame =
    (fields.Email ?? null) === Email && fields.DoesSendEmailToMembers === DoesSendEmailToMembers
  if (isSame) return []
  const version = group.version + 1
  return [{ ...group, version, fields: { ...fields, Email, DoesSendEmailToMembers } }]
}
