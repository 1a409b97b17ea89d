import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import type { Permissions } from '../../people/permissions.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'

/** Made by the org itself, never by a client. */
const NOT_CREATABLE: ReadonlySet<string> = new Set(['Organization', 'PermissionSet'])
/** As at Salesforce a user is made inactive, not deleted; the rest is what everything else refers to. */
const NOT_DELETABLE: ReadonlySet<string> = new Set([
  'Organization',
  'PermissionSet',
  'Profile',
  'RecordType',
  'User',
])
/** Changed in Setup: only with the setup privilege. */
const SETUP_OBJECTS: ReadonlySet<string> = new Set([
  'EmailTemplate',
  'Group',
  'Organization',
  'PermissionSet',
  'PermissionSetAssignment',
  'Profile',
  'RecordType',
  'User',
  'UserRole',
])

/** Why nobody, or not this user, may do that to records of the object; null when it is allowed. */
export function accessError(
  object: ObjectDefinition,
  operation: 'create' | 'update' | 'delete',
  permissions: Permissions,
): SaveError | null {
  const forbidden =
    operation === 'create' ? NOT_CREATABLE : operation === 'delete' ? NOT_DELETABLE : null
  if (forbidden?.has(object.name)) {
    const message = `entity type ${object.name} does not support ${operation}`
    return saveError('INVALID_TYPE_FOR_OPERATION', message)
  }
  const isSetup = SETUP_OBJECTS.has(object.name) || object.customSetting !== null
  if (!isSetup || permissions.mayCustomize) return null
  const message = 'insufficient access rights on object id'
  return saveError('INSUFFICIENT_ACCESS_OR_READONLY', message)
}
