import type { FieldValue, FieldValues } from './field-value.ts'
import type { FieldDefinition, ObjectDefinition } from './object-definition.ts'

/** Whether records keep a value of the field: formulas are computed, compounds only show their parts. */
export function isStored(field: FieldDefinition): boolean {
  if (field.formula !== undefined) return false
  return !UNSTORED_TYPES.has(field.type)
}

/** The values of a record in which nothing was filled in: false in checkboxes, 0 in counts and sums of details, else null. */
export function blankValues(object: ObjectDefinition): FieldValues {
  const known = blanks.get(object)
  if (known) return known
  const made: Record<string, FieldValue> = {}
  for (const field of object.fields) {
    if (isStored(field)) made[field.name] = blankOf(field)
  }
  blanks.set(object, made)
  return made
}

function blankOf({ type, summary }: FieldDefinition): FieldValue {
  if (summary?.operation === 'count' || summary?.operation === 'sum') return '0'
  return type === 'boolean' ? false : null
}

const UNSTORED_TYPES: ReadonlySet<string> = new Set([
  'address',
  'location',
  'base64',
  'unsupported',
])
const blanks = new WeakMap<ObjectDefinition, FieldValues>()
