import { fieldOf, type ObjectDefinition } from './object-definition.ts'
import type { OrgRecord } from './record.ts'

/** Where people look for a record's name; the first that the object has. */
const NAME_FIELDS = ['Name', 'Subject', 'CaseNumber', 'ContractNumber']

/** What people call the record; null when it has no name, or its name is a secret. */
export function recordNameOf(
  object: ObjectDefinition | undefined,
  record: OrgRecord | null,
): string | null {
  if (!object || !record) return null
  for (const name of NAME_FIELDS) {
    const field = fieldOf(object, name)
    const value = field && !field.secret ? record.fields[field.name] : null
    if (typeof value === 'string') return value
  }
  return null
}
