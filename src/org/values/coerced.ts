import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { type SaveError, saveError } from './save-error.ts'

/** What came of a client's value: the house's form of it, or why it cannot be kept. */
export type Coerced =
  | { readonly kind: 'value'; readonly value: FieldValue }
  | { readonly kind: 'refused'; readonly error: SaveError }

/** The value as the house keeps it. */
export function kept(value: FieldValue): Coerced {
  return { kind: 'value', value }
}

/** The value is refused with `statusCode` and `message`, on account of `field`. */
export function refused(field: FieldDefinition, statusCode: string, message: string): Coerced {
  return { kind: 'refused', error: saveError(statusCode, message, field.name) }
}

/** JSON of the wrong kind, as Salesforce's reader says it (code JSON_PARSER_ERROR). */
export function wrongJson(field: FieldDefinition, wanted: string, raw: unknown): Coerced {
  const found = jsonTokenOf(raw)
  const value = typeof raw === 'string' && !field.secret ? ` value ${raw.slice(0, 80)}` : ''
  return refused(
    field,
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${wanted} from ${found}${value} or request may be missing a required field: ${field.name}`,
  )
}

function jsonTokenOf(raw: unknown): string {
  switch (typeof raw) {
    case 'string':
      return 'VALUE_STRING'
    case 'number':
      return Number.isInteger(raw) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'
    case 'boolean':
      return raw ? 'VALUE_TRUE' : 'VALUE_FALSE'
    default:
      return Array.isArray(raw) ? 'START_ARRAY' : 'START_OBJECT'
  }
}
