import { unreachable } from '../../../base/unreachable.ts'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import { type RecordId, shortId } from '../../../schema/record-id.ts'
import { blankValues } from '../../../schema/stored-fields.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'
import type { SaveContext } from '../context/save-context.ts'
import type { FoundForSave } from '../found-for-save.ts'
import { noSuchRecord, type ParsedEdit } from '../parse-edit.ts'
import { requiredErrors, writeErrors } from './check-record.ts'
import { computedFields } from './computed-fields.ts'
import { recordTypeErrors } from './record-types.ts'
import { accessError } from './setup-objects.ts'

/** An edit on its way: with the id and the numbers it got, which it keeps when it is decided again. */
export type PendingEdit = {
  /** Its place among the edits of the call. */
  readonly index: number
  readonly edit: ParsedEdit
  /** The id it has if it makes a record. */
  readonly newId: RecordId | null
  /** Auto-numbers by field, written out. */
  readonly numbers: FieldValues
}

export type Applied =
  | {
      readonly kind: 'applied'
      readonly write: 'insert' | 'update' | 'delete'
      readonly before: OrgRecord | null
      readonly after: OrgRecord
    }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** What the edit makes of its record, before any rule: defaults, derived and system fields filled in, checked. */
export function applyEdit(
  pending: PendingEdit,
  found: FoundForSave,
  context: SaveContext,
): Applied {
  const { edit } = pending
  const target = targetOf(edit, found)
  switch (target.kind) {
    case 'refused':
      return refusedBy(target.error)
    case 'new':
      return insert(pending, found, context)
    case 'old':
      return edit.kind === 'delete'
        ? remove(edit.object, target.record, context)
        : change(edit, target.record, found, context)
    default:
      return unreachable(target)
  }
}

/** Whether the edit will make a record, as far as has been read. */
export function makesRecord(edit: ParsedEdit, found: FoundForSave): boolean {
  return targetOf(edit, found).kind === 'new'
}

function targetOf(edit: ParsedEdit, found: FoundForSave) {
  if (edit.recordId !== null) {
    const record = found.recordOf(edit.recordId)
    if (!record) return { kind: 'refused' as const, error: noSuchRecord() }
    if (record.fields.IsDeleted === true) {
      return {
        kind: 'refused' as const,
        error: saveError('ENTITY_IS_DELETED', 'entity is deleted'),
      }
    }
    return { kind: 'old' as const, record }
  }
  const record = edit.key ? found.holderOf(edit.key) : undefined
  return record ? { kind: 'old' as const, record } : { kind: 'new' as const }
}

function insert(
  { edit, newId, numbers }: PendingEdit,
  found: FoundForSave,
  context: SaveContext,
): Applied {
  const { object, key } = edit
  const closed = accessError(object, 'create', context.permissions)
  if (closed) return refusedBy(closed)
  if (newId === null) throw new Error(`no id was taken for a new ${object.name}`)
  const given = valuesOf(edit, found)
  if (given.kind === 'refused') return given
  const errors = writeErrors(object, given.values.keys(), {
    isNew: true,
    permissions: context.permissions,
  })
  if (errors.length > 0) return { kind: 'refused', errors }

  if (key) given.values.set(key.field, key.value)
  return makeRecord({ object, recordId: newId, given: given.values, numbers }, context)
}

/** A new record with defaults, derived and system fields filled in, checked: whoever wants it. */
export function makeRecord(
  wanted: {
    readonly object: ObjectDefinition
    readonly recordId: RecordId
    readonly given: ReadonlyMap<string, FieldValue>
    readonly numbers: FieldValues
  },
  context: SaveContext,
): Applied {
  const { object, recordId, given, numbers } = wanted
  const values: Record<string, FieldValue> = { ...blankValues(object), ...numbers }
  Object.assign(values, context.defaultsFor(object, given), Object.fromEntries(given))
  Object.assign(values, creationFields(object, values, recordId, context))
  return finish({ object, before: null, values, recordId, edited: new Set(given.keys()) }, context)
}

