import { Decimal } from 'decimal.js'
import { DAY_MS } from '../../base/clock.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import { isNumberType } from '../../schema/field-value.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { readAbsoluteDate } from '../criteria/absolute-dates.ts'
import type { ReturnType } from '../formula/compile-formula.ts'
import { writeDay, writeInstant } from '../formula/values/calendar.ts'
import { multiply, toNum, writeNum } from '../formula/values/number.ts'
import { roundTo } from '../formula/values/rounding.ts'

/** What a formula has to give to fill the field. */
export function returnTypeFor(field: FieldDefinition): ReturnType {
  switch (field.type) {
    case 'boolean':
      return 'Boolean'
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return 'Number'
    case 'date':
      return 'Date'
    case 'datetime':
      return 'DateTime'
    case 'time':
      return 'Time'
    default:
      return 'Text'
  }
}

/** A formula's result as the field keeps it: rounded to its scale, a fraction as a percentage. */
export function formulaValueFor(field: FieldDefinition, value: FieldValue): FieldValue {
  if (field.type === 'boolean') return value === true
  if (!isNumberType(field.type) || typeof value !== 'string') return value
  const number = field.type === 'percent' ? multiply(toNum(value), 100) : toNum(value)
  const scale = field.type === 'int' ? 0 : field.scale
  return writeNum(scale === undefined ? number : roundTo(number, scale, Decimal.ROUND_HALF_UP))
}

/** A literal as the field keeps it; undefined when the field cannot hold it. Blank gives null, or false. */
export function literalValueFor(
  field: FieldDefinition,
  literal: string | null,
  locale: string,
): FieldValue | undefined {
  const text = literal ?? ''
  if (field.type === 'boolean') return checkboxOf(text.trim().toLowerCase())
  if (text === '') return null
  if (isNumberType(field.type)) {
    const digits = text.replaceAll(',', '').trim()
    return /^-?[0-9]{1,40}(\.[0-9]{1,40})?$/.test(digits) ? writeNum(toNum(digits)) : undefined
  }
  if (field.type !== 'date' && field.type !== 'datetime') return text
  const date = readAbsoluteDate(text, locale)
  if (date === null) return undefined
  return field.type === 'date'
    ? writeDay(date.day)
    : writeInstant(date.day * DAY_MS + (date.time ?? 0))
}

function checkboxOf(text: string): boolean | undefined {
  if (text === '1' || text === 'true') return true
  return text === '0' || text === 'false' || text === '' ? false : undefined
}
