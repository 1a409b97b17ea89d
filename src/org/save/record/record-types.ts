import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  type RecordType,
  type RecordTypePicklist,
} from '../../../schema/object-definition.ts'
import { type RecordId, tryRecordId } from '../../../schema/record-id.ts'
import type { Names } from '../../formulas/named-records.ts'
import type { Permissions } from '../../people/permissions.ts'
import { type SaveError, saveError, shownValue } from '../../values/save-error.ts'

/** Record types as the running user has them. */
export type RecordTypes = {
  /** What a new record gets that names none; null is the master record type. */
  readonly defaultOf: (object: ObjectDefinition) => RecordId | null
  /** The object's record type of that id; null for the master one, and for ids that are not known here. */
  readonly typeOf: (object: ObjectDefinition, id: FieldValue | undefined) => RecordType | null
  /** Whether records of the object may be given the id; what is not known here may. */
  readonly mayGive: (object: ObjectDefinition, id: FieldValue | undefined) => boolean
}

/** Puts together what definitions, the profile and the records of record types say. */
export function openRecordTypes(names: Names, permissions: Permissions): RecordTypes {
  const typeOf: RecordTypes['typeOf'] = (object, id) => {
    const known = knownName(names, id)
    if (known?.objectName.toLowerCase() !== object.name.toLowerCase()) return null
    return object.recordTypes.find((each) => isNamed(each, known.developerName)) ?? null
  }
  return {
    typeOf,
    defaultOf: (object) => {
      const type = object.recordTypes.find(
        (each) => each.active && permissions.isDefaultRecordType(object.name, each.developerName),
      )
      return type ? names.recordTypeNamed(type.developerName, object.name) : null
    },
    mayGive: (object, id) => {
      const known = knownName(names, id)
      if (!known) return true
      const type = typeOf(object, id)
      if (!type) return known.objectName.toLowerCase() === object.name.toLowerCase()
      return type.active && permissions.mayUseRecordType(object.name, type.developerName)
    },
  }
}

function knownName(names: Names, id: FieldValue | undefined) {
  const recordId = typeof id === 'string' ? tryRecordId(id) : null
  return recordId === null ? null : names.recordTypeOf(recordId)
}

function isNamed({ developerName }: RecordType, name: string): boolean {
  return developerName.toLowerCase() === name.toLowerCase()
}

/** What the record type says of a picklist; undefined where it says nothing, and all values are its own. */
export function picklistIn(
  type: RecordType | null,
  field: FieldDefinition,
): RecordTypePicklist | undefined {
  const name = field.name.toLowerCase()
  return type?.picklists?.find((each) => each.field.toLowerCase() === name)
}

/** The value that a new record of the type gets in a picklist that was not given. */
export function typeDefault({ defaults }: RecordTypePicklist): FieldValue {
  return defaults.join(';') || null
}

/** Why a record cannot be of its type, or have these values as one: only of what was edited. */
export function recordTypeErrors(
  object: ObjectDefinition,
  { after, edited }: { after: FieldValues; edited: ReadonlySet<string> },
  recordTypes: RecordTypes,
): readonly SaveError[] {
  if (object.recordTypes.length === 0) return []
  const id = after['RecordTypeId']
  if (edited.has('RecordTypeId') && !recordTypes.mayGive(object, id)) {
    const message = `Record Type ID: this ID value isn't valid for the user: ${id}`
    return [saveError('INVALID_CROSS_REFERENCE_KEY', message, 'RecordTypeId')]
  }
  const type = recordTypes.typeOf(object, id)
  return [...edited].flatMap((name) => {
    const field = fieldOf(object, name)
    const picklist = field?.restricted ? picklistIn(type, field) : undefined
    const value = after[name]
    if (!field || !picklist || typeof value !== 'string') return []
    const allowed = new Set(picklist.values.map((each) => each.toLowerCase()))
    const bad = value.split(';').find((each) => !allowed.has(each.toLowerCase()))
    if (bad === undefined) return []
    const message = `${field.label}: bad value for restricted picklist field: ${shownValue(bad, false)}`
    return [saveError('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, field.name)]
  })
}
