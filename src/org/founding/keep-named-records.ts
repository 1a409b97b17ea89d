import type { FieldValues } from '../../schema/field-value.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, type RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { foundingRecord } from './founding-record.ts'

/** A queue or public group as a project's file names it. */
export type NamedQueue = { readonly developerName: string; readonly name: string }

/** A role as a project's file names it, with the developer name of the role above. */
export type NamedRole = NamedQueue & { readonly parentRole: string | null }

/** More than any org has. */
const NAMES_MAX = 10_000

/**
 * Makes the records that definitions only name: queues, public groups, roles, record types, profiles, permission sets. What
 * is there already stays, also when no file names it any more, because records may refer to it. Answers how many were made.
 */
export async function keepNamedRecords(
  org: Org,
  {
    queues,
    groups = [],
    roles = [],
    userId,
  }: {
    queues: readonly NamedQueue[]
    groups?: readonly NamedQueue[]
    roles?: readonly NamedRole[]
    userId: RecordId
  },
): Promise<number> {
  const definitions = await org.refresh()
  const { records } = await org.store.readRecords(
    Object.keys(PREFIX_OF).map((objectName) => ({
      kind: 'all' as const,
      objectName,
      limit: NAMES_MAX,
    })),
  )
  const known = new Set(records.map(nameOf))
  const missing = [
    ...groupsOf(queues, 'Queue'),
    ...groupsOf(groups, 'Regular'),
    ...recordTypesOf(definitions),
    ...profilesOf(definitions),
    ...permissionSetsOf(definitions),
    ...roles.map(roleOf),
  ].filter((each) => !known.has(nameOf(each)))
  if (missing.length === 0) return 0
  const made: OrgRecord[] = []
  for (const { objectName, fields } of missing) {
    const [recordId] = await org.serials.takeIds(PREFIX_OF[objectName], 1)
    if (recordId)
      made.push(foundingRecord({ objectName, recordId, userId, now: org.clock.now(), fields }))
  }
  const parents = parentRoles([...records, ...made], roles)
  const answer = await org.store.commit({
    records: made.map((record) => ({ kind: 'insert', record: underParent(record, parents) })),
    notifications: [],
    expectations: [],
  })
  if (answer.kind === 'failed')
    throw new Error('queues, record types, profiles, permission sets and roles could not be kept')
  org.namedRecords.forget()
  org.users.forget()
  return made.length
}

const PREFIX_OF = {
  Group: KEY_PREFIX.queue,
  RecordType: KEY_PREFIX.recordType,
  Profile: KEY_PREFIX.profile,
  PermissionSet: KEY_PREFIX.permissionSet,
  UserRole: KEY_PREFIX.userRole,
} as const

/** Project files' names for the two profiles that every org has. */
const STANDING_PROFILES: ReadonlySet<string> = new Set(['admin', 'standard'])

type Wanted = { readonly objectName: keyof typeof PREFIX_OF; readonly fields: FieldValues }

function groupsOf(groups: readonly NamedQueue[], Type: 'Queue' | 'Regular'): readonly Wanted[] {
  return groups.map(({ developerName, name }) => ({
    objectName: 'Group',
    fields: { Name: name.slice(0, 40), DeveloperName: developerName, Type },
  }))
}

function recordTypesOf({ objects }: OrgDefinitions): readonly Wanted[] {
  return objects.flatMap((object) =>
    object.recordTypes.map(({ developerName, label, active }) => ({
      objectName: 'RecordType' as const,
      fields: {
        Name: label,
        DeveloperName: developerName,
        SobjectType: object.name,
        IsActive: active,
      },
    })),
  )
}

function profilesOf({ profiles }: OrgDefinitions): readonly Wanted[] {
  return profiles
    .filter(({ name }) => !STANDING_PROFILES.has(name.toLowerCase()))
    .map(({ name }) => ({ objectName: 'Profile', fields: { Name: name, UserType: 'Standard' } }))
}

function permissionSetsOf({ permissionSets }: OrgDefinitions): readonly Wanted[] {
  return permissionSets.map(({ name, label }) => ({
    objectName: 'PermissionSet',
    fields: { Name: name.slice(0, 80), Label: label.slice(0, 80), IsCustom: true },
  }))
}

function roleOf({ developerName, name }: NamedRole): Wanted {
  return {
    objectName: 'UserRole',
    fields: { Name: name.slice(0, 80), DeveloperName: developerName.slice(0, 80) },
  }
}

/** The id of the role above, by the developer name of the role below. */
function parentRoles(
  records: readonly OrgRecord[],
  roles: readonly NamedRole[],
): ReadonlyMap<string, RecordId> {
  const ids = new Map(
    records
      .filter(({ objectName }) => objectName === 'UserRole')
      .map(({ recordId, fields }) => [String(fields.DeveloperName).toLowerCase(), recordId]),
  )
  return new Map(
    roles.flatMap(({ developerName, parentRole }) => {
      const above = parentRole === null ? undefined : ids.get(parentRole.toLowerCase())
      return above === undefined ? [] : [[developerName.toLowerCase(), above] as const]
    }),
  )
}

function underParent(record: OrgRecord, parents: ReadonlyMap<string, RecordId>): OrgRecord {
  if (record.objectName !== 'UserRole') return record
  const ParentRoleId = parents.get(String(record.fields.DeveloperName).toLowerCase()) ?? null
  return { ...record, fields: { ...record.fields, ParentRoleId } }
}

/** What tells a record from others of its object: profiles and permission sets have only their name. */
function nameOf({ objectName, fields }: { objectName: string; fields: FieldValues }): string {
  const isGroup = objectName === 'Group'
  const owner = objectName === 'RecordType' ? fields.SobjectType : isGroup ? fields.Type : ''
  const isByName = objectName === 'Profile' || objectName === 'PermissionSet'
  const name = isByName ? fields.Name : fields.DeveloperName
  return `${objectName} ${owner} ${name}`.toLowerCase()
}
