import { type Clock, SECOND_MS } from '../../base/clock.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { OrgStore } from '../org-store.ts'

/** Queues, record types and roles by the names that files use. */
export type Names = {
  readonly queueNamed: (developerName: string) => RecordId | null
  readonly recordTypeNamed: (developerName: string, objectName: string) => RecordId | null
  readonly recordTypeOf: (id: RecordId) => { objectName: string; developerName: string } | null
  /** The active user of the role, when there is exactly one. */
  readonly soleUserOfRole: (developerName: string) => RecordId | null
}

/** For whom no name is of interest. */
export const NO_NAMES: Names = {
  queueNamed: () => null,
  recordTypeNamed: () => null,
  recordTypeOf: () => null,
  soleUserOfRole: () => null,
}

/** Names kept for a moment: what another process adds shows within that time. */
export type NamedRecords = {
  names(): Promise<Names>
  /** After a queue or record type was changed here. */
  forget(): void
}

const KEPT_MS = 10 * SECOND_MS
/** More queues and record types than any org has. */
const NAMES_MAX = 10_000

/** Opens the cache over the store. */
export function openNamedRecords({
  store,
  clock,
}: {
  store: OrgStore
  clock: Clock
}): NamedRecords {
  let kept: { readonly readAt: number; readonly names: Promise<Names> } | null = null
  return {
    names() {
      if (kept && clock.real() - kept.readAt < KEPT_MS) return kept.names
      const names = readNames(store)
      kept = { readAt: clock.real(), names }
      names.catch(() => {
        kept = null
      })
      return names
    },
    forget() {
      kept = null
    },
  }
}

async function readNames(store: OrgStore): Promise<Names> {
  const { records } = await store.readRecords([
    { kind: 'all', objectName: 'Group', limit: NAMES_MAX },
    { kind: 'all', objectName: 'RecordType', limit: NAMES_MAX },
    { kind: 'all', objectName: 'UserRole', limit: NAMES_MAX },
  ])
  const queues = records.filter(
    (each) => each.objectName === 'Group' && each.fields.Type === 'Queue',
  )
  const recordTypes = records.filter((each) => each.objectName === 'RecordType')
  const queueIds = new Map(queues.map((each) => [folded(each, 'DeveloperName'), each.recordId]))
  const typeIds = new Map(
    recordTypes.map((each) => [
      `${folded(each, 'SobjectType')}.${folded(each, 'DeveloperName')}`,
      each.recordId,
    ]),
  )
  const typeNames = new Map(
    recordTypes.map(({ recordId, fields }) => [
      recordId,
      {
        objectName: String(fields['SobjectType'] ?? ''),
        developerName: String(fields['DeveloperName'] ?? ''),
      },
    ]),
  )
  const usersOfRoles = await readUsersOfRoles(
    store,
    records.filter((each) => each.objectName === 'UserRole'),
  )
  return {
    queueNamed: (name) => queueIds.get(name.toLowerCase()) ?? null,
    recordTypeNamed: (name, objectName) =>
      typeIds.get(`${objectName}.${name}`.toLowerCase()) ?? null,
    recordTypeOf: (id) => typeNames.get(id) ?? null,
    soleUserOfRole: (name) => {
      const users = usersOfRoles.get(name.toLowerCase()) ?? []
      return users.length === 1 ? (users[0] ?? null) : null
    },
  }
}

/** Active users by their role's developer name. */
async function readUsersOfRoles(
  store: OrgStore,
  roles: readonly OrgRecord[],
): Promise<ReadonlyMap<string, readonly RecordId[]>> {
  if (roles.length === 0) return new Map()
  const values = roles.map(({ recordId }) => recordId)
  const { records: users } = await store.readRecords([
    { kind: 'key', objectName: 'User', field: 'UserRoleId', values },
  ])
  return new Map(
    roles.map((role) => {
      const its = users.filter(
        ({ fields }) => fields['UserRoleId'] === role.recordId && fields['IsActive'] === true,
      )
      return [folded(role, 'DeveloperName'), its.map(({ recordId }) => recordId)]
    }),
  )
}

function folded({ fields }: OrgRecord, name: string): string {
  return String(fields[name] ?? '').toLowerCase()
}
