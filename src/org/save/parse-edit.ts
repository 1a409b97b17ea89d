import type { FieldValue } from '../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  referenceOf,
} from '../../schema/object-definition.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { coerceValue } from '../values/coerce-value.ts'
import { type SaveError, saveError, shownValue } from '../values/save-error.ts'
import type { RawFields, RecordEdit } from './record-edit.ts'

/** A record named by the value of one of its unique fields. */
export type RecordKey = {
  readonly objectName: string
  readonly field: string
  readonly value: string
}

/** An edit with its names resolved and its values in the house's form. */
export type ParsedEdit = {
  readonly kind: RecordEdit['kind']
  readonly object: ObjectDefinition
  /** The record that is meant; null for a new one and for an upsert by external id. */
  readonly recordId: RecordId | null
  /** The key an upsert goes by. */
  readonly key: RecordKey | null
  /** By the fields' API names. */
  readonly values: ReadonlyMap<string, FieldValue>
  /** Reference fields whose parent is named by external id. */
  readonly parents: ReadonlyMap<string, RecordKey>
}

export type ParsedOrRefused =
  | { readonly kind: 'parsed'; readonly edit: ParsedEdit }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

const NO_FIELDS: RawFields = new Map()

/** Reads a client's edit against the definitions: every mistake that can be seen without the record is named. */
export function parseEdit(definitions: OrgDefinitions, edit: RecordEdit): ParsedOrRefused {
  const found = findObject(definitions, edit)
  if (found.kind === 'refused') return found
  const { object } = found
  const target = readTarget(object, edit)
  if ('statusCode' in target) return refusedWith(target)
  const fields = readFields(definitions, object, edit.kind === 'delete' ? NO_FIELDS : edit.fields)
  if (fields.errors.length > 0) return { kind: 'refused', errors: fields.errors }
  const { values, parents } = fields
  const misplaced = misplacedId(edit, values, target.recordId)
  if (misplaced) return refusedWith(misplaced)
  values.delete('Id')
  return { kind: 'parsed', edit: { kind: edit.kind, object, ...target, values, parents } }
}

function refusedWith(error: SaveError): { kind: 'refused'; errors: readonly SaveError[] } {
  return { kind: 'refused', errors: [error] }
}

function findObject(
  definitions: OrgDefinitions,
  edit: RecordEdit,
): { kind: 'found'; object: ObjectDefinition } | { kind: 'refused'; errors: readonly SaveError[] } {
  if (edit.kind !== 'delete' || edit.objectName !== null) {
    const object = definitions.objectOf(edit.objectName ?? '')
    if (object) return { kind: 'found', object }
    const name = shownValue(edit.objectName ?? '', false)
    return refusedWith(saveError('INVALID_TYPE', `sObject type '${name}' is not supported.`))
  }
  const id = tryRecordId(edit.recordId)
  if (id === null) return refusedWith(malformedId(edit.recordId))
  const object = definitions.objectOfId(id)
  return object ? { kind: 'found', object } : refusedWith(noSuchRecord())
}

function readTarget(
  object: ObjectDefinition,
  edit: RecordEdit,
): { recordId: RecordId | null; key: RecordKey | null } | SaveError {
  switch (edit.kind) {
    case 'create':
      return { recordId: null, key: null }
    case 'update':
    case 'delete':
      return readId(object, edit.recordId)
    case 'upsert':
      return readKey(object, edit)
  }
}

function readId(
  object: ObjectDefinition,
  text: string,
): { recordId: RecordId; key: null } | SaveError {
  const recordId = tryRecordId(text)
  if (recordId === null) return malformedId(text)
  if (object.keyPrefix !== null && !recordId.startsWith(object.keyPrefix)) return noSuchRecord()
  return { recordId, key: null }
}

