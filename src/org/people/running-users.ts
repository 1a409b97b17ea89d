import { type Clock, SECOND_MS } from '../../base/clock.ts'
import type { RunningUser } from '../../rules/evaluation-context.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgStore, RecordAsk } from '../org-store.ts'
import { type Permissions, permissionsOf } from './permissions.ts'

/** A user as the org acts for them. */
export type OrgUser = {
  readonly userId: RecordId
  readonly username: string
  readonly name: string
  readonly email: string | null
  readonly isActive: boolean
  readonly profileId: RecordId | null
  readonly permissions: Permissions
  /** What the rules see of them. */
  readonly running: RunningUser & { readonly record: OrgRecord }
}

/** Users with profile and role, kept for a moment: a change made by another process shows within that time. */
export type RunningUsers = {
  /** Null when there is no such user. */
  userOf(userId: RecordId): Promise<OrgUser | null>
  /** Null when nobody has the username. */
  userNamed(username: string): Promise<OrgUser | null>
  /** After users, profiles or roles were changed here. */
  forget(): void
}

const KEPT_MS = 10 * SECOND_MS
const KEPT_MAX = 1000

/** Opens the cache. */
export function openRunningUsers(ports: {
  store: OrgStore
  clock: Clock
  definitions: () => OrgDefinitions
}): RunningUsers {
  const { store, clock, definitions } = ports
  const users = new Map<
    string,
    { readonly readAt: number; readonly user: Promise<OrgUser | null> }
  >()

  const recall = (key: string, ask: RecordAsk) => {
    const known = users.get(key)
    if (known && clock.real() - known.readAt < KEPT_MS) return known.user
    if (users.size >= KEPT_MAX) users.clear()
    const user = readUser(store, definitions, ask)
    users.set(key, { readAt: clock.real(), user })
    user.then(
      (found) => found ?? users.delete(key), // somebody may be made of that name the next moment
      () => users.delete(key),
    )
    return user
  }

  return {
    userOf: (userId) => recall(userId, { kind: 'ids', objectName: 'User', ids: [userId] }),
    userNamed: (username) =>
      recall(`name ${username.toLowerCase()}`, {
        kind: 'key',
        objectName: 'User',
        field: 'Username',
        values: [username],
      }),
    forget: () => users.clear(),
  }
}

async function readUser(
  store: OrgStore,
  definitions: () => OrgDefinitions,
  ask: RecordAsk,
): Promise<OrgUser | null> {
  const [record] = (await store.readRecords([ask])).records
  if (!record) return null
  const profileId = idIn(record, 'ProfileId')
  const roleId = idIn(record, 'UserRoleId')
  const asks: RecordAsk[] = []
  if (profileId) asks.push({ kind: 'ids', objectName: 'Profile', ids: [profileId] })
  if (roleId) asks.push({ kind: 'ids', objectName: 'UserRole', ids: [roleId] })
  const others = asks.length > 0 ? (await store.readRecords(asks)).records : []
  const definedNow = definitions()
  const permissions = await customPermissionsOf(store, record, definedNow)
  const profile = others.find((each) => each.recordId === profileId) ?? null
  const role = others.find((each) => each.recordId === roleId) ?? null
  return orgUser(record, { profile, role, permissions, definitions: definedNow })
}

/** What the permission sets that are assigned to the user switch on. */
async function customPermissionsOf(
  store: OrgStore,
  { recordId }: OrgRecord,
  definitions: OrgDefinitions,
): Promise<readonly string[]> {
  const givers = definitions.permissionSets.filter((each) => each.customPermissions.length > 0)
  if (givers.length === 0) return []
  const assignments = await store.readRecords([
    {
      kind: 'key',
      objectName: 'PermissionSetAssignment',
      field: 'AssigneeId',
      values: [recordId],
    },
  ])
  const ids = assignments.records.flatMap((each) => idIn(each, 'PermissionSetId') ?? [])
  if (ids.length === 0) return []
  const sets = await store.readRecords([{ kind: 'ids', objectName: 'PermissionSet', ids }])
  const names = new Set(sets.records.map((each) => textIn(each, 'Name')?.toLowerCase()))
  return givers.flatMap(({ name, customPermissions }) =>
    names.has(name.toLowerCase()) ? customPermissions : [],
  )
}

function orgUser(
  record: OrgRecord,
  {
    profile,
    role,
    permissions,
    definitions,
  }: {
    profile: OrgRecord | null
    role: OrgRecord | null
    permissions: readonly string[]
    definitions: OrgDefinitions
  },
): OrgUser {
  const profileName = textIn(profile, 'Name') ?? ''
  const defined = definitions.profileOf(profileName)
  const customPermissions = [...(defined?.customPermissions ?? []), ...permissions]
  return {
    userId: record.recordId,
    username: textIn(record, 'Username') ?? '',
    name: textIn(record, 'Name') ?? '',
    email: textIn(record, 'Email'),
    isActive: record.fields.IsActive === true,
    profileId: profile?.recordId ?? null,
    permissions: permissionsOf(profileName, defined),
    running: {
      record,
      profile,
      role,
      permissions: new Set(customPermissions.map((each) => each.toLowerCase())),
    },
  }
}

function idIn(record: OrgRecord, fieldName: string): RecordId | null {
  const value = record.fields[fieldName]
  return typeof value === 'string' ? tryRecordId(value) : null
}

function textIn(record: OrgRecord | null, fieldName: string): string | null {
  const value = record?.fields[fieldName]
  return typeof value === 'string' ? value : null
}
