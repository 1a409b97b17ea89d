import type { XmlElement } from '../../base/xml.ts'
import type { GroupMember } from '../project.ts'
import type { Contribution } from './contribution.ts'
import { booleanOf, childrenOf, placeOf, type Source, textOf, wordOf } from './source.ts'

/** Salesforce's own profiles have other names in files than people and `$Profile.Name` see. */
const PROFILE_NAMES: ReadonlyMap<string, string> = new Map([
  ['Admin', 'System Administrator'],
  ['Standard', 'Standard User'],
  ['StandardAul', 'Standard Platform User'],
  ['ReadOnly', 'Read Only'],
  ['SolutionManager', 'Solution Manager'],
  ['MarketingProfile', 'Marketing User'],
  ['ContractManager', 'Contract Manager'],
])

/** Reads a `<Profile>`: which fields its users may see and edit, and what else they may do. */
export function readProfile(source: Source, fileName: string, root: XmlElement): Contribution {
  const fieldPermissions = childrenOf(root, 'fieldPermissions').flatMap((child) => {
    const field = wordOf(child, 'field')
    if (field === null) return []
    const editable = booleanOf(child, 'editable') ?? false
    return { field, readable: booleanOf(child, 'readable') ?? editable, editable }
  })
  const unreadableObjects = childrenOf(root, 'objectPermissions').flatMap((child) => {
    const object = wordOf(child, 'object')
    return object !== null && booleanOf(child, 'allowRead') === false ? object : []
  })
  const userPermissions = childrenOf(root, 'userPermissions').flatMap((child) => {
    const name = wordOf(child, 'name')
    return name !== null && booleanOf(child, 'enabled') ? name : []
  })
  const recordTypes = childrenOf(root, 'recordTypeVisibilities').flatMap((child) => {
    const recordType = wordOf(child, 'recordType')
    if (recordType === null) return []
    const isDefault = booleanOf(child, 'default') ?? false
    return [{ recordType, isDefault, isVisible: booleanOf(child, 'visible') ?? isDefault }]
  })
  const name = PROFILE_NAMES.get(fileName) ?? fileName
  const place = placeOf(source, root)
  const customPermissions = customPermissionsIn(root)
  return {
    profiles: [
      {
        name,
        fieldPermissions,
        unreadableObjects,
        userPermissions,
        customPermissions,
        recordTypes,
        place,
      },
    ],
  }
}

function customPermissionsIn(root: XmlElement): readonly string[] {
  return childrenOf(root, 'customPermissions').flatMap((child) => {
    const name = wordOf(child, 'name')
    return name !== null && booleanOf(child, 'enabled') ? name : []
  })
}

/** Reads a `<PermissionSet>`: of what it gives, the custom permissions. */
export function readPermissionSet(source: Source, name: string, root: XmlElement): Contribution {
  const label = textOf(root, 'label') ?? name
  const customPermissions = customPermissionsIn(root)
  return { permissionSets: [{ name, label, customPermissions, place: placeOf(source, root) }] }
}

/** Reads a `<Role>`; its developer name is that of the file. */
export function readRole(source: Source, developerName: string, root: XmlElement): Contribution {
  const name = textOf(root, 'name') ?? developerName
  const parentRole = wordOf(root, 'parentRole')
  return { roles: [{ developerName, name, parentRole, place: placeOf(source, root) }] }
}

/** Reads a `<Queue>`; its developer name is that of the file. */
export function readQueue(source: Source, developerName: string, root: XmlElement): Contribution {
  const objects = childrenOf(root, 'queueSobject').flatMap((child) => {
    return wordOf(child, 'sobjectType') ?? []
  })
  return {
    queues: [
      {
        developerName,
        name: textOf(root, 'name') ?? developerName,
        objects,
        email: wordOf(root, 'email'),
        emailsMembers: booleanOf(root, 'doesSendEmailToMembers') ?? false,
        members: childrenOf(root, 'queueMembers').flatMap(membersIn),
        place: placeOf(source, root),
      },
    ],
  }
}

/** How `<queueMembers>` lists each kind: `<users><user>…</user></users>`. */
const MEMBER_ELEMENTS = [
  ['users', 'user', 'user'],
  ['publicGroups', 'publicGroup', 'group'],
  ['roles', 'role', 'role'],
  ['roleAndSubordinates', 'roleAndSubordinate', 'roleAndSubordinates'],
  ['roleAndSubordinatesInternal', 'roleAndSubordinateInternal', 'roleAndSubordinates'],
] as const

function membersIn(element: XmlElement): readonly GroupMember[] {
  return MEMBER_ELEMENTS.flatMap(([list, item, kind]) =>
    childrenOf(element, list).flatMap((each) =>
      childrenOf(each, item).flatMap(({ text }) => {
        const name = text.trim()
        return name === '' ? [] : [{ kind, name }]
      }),
    ),
  )
}

/** Reads a `<Group>`: a public group. Salesforce's files do not say who is in it. */
export function readGroup(source: Source, developerName: string, root: XmlElement): Contribution {
  const name = textOf(root, 'name') ?? developerName
  return { groups: [{ developerName, name, place: placeOf(source, root) }] }
}
