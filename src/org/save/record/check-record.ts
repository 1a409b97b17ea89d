import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../../../schema/object-definition.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import { parseRecordId, type RecordId } from '../../../schema/record-id.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { Permissions } from '../../people/permissions.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'

/** Fields that the client may not write: read-only ones and those the profile may not edit, in one error. */
export function writeErrors(
  object: ObjectDefinition,
  names: Iterable<string>,
  { isNew, permissions }: { isNew: boolean; permissions: Permissions },
): readonly SaveError[] {
  const closed = [...names].filter((name) => {
    const field = fieldOf(object, name)
    return !field || !isWritable(field, isNew) || !permissions.mayEdit(object.name, field.name)
  })
  if (closed.length === 0) return []
  const message = `Unable to create/update fields: ${closed.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
  return [saveError('INVALID_FIELD_FOR_INSERT_UPDATE', message, ...closed)]
}

function isWritable(field: FieldDefinition, isNew: boolean): boolean {
  if (field.formula !== undefined || field.type === 'autonumber' || field.type === 'id')
    return false
  // A master is given once, at the beginning, unless the files say that it may change.
  return isNew ? field.createable !== false : field.updateable !== false
}

/** Required fields that are blank: all of a new record's, of an old one's those that were edited. */
export function requiredErrors(
  object: ObjectDefinition,
  after: FieldValues,
  edited: ReadonlySet<string> | null,
): readonly SaveError[] {
  const missing = object.fields
    .filter((field) => (field.required || field.masterDetail) && field.formula === undefined)
    .filter((field) => edited === null || edited.has(field.name))
    .filter((field) => (after[field.name] ?? null) === null)
    .map((field) => field.name)
  if (missing.length === 0) return []
  const message = `Required fields are missing: [${missing.join(', ')}]`
  return [saveError('REQUIRED_FIELD_MISSING', message, ...missing)]
}

/** A reference that a save sets. */
export type NewReference = { readonly field: FieldDefinition; readonly referredId: RecordId }

/** The references in which `after` differs from `before`. */
export function newReferences(
  object: ObjectDefinition,
  before: FieldValues | null,
  after: FieldValues,
): readonly NewReference[] {
  return object.fields.flatMap((field) => {
    const value = after[field.name]
    if (field.type !== 'reference' || typeof value !== 'string') return []
    return before?.[field.name] === value ? [] : [{ field, referredId: parseRecordId(value) }]
  })
}

/** Why a reference cannot be set: to the wrong object, to nothing, to somebody who may own nothing. */
export function referenceErrors(
  object: ObjectDefinition,
  references: readonly NewReference[],
  found: { definitions: OrgDefinitions; recordOf: (id: RecordId) => OrgRecord | undefined },
): readonly SaveError[] {
  return references.flatMap(({ field, referredId }) => {
    const target = found.definitions.objectOfId(referredId)
    if (!mayPointTo(field, target, found.definitions)) {
      const message = `${field.label}: id value of incorrect type: ${referredId}`
      return [saveError('FIELD_INTEGRITY_EXCEPTION', message, field.name)]
    }
    if (!target) return [] // an object that this org does not have: nothing to look at
    const referred = found.recordOf(referredId)
    if (!referred) return [badReference(field.name)]
    return field.name === 'OwnerId' ? ownerErrors(object, referred) : []
  })
}

/** What a reference names is not there. */
export function badReference(...fieldNames: string[]): SaveError {
  return saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', ...fieldNames)
}

function mayPointTo(
  field: FieldDefinition,
  target: ObjectDefinition | undefined,
  definitions: OrgDefinitions,
): boolean {
  const targets = field.referenceTo ?? []
  if (targets.length === 0) return true
  // An object that this org does not have tells nothing about its ids.
  if (!target) return targets.some((name) => definitions.objectOf(name) === undefined)
  return targets.some((name) => name.toLowerCase() === target.name.toLowerCase())
}

function ownerErrors(object: ObjectDefinition, owner: OrgRecord): readonly SaveError[] {
  if (owner.objectName === 'User' && owner.fields.IsActive === false) {
    const message = `operation performed with inactive user [${owner.recordId}] as owner of ${object.name.toLowerCase()}`
    return [saveError('INACTIVE_OWNER_OR_USER', message, 'OwnerId')]
  }
  if (owner.objectName === 'Group' && owner.fields.Type !== 'Queue') {
    return [badReference('OwnerId')]
  }
  return []
}

/** A unique field in which a save puts a value that nobody else may have. */
export type NewKey = { readonly field: FieldDefinition; readonly value: string }

/** The unique values in which `after` differs from `before`; letters' case counts only where the field says so. */
export function newKeys(
  object: ObjectDefinition,
  before: FieldValues | null,
  after: FieldValues,
): readonly NewKey[] {
  return object.fields.flatMap((field) => {
    const value = after[field.name]
    if (!field.unique || field.formula !== undefined || typeof value !== 'string') return []
    const old = before?.[field.name] ?? null
    return old !== null && foldKey(field, old) === foldKey(field, value) ? [] : [{ field, value }]
  })
}

/** A key as it is compared. */
export function foldKey(field: FieldDefinition, value: FieldValue): string {
  const text = String(value)
  return field.caseSensitive || keyIsId(field) ? text : text.normalize('NFC').toLowerCase()
}

/** Somebody else has the key: says who, where that is known. */
export function duplicateValue(
  objectName: string,
  fieldName: string,
  holder: RecordId | null,
): SaveError {
  const record = holder ?? `<unknown> of ${objectName}`
  return saveError(
    'DUPLICATE_VALUE',
    `duplicate value found: ${fieldName} duplicates value on record with id: ${record}`,
    fieldName,
  )
}

function keyIsId(field: FieldDefinition): boolean {
  return field.type === 'reference' || field.type === 'id'
}
