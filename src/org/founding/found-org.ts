import { randomInt } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { hashPassword } from '../../base/secrets/password.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { DEFAULT_ORG_SETTINGS, type OrgSettings } from '../../schema/org-settings.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, makeRecordId, parseRecordId, type RecordId } from '../../schema/record-id.ts'
import { STANDARD_OBJECTS } from '../../schema/standard-objects.ts'
import type { OrgStore } from '../org-store.ts'
import { ADMINISTRATOR_PROFILE, STANDARD_PROFILE } from '../people/permissions.ts'
import { foundingRecord } from './founding-record.ts'

/** The setting that holds the organisation's id. */
const ORGANIZATION_ID = 'organizationId'

/** Serials of an organisation start here, so that its id fills its twelve digits as real ones do. */
const SERIAL_MIN = 62 ** 7
const SERIAL_SPAN = 2 ** 47

/** The first user, who may do everything. */
export type FirstUser = { readonly username: string; readonly password: string }

/**
 * Makes the org on first start: standard objects, organisation, two profiles and the first user. On later
 * starts it only brings the standard objects up to date; the password stays what it is.
 */
export async function foundOrg(
  { store, clock }: { store: OrgStore; clock: Clock },
  { firstUser, settings = DEFAULT_ORG_SETTINGS }: { firstUser: FirstUser; settings?: OrgSettings },
): Promise<{ readonly organizationId: RecordId; readonly userId: RecordId }> {
  const objects = STANDARD_OBJECTS.map((body) => ({
    kind: 'object' as const,
    key: body.name,
    body,
  }))
  await store.replaceDefinitions('built-in', objects)
  const candidate = makeRecordId(KEY_PREFIX.organization, SERIAL_MIN + randomInt(SERIAL_SPAN))
  const organizationId = parseRecordId(await store.claimSetting(ORGANIZATION_ID, candidate))
  const ids = foundingIds()
  await commitMissing(
    store,
    foundingRecords({ organizationId, ids, firstUser, settings, now: clock.now() }),
  )
  if ((await store.readPasswordHash(ids.user)) === null) {
    await store.writePasswordHash(ids.user, await hashPassword(firstUser.password))
  }
  return { organizationId, userId: ids.user }
}

/** The id of the org in the store; throws when none was founded. */
export async function readOrganizationId(store: OrgStore): Promise<RecordId> {
  const id = await store.readSetting(ORGANIZATION_ID)
  if (id === null) throw new Error('there is no org in this store yet: foundOrg makes one')
  return parseRecordId(id)
}

type FoundingIds = {
  readonly user: RecordId
  readonly administrator: RecordId
  readonly standard: RecordId
}

/** The user that every org has from its first start on. */
export function firstUserId(): RecordId {
  return foundingIds().user
}

/** Serials below FREE_SERIAL_MIN are never handed out: every start finds these again. */
function foundingIds(): FoundingIds {
  return {
    user: makeRecordId(KEY_PREFIX.user, 1),
    administrator: makeRecordId(KEY_PREFIX.profile, 1),
    standard: makeRecordId(KEY_PREFIX.profile, 2),
  }
}

function foundingRecords(founding: {
  organizationId: RecordId
  ids: FoundingIds
  firstUser: FirstUser
  settings: OrgSettings
  now: number
}): readonly OrgRecord[] {
  const { organizationId, ids, firstUser, settings, now } = founding
  const make = (objectName: string, recordId: RecordId, fields: FieldValues) =>
    foundingRecord({ objectName, recordId, userId: ids.user, now, fields })
  return [
    make('Organization', organizationId, organizationFields(settings)),
    make('Profile', ids.administrator, { Name: ADMINISTRATOR_PROFILE, UserType: 'Standard' }),
    make('Profile', ids.standard, { Name: STANDARD_PROFILE, UserType: 'Standard' }),
    make('User', ids.user, {
      ...userFields(firstUser.username, settings),
      UserType: 'Standard',
      FirstName: 'Admin',
      LastName: 'User',
      Name: 'Admin User',
      ProfileId: ids.administrator,
    }),
  ]
}

/** What a user needs besides a name and a profile. */
export function userFields(username: string, settings: OrgSettings): FieldValues {
  const alias = username.split('@')[0]?.slice(0, 8)
  return {
    Username: username,
    Email: username.includes('@') ? username : `${username}@example.com`,
    Alias: alias || 'user',
    CommunityNickname: (alias || 'user').slice(0, 40),
    IsActive: true,
    TimeZoneSidKey: settings.timeZone,
    LocaleSidKey: settings.locale,
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  }
}

function organizationFields(settings: OrgSettings): FieldValues {
  return {
    Name: settings.name,
    DefaultLocaleSidKey: settings.locale,
    TimeZoneSidKey: settings.timeZone,
    LanguageLocaleKey: 'en_US',
    FiscalYearStartMonth: String(settings.fiscalYearStartMonth),
    // `sf` asks for it before every command as long as it is null.
    OrganizationType: 'Developer Edition',
    InstanceName: 'OBM',
    IsSandbox: false,
    TrialExpirationDate: null,
  }
}

/** Of several processes that start on an empty store at once, one makes the records and the others find them. */
async function commitMissing(store: OrgStore, records: readonly OrgRecord[]): Promise<void> {
  const missing = await missingOf(store, records)
  if (missing.length === 0) return
  try {
    const answer = await store.commit({
      records: missing.map((record) => ({ kind: 'insert', record })),
      notifications: [],
      expectations: [],
    })
    if (answer.kind !== 'failed') return
  } catch (error) {
    if ((await missingOf(store, records)).length > 0) throw error
    return
  }
  throw new Error('the org could not be founded: its first records clash')
}

async function missingOf(
  store: OrgStore,
  records: readonly OrgRecord[],
): Promise<readonly OrgRecord[]> {
  const asks = records.map(({ objectName, recordId }) => ({
    kind: 'ids' as const,
    objectName,
    ids: [recordId],
    includeDeleted: true,
  }))
  const found = new Set((await store.readRecords(asks)).records.map((each) => each.recordId))
  return records.filter((each) => !found.has(each.recordId))
}