function readKey(
  object: ObjectDefinition,
  { keyField, keyValue }: RecordEdit & { kind: 'upsert' },
): { recordId: RecordId | null; key: RecordKey | null } | SaveError {
  const field = fieldOf(object, keyField)
  if (field?.name === 'Id') {
    if (keyValue === null || keyValue === undefined || keyValue === '')
      return { recordId: null, key: null }
    return readId(object, String(keyValue))
  }
  if (!field?.externalId) {
    const shown = shownValue(keyField, false)
    return saveError(
      'INVALID_FIELD',
      `Field name provided, ${shown} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`,
    )
  }
  const coerced = coerceValue(field, keyValue)
  if (coerced.kind === 'refused') return coerced.error
  if (coerced.value === null) {
    return saveError('MISSING_ARGUMENT', `${field.name} not specified`, field.name)
  }
  return {
    recordId: null,
    key: { objectName: object.name, field: field.name, value: String(coerced.value) },
  }
}

function readFields(definitions: OrgDefinitions, object: ObjectDefinition, raw: RawFields) {
  const values = new Map<string, FieldValue>()
  const parents = new Map<string, RecordKey>()
  const errors: SaveError[] = []
  for (const [name, value] of raw) {
    const field = fieldOf(object, name)
    if (field) {
      const coerced = coerceValue(field, value)
      if (coerced.kind === 'refused') errors.push(coerced.error)
      else values.set(field.name, coerced.value)
      continue
    }
    const parent = readParent(definitions, object, name, value)
    if (parent === null) errors.push(noSuchColumn(object, name))
    else if ('statusCode' in parent) errors.push(parent)
    else parents.set(parent.field.name, parent.key)
  }
  return { values, parents, errors }
}

/** `"Account": {"ExternalId__c": "x"}` of REST and `Account.ExternalId__c` of CSV; null: no such relationship. */
function readParent(
  definitions: OrgDefinitions,
  object: ObjectDefinition,
  name: string,
  raw: unknown,
): { field: FieldDefinition; key: RecordKey } | SaveError | null {
  const dot = name.indexOf('.')
  const field = referenceOf(object, dot < 0 ? name : name.slice(0, dot))
  if (!field) return null
  const named: readonly [string, unknown] | undefined =
    dot >= 0 ? [name.slice(dot + 1), raw] : soleEntryOf(raw)
  const keys = (field.referenceTo ?? []).flatMap((target) => {
    const parent = definitions.objectOf(target)
    const keyField = parent && named ? fieldOf(parent, named[0]) : undefined
    if (!parent || !keyField?.externalId || !named) return []
    const coerced = coerceValue(keyField, named[1])
    if (coerced.kind === 'refused' || coerced.value === null) return []
    return [{ objectName: parent.name, field: keyField.name, value: String(coerced.value) }]
  })
  const key = keys[0]
  if (key) return { field, key }
  return saveError(
    'INVALID_FIELD',
    `${shownValue(name, false)}: expected one external id field of ${(field.referenceTo ?? []).join(' or ')} with its value`,
    field.name,
  )
}

function soleEntryOf(raw: unknown): readonly [string, unknown] | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const entries = Object.entries(raw).filter(([name]) => name !== 'attributes' && name !== 'type')
  return entries.length === 1 ? entries[0] : undefined
}

function misplacedId(
  edit: RecordEdit,
  values: ReadonlyMap<string, FieldValue>,
  recordId: RecordId | null,
): SaveError | null {
  const id = values.get('Id')
  if (id === undefined || id === null || id === recordId) return null
  const message =
    edit.kind === 'create'
      ? 'cannot specify Id in an insert call'
      : 'The Id field should not be specified in the sobject data.'
  return saveError('INVALID_FIELD_FOR_INSERT_UPDATE', message, 'Id')
}

function malformedId(text: string): SaveError {
  return saveError('MALFORMED_ID', `malformed id ${shownValue(text, false)}`, 'Id')
}

/** There is no record of that id, or not of that object. */
export function noSuchRecord(): SaveError {
  return saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
}

function noSuchColumn(object: ObjectDefinition, name: string): SaveError {
  const shown = shownValue(name, false)
  return saveError(
    'INVALID_FIELD',
    `No such column '${shown}' on sobject of type ${object.name}`,
    shown,
  )
}
