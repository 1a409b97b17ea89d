import type { FieldDefinition } from './object-definition.ts'

/** What becomes of a record when the one that its reference field leads to is deleted. */
export type ReferenceEnd =
  | 'Cascade' // it is deleted too
  | 'Restrict' // the other may not be deleted
  | 'SetNull' // it refers to nothing

/**
 * How a reference ends. Details go with their master, Salesforce's own with what they cannot be without;
 * a lookup of one's own says it, and one that must not be blank keeps the other from being deleted.
 */
export function referenceEnd(field: FieldDefinition): ReferenceEnd {
  const { masterDetail, deleteConstraint = 'SetNull', required, name } = field
  if (masterDetail) return 'Cascade'
  if (deleteConstraint !== 'SetNull' || !required) return deleteConstraint
  return name.endsWith('__c') ? 'Restrict' : 'Cascade'
}

/** Who somebody is, what they may do, and record types: none of them can be deleted with what refers to them. */
const STANDING: ReadonlySet<string> = new Set([
  'Group',
  'Organization',
  'Profile',
  'RecordType',
  'User',
  'UserRole',
])

/** Whether a reference leads to records that may be deleted, and must then be found by it. */
export function leadsToDeletable({ type, referenceTo = [] }: FieldDefinition): boolean {
  return type === 'reference' && referenceTo.some((target) => !STANDING.has(target))
}
