import type { FieldDefinition, ObjectDefinition } from '../../../schema/object-definition.ts'

const text = (name: string): FieldDefinition => ({ name, label: name, type: 'string' })
const id: FieldDefinition = { name: 'Id', label: 'Id', type: 'id' }

function system(name: string, fields: readonly string[]): ObjectDefinition {
  return {
    name,
    label: name,
    labelPlural: name,
    keyPrefix: null,
    custom: false,
    customSetting: null,
    fields: [id, ...fields.map(text)],
    recordTypes: [],
  }
}

const SYSTEM_OBJECTS: ReadonlyMap<string, ObjectDefinition> = new Map(
  [
    system('RecordType', ['Name', 'DeveloperName', 'Description', 'SobjectType']),
    system('Profile', ['Name', 'Description']),
    system('UserRole', ['Name', 'DeveloperName']),
    system('Group', ['Name', 'DeveloperName', 'Email', 'Type']),
  ].map((object) => [object.name.toLowerCase(), object]),
)

/** The fields formulas use of setup objects, for orgs whose definitions do not list them. */
export function systemObject(name: string): ObjectDefinition | undefined {
  return SYSTEM_OBJECTS.get(name.toLowerCase() === 'queue' ? 'group' : name.toLowerCase())
}
