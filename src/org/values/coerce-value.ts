import { unreachable } from '../../base/unreachable.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import { coerceDate, coerceDatetime, coerceTime } from './coerce-date.ts'
import { coerceNumber } from './coerce-number.ts'
import { coerceMultipicklist, coercePicklist, coerceText, trimBlanks } from './coerce-text.ts'
import { type Coerced, kept, refused, wrongJson } from './coerced.ts'
import { shownValue } from './save-error.ts'

/**
 * A client's value (JSON, or text from `sf`, SOAP and CSV) in the house's form for the field's type.
 * `null`, `''` and text of blanks alone are null; a checkbox is false then.
 */
export function coerceValue(field: FieldDefinition, raw: unknown): Coerced {
  if (raw === null || raw === undefined || raw === '') {
    return kept(field.type === 'boolean' ? false : null)
  }
  if (typeof raw === 'string' && field.type !== 'boolean' && trimBlanks(raw) === '')
    return kept(null)
  switch (field.type) {
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'encryptedstring':
    case 'autonumber':
      return coerceText(field, raw)
    case 'picklist':
      return coercePicklist(field, raw)
    case 'multipicklist':
      return coerceMultipicklist(field, raw)
    case 'boolean':
      return coerceBoolean(field, raw)
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return coerceNumber(field, raw)
    case 'date':
      return coerceDate(field, raw)
    case 'datetime':
      return coerceDatetime(field, raw)
    case 'time':
      return coerceTime(field, raw)
    case 'id':
    case 'reference':
      return coerceId(field, raw)
    case 'address':
    case 'location':
    case 'base64':
    case 'unsupported':
      return refused(field, 'INVALID_FIELD_FOR_INSERT_UPDATE', notWritable(field))
    default:
      return unreachable(field.type)
  }
}

function coerceBoolean(field: FieldDefinition, raw: unknown): Coerced {
  if (typeof raw === 'boolean') return kept(raw)
  const text = typeof raw === 'string' ? trimBlanks(raw).toLowerCase() : raw
  if (text === 'true' || text === '1' || text === 1) return kept(true)
  if (text === 'false' || text === '0' || text === 0 || text === '') return kept(false)
  return wrongJson(field, 'boolean', raw)
}

function coerceId(field: FieldDefinition, raw: unknown): Coerced {
  if (typeof raw !== 'string') return wrongJson(field, 'reference', raw)
  const id = tryRecordId(trimBlanks(raw))
  if (id !== null) return kept(id)
  const message = `${field.label}: id value of incorrect type: ${shownValue(raw, false)}`
  return refused(field, 'MALFORMED_ID', message)
}

function notWritable(field: FieldDefinition): string {
  return `${field.name} is a ${field.type} field, which cannot be written: set its parts instead`
}
