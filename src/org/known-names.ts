import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { Org } from './open-org.ts'
import type { OrgDefinitions } from './org-definitions.ts'
import type { OrgUser } from './people/running-users.ts'
import { OrgRefusal } from './refusal.ts'

/** The object of that name, in any case. Throws an OrgRefusal with INVALID_TYPE. */
export function knownObject(definitions: OrgDefinitions, name: string): ObjectDefinition {
  const object = definitions.objectOf(name)
  if (object) return object
  throw new OrgRefusal('INVALID_TYPE', `sObject type '${name.slice(0, 255)}' is not supported.`)
}

/** The user of that id. Throws an OrgRefusal with INVALID_SESSION_ID. */
export async function knownUser(org: Org, userId: RecordId): Promise<OrgUser> {
  const user = await org.users.userOf(userId)
  if (user) return user
  throw new OrgRefusal('INVALID_SESSION_ID', `there is no user ${userId}: sign in again`)
}