function change(
  edit: ParsedEdit,
  before: OrgRecord,
  found: FoundForSave,
  context: SaveContext,
): Applied {
  const { object, key } = edit
  const closed = accessError(object, 'update', context.permissions)
  if (closed) return refusedBy(closed)
  const given = valuesOf(edit, found)
  if (given.kind === 'refused') return given
  if (key) given.values.delete(key.field)
  const errors = writeErrors(object, given.values.keys(), {
    isNew: false,
    permissions: context.permissions,
  })
  if (errors.length > 0) return { kind: 'refused', errors }
  const values = { ...blankValues(object), ...before.fields, ...Object.fromEntries(given.values) }
  return finish(
    { object, before, values, recordId: before.recordId, edited: new Set(given.values.keys()) },
    context,
  )
}

function remove(object: ObjectDefinition, before: OrgRecord, context: SaveContext): Applied {
  const closed = accessError(object, 'delete', context.permissions)
  if (closed) return refusedBy(closed)
  const fields = { ...before.fields, IsDeleted: true, ...modification(object, context) }
  const after = { ...before, version: before.version + 1, fields }
  return { kind: 'applied', write: 'delete', before, after }
}

type Unfinished = {
  readonly object: ObjectDefinition
  readonly before: OrgRecord | null
  readonly values: Record<string, FieldValue>
  readonly recordId: RecordId
  readonly edited: ReadonlySet<string>
}

function finish(
  { object, before, values, recordId, edited }: Unfinished,
  context: SaveContext,
): Applied {
  const draft = {
    objectName: object.name,
    before: before?.fields ?? null,
    after: values,
    edited,
    nowText: context.nowText,
  }
  const fields = {
    ...values,
    ...known(object, computedFields(draft)),
    ...modification(object, context),
  }
  const errors = [
    ...requiredErrors(object, fields, before === null ? null : edited),
    ...recordTypeErrors(object, { after: fields, edited }, context.recordTypes),
  ]
  if (errors.length > 0) return { kind: 'refused', errors }
  const version = (before?.version ?? 0) + 1
  return {
    kind: 'applied',
    write: before === null ? 'insert' : 'update',
    before,
    after: { objectName: object.name, recordId, version, fields },
  }
}

function creationFields(
  object: ObjectDefinition,
  values: FieldValues,
  recordId: RecordId,
  { userId, nowText, organizationId }: SaveContext,
): FieldValues {
  const fields: Record<string, FieldValue> = {
    Id: recordId,
    IsDeleted: false,
    CreatedById: userId,
    CreatedDate: nowText,
    OwnerId: values.OwnerId ?? userId,
  }
  if (object.customSetting === 'hierarchy') {
    fields.SetupOwnerId = values.SetupOwnerId ?? organizationId
    fields.Name = values.Name ?? `${object.label} (Organization)`.slice(0, 80)
  } else if (object.custom && fieldOf(object, 'Name')?.type === 'string') {
    fields.Name = values.Name ?? shortId(recordId) // as at Salesforce: a name is never blank
  }
  return known(object, fields)
}

function modification(object: ObjectDefinition, { userId, nowText }: SaveContext): FieldValues {
  return known(object, {
    LastModifiedById: userId,
    LastModifiedDate: nowText,
    SystemModstamp: nowText,
  })
}

/** Only what the object has: a detail has no owner, an old org's object perhaps fewer fields. */
function known(object: ObjectDefinition, fields: FieldValues): FieldValues {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => fieldOf(object, name)))
}

function valuesOf(
  edit: ParsedEdit,
  found: FoundForSave,
):
  | { kind: 'values'; values: Map<string, FieldValue> }
  | { kind: 'refused'; errors: readonly SaveError[] } {
  const values = new Map(edit.values)
  const errors: SaveError[] = []
  for (const [fieldName, key] of edit.parents) {
    const parent = found.holderOf(key)
    if (parent) values.set(fieldName, parent.recordId)
    else {
      const message = `Foreign key external ID: ${key.value} not found for field ${key.field} in entity ${key.objectName}`
      errors.push(saveError('INVALID_FIELD', message, fieldName))
    }
  }
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'values', values }
}

function refusedBy(error: SaveError): Applied {
  return { kind: 'refused', errors: [error] }
}
