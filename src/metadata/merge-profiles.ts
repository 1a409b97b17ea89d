import type { ProfileDefinition } from './project.ts'

/** Puts together what several files, one in each package, say about the same profile. */
export function mergeProfiles(
  profiles: readonly ProfileDefinition[],
): readonly ProfileDefinition[] {
  const byName = new Map<string, ProfileDefinition>()
  for (const profile of profiles) {
    const before = byName.get(profile.name)
    byName.set(profile.name, before ? join(before, profile) : profile)
  }
  return [...byName.values()]
}

function join(one: ProfileDefinition, other: ProfileDefinition): ProfileDefinition {
  return {
    ...one,
    fieldPermissions: [...one.fieldPermissions, ...other.fieldPermissions],
    unreadableObjects: [...new Set([...one.unreadableObjects, ...other.unreadableObjects])],
    recordTypes: [...one.recordTypes, ...other.recordTypes],
    customPermissions: [...new Set([...one.customPermissions, ...other.customPermissions])],
    userPermissions: [...new Set([...one.userPermissions, ...other.userPermissions])],
  }
}
