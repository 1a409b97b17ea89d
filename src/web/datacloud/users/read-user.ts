import { PASSWORD_LENGTH_MAX } from '../../../base/secrets/password.ts'
import {
  type DataCloudUser,
  type Permission,
  RIGHTS,
  type Right,
} from '../../../jobs/users/datacloud-user.ts'
import {
  type Fields,
  invalid,
  placeOf,
  readBoolean,
  readFields,
  readRequiredText,
  readText,
  readTexts,
} from '../read-fields.ts'

const USERNAME_LENGTH_MAX = 255
/** As `obm serve` asks of the first user's. */
const PASSWORD_LENGTH_MIN = 12
const PERMISSIONS_MAX = 100
const RESOURCE_IDS_MAX = 1_000

/** `id` and `href` are of answers; a request may send them back, they are not read. */
const KNOWN = ['id', 'href', 'username', 'password', 'active', 'admin', 'role', 'permissions']

type UserFields = Pick<DataCloudUser, 'username' | 'isActive' | 'role' | 'permissions'>

/** Reads a user to create: `username` and `password` must be there; a General User without rights is one. */
export function readNewUser(body: unknown): UserFields & { readonly password: string } {
  const fields = readFields(body, '', KNOWN)
  return {
    username: readRequiredText(fields, 'username', USERNAME_LENGTH_MAX),
    password: readNewPassword(fields),
    isActive: readBoolean(fields, 'active', true),
    role: readRole(fields) ?? 'General User',
    permissions: readPermissions(fields) ?? [],
  }
}

/** Reads what is to change of a user: only what is there. */
export function readUserChange(
  body: unknown,
): Partial<UserFields> & { readonly password?: string } {
  const fields = readFields(body, '', KNOWN)
  const username = readText(fields, 'username', { lengthMax: USERNAME_LENGTH_MAX, fallback: null })
  const role = readRole(fields)
  const permissions = readPermissions(fields)
  return {
    ...(username !== null && { username }),
    ...(fields.values.has('password') && { password: readNewPassword(fields) }),
    ...(fields.values.has('active') && { isActive: readBoolean(fields, 'active', true) }),
    ...(role && { role }),
    ...(permissions && { permissions }),
  }
}

/** Reads `password`, which is not quoted in the refusal. */
export function readNewPassword(fields: Fields): string {
  const value = fields.values.get('password')
  const isPassword =
    typeof value === 'string' &&
    value.length >= PASSWORD_LENGTH_MIN &&
    value.length <= PASSWORD_LENGTH_MAX
  if (isPassword) return value
  const expected = `a text of ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`
  throw invalid('password', expected, value === undefined ? undefined : 'something else')
}

/** `admin`, DataCloud's flag, or `role`, its words. */
function readRole(fields: Fields): DataCloudUser['role'] | null {
  const role = fields.values.get('role')
  const said = role === 'Admin' || role === 'General User' ? role : null
  if (role !== undefined && said === null) throw invalid('role', '"Admin" or "General User"', role)
  if (!fields.values.has('admin')) return said
  const flagged = readBoolean(fields, 'admin', false) ? 'Admin' : 'General User'
  if (said !== null && said !== flagged) throw invalid('admin', `what role says: ${said}`, flagged)
  return flagged
}

/** DataCloud's permissions of a policy, of job configs only: `{resourceType, allowed, resourceIds}`. */
function readPermissions(fields: Fields): readonly Permission[] | null {
  const value = fields.values.get('permissions')
  if (value === undefined) return null
  if (!Array.isArray(value) || value.length > PERMISSIONS_MAX) {
    throw invalid('permissions', `a list of up to ${PERMISSIONS_MAX}`, value)
  }
  return value.map((each, index) => {
    const known = ['resourceType', 'allowed', 'resourceIds']
    const permission = readFields(each, `permissions[${index}]`, known)
    const type = permission.values.get('resourceType')
    if (type !== undefined && type !== 'jobconfigs') {
      throw invalid(placeOf(permission, 'resourceType'), '"jobconfigs"', type)
    }
    const limits = { countMax: RESOURCE_IDS_MAX, lengthMax: 255, fallback: [] }
    return {
      allowed: readAllowed(permission),
      resourceIds: readTexts(permission, 'resourceIds', limits),
    }
  })
}

function readAllowed(permission: Fields): readonly Right[] {
  const limits = { countMax: RIGHTS.length, lengthMax: 20, fallback: [] }
  const names = readTexts(permission, 'allowed', limits)
  if (names.some((name) => name === '*')) return RIGHTS
  return names.map((name) => {
    const right = RIGHTS.find((each) => each === name)
    if (right) return right
    throw invalid(placeOf(permission, 'allowed'), `some of ${RIGHTS.join(', ')}, or *`, name)
  })
}
