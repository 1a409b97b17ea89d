import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import type { RecordChange } from '../../../schema/record.ts'
import { coerceValue } from '../../values/coerce-value.ts'
import type { SaveError } from '../../values/save-error.ts'
import type { SaveContext } from '../context/save-context.ts'
import { computedFields } from './computed-fields.ts'

/** A change with more fields set, or why they cannot be. */
export type Updated =
  | { readonly kind: 'changed'; readonly change: RecordChange }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** The change with the fields that field updates or flows set: fitted to their types, derived fields made again. */
export function withUpdates(
  change: RecordChange,
  updates: FieldValues,
  context: SaveContext,
): Updated {
  const object = context.definitions.objectOf(change.objectName)
  if (!object || Object.keys(updates).length === 0) return { kind: 'changed', change }
  const fitted = fit(object, updates)
  if (fitted.kind === 'refused') return fitted
  const before = change.before?.fields ?? null
  const after = { ...change.after.fields, ...fitted.fields }
  const draft = {
    objectName: object.name,
    before: change.after.fields,
    after,
    edited: new Set(Object.keys(fitted.fields)),
    nowText: context.nowText,
  }
  const derived = Object.entries(computedFields(draft)).filter(([name]) => fieldOf(object, name))
  const touched = before === change.after.fields ? modifiedNow(object, context) : {}
  const fields = { ...after, ...Object.fromEntries(derived), ...touched }
  return { kind: 'changed', change: { ...change, after: { ...change.after, fields } } }
}

/** The values as their fields keep them; what is no field of the object is left out. */
export function fit(
  object: ObjectDefinition,
  updates: FieldValues,
): { kind: 'fitted'; fields: FieldValues } | { kind: 'refused'; errors: readonly SaveError[] } {
  const fields: Record<string, FieldValue> = {}
  const errors: SaveError[] = []
  for (const [name, value] of Object.entries(updates)) {
    const field = fieldOf(object, name)
    if (!field) continue
    const coerced = coerceValue(field, value)
    if (coerced.kind === 'refused') errors.push(coerced.error)
    else fields[field.name] = coerced.value
  }
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'fitted', fields }
}

function modifiedNow(object: ObjectDefinition, { userId, nowText }: SaveContext): FieldValues {
  const fields = { LastModifiedById: userId, LastModifiedDate: nowText, SystemModstamp: nowText }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => fieldOf(object, name)))
}
