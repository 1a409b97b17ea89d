import type { Profile } from '../definitions.ts'

/** What a profile lets its users see and do. */
export type Permissions = {
  readonly profileName: string
  /** Whether they may use Setup, and change users, profiles and custom settings. */
  readonly mayCustomize: boolean
  /** Whether any record of the object; a user who may view all data may. */
  readonly mayReadObject: (objectName: string) => boolean
  readonly mayRead: (objectName: string, fieldName: string) => boolean
  readonly mayEdit: (objectName: string, fieldName: string) => boolean
  /** Whether new records that name no record type get this one. */
  readonly isDefaultRecordType: (objectName: string, developerName: string) => boolean
  /** False where the profile's file says that the record type is not visible. */
  readonly mayUseRecordType: (objectName: string, developerName: string) => boolean
  /** Whether a user permission, as `ApiEnabled`, is switched on. */
  readonly has: (userPermission: string) => boolean
}

/** Its users have every user permission, whatever a project's file says. */
export const ADMINISTRATOR_PROFILE = 'System Administrator'
export const STANDARD_PROFILE = 'Standard User'
/** The setup privilege, by its name in profile files. */
export const SETUP_PERMISSION = 'CustomizeApplication'

/** Permissions of the profile named `profileName`; a profile without a definition hides nothing and grants nothing. */
export function permissionsOf(profileName: string, profile: Profile | undefined): Permissions {
  if (profile === undefined) return compilePermissions({ ...NOTHING_SAID, name: profileName })
  const known = compiled.get(profile)
  if (known) return known
  const made = compilePermissions({ ...profile, name: profileName })
  compiled.set(profile, made)
  return made
}

const NOTHING_SAID = { name: '', unreadable: [], readOnly: [], userPermissions: [] }
const compiled = new WeakMap<Profile, Permissions>()

function compilePermissions(profile: Profile): Permissions {
  const unreadable = folded(profile.unreadable)
  const readOnly = folded(profile.readOnly)
  const granted = folded(profile.userPermissions)
  const isAdministrator = profile.name.toLowerCase() === ADMINISTRATOR_PROFILE.toLowerCase()
  const has = (userPermission: string) =>
    isAdministrator || granted.has(userPermission.toLowerCase())
  const defaultTypes = folded(profile.recordTypes?.defaults ?? [])
  const hiddenTypes = folded(profile.recordTypes?.hidden ?? [])
  const unreadableObjects = folded(profile.unreadableObjects ?? [])
  const isIn = (fields: ReadonlySet<string>, objectName: string, fieldName: string) =>
    fields.size > 0 && fields.has(`${objectName}.${fieldName}`.toLowerCase())
  return {
    profileName: profile.name,
    mayCustomize: has(SETUP_PERMISSION),
    mayReadObject: (objectName) =>
      !unreadableObjects.has(objectName.toLowerCase()) || has('ViewAllData'),
    mayRead: (objectName, fieldName) => !isIn(unreadable, objectName, fieldName),
    mayEdit: (objectName, fieldName) =>
      !isIn(readOnly, objectName, fieldName) && !isIn(unreadable, objectName, fieldName),
    isDefaultRecordType: (objectName, name) => isIn(defaultTypes, objectName, name),
    mayUseRecordType: (objectName, name) => !isIn(hiddenTypes, objectName, name),
    has,
  }
}

function folded(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((each) => each.toLowerCase()))
}
