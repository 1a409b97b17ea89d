import { tryRecordId } from '../../schema/record-id.ts'
import type { PartnerRow, UserInfo } from './partner-client.ts'

/** What the custom setting says for a user: a DataCloud user name and password. */
export type Credential = { readonly username: string; readonly password: string }

/**
 * The SOQL for the rows that may apply to the user; null where the ids or the setting's name are
 * none.
 */
export function credentialQuery(settingName: string, user: UserInfo): string | null {
  const owners = ownersOf(user)
  if (owners.includes(null) || !/^\w{1,80}$/.test(settingName)) return null
  const ids = owners.map((id) => `'${id}'`).join(', ')
  return `SELECT Id, SetupOwnerId, Username__c, Password__c FROM ${settingName} WHERE SetupOwnerId IN (${ids})`
}

/**
 * The hierarchy of a custom setting, as `getInstance()` resolves it: for each field the user's row, then
 * the profile's, then the organisation's; the first that is not null. SOQL gives the plain rows.
 */
export function credentialOf(rows: readonly PartnerRow[], user: UserInfo): Credential | null {
  const mostSpecificFirst = ownersOf(user).flatMap((owner) =>
    rows.filter((row) => tryRecordId(row.get('setupownerid') ?? '') === owner),
  )
  const field = (name: string) =>
    mostSpecificFirst.map((row) => row.get(name) ?? null).find((value) => value !== null)

  const [username, password] = [field('username__c'), field('password__c')]
  return username !== undefined && password !== undefined ? { username, password } : null
}

function ownersOf({ userId, profileId, organizationId }: UserInfo) {
  return [userId, profileId, organizationId].map((id) => tryRecordId(id))
}
