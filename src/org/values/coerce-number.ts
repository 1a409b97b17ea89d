import { Decimal } from 'decimal.js'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { type Coerced, kept, refused, wrongJson } from './coerced.ts'

/** Enough for every digit that a record keeps, so that nothing is rounded twice. */
const Exact = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_HALF_UP })

/** Longer texts are no numbers anybody meant. */
const NUMBER_LENGTH_MAX = 100
const NUMBER_PATTERN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

/** Salesforce's widest number field. */
const PRECISION_DEFAULT = 18
/** Where a definition says nothing. */
const SCALE_DEFAULT = 6
const INT_MAX = 2_147_483_647

/** A JSON number or its text to a canonical decimal, rounded half up to the field's scale. */
export function coerceNumber(field: FieldDefinition, raw: unknown): Coerced {
  const wanted = field.type === 'int' ? 'int' : 'double'
  if (typeof raw !== 'string' && typeof raw !== 'number') return wrongJson(field, wanted, raw)
  const text = String(raw).trim()
  if (text.length > NUMBER_LENGTH_MAX || !NUMBER_PATTERN.test(text)) {
    return wrongJson(field, wanted, raw)
  }
  const exact = new Exact(text)
  return field.type === 'int' ? coerceInt(field, exact, raw) : coerceDecimal(field, exact, text)
}

/** The canonical text of an exact decimal: no exponent, no trailing zeros, never `-0`. */
export function writeDecimal(decimal: Decimal): string {
  return decimal.isZero() ? '0' : decimal.toFixed()
}

function coerceInt(field: FieldDefinition, exact: Decimal, raw: unknown): Coerced {
  if (!exact.isInteger()) return wrongJson(field, 'int', raw)
  if (exact.abs().gt(INT_MAX)) return outOfRange(field, String(raw))
  return kept(writeDecimal(exact))
}

function coerceDecimal(field: FieldDefinition, exact: Decimal, text: string): Coerced {
  const scale = field.scale ?? SCALE_DEFAULT
  const rounded = exact.toDecimalPlaces(scale)
  const wholeDigitsMax = (field.precision ?? PRECISION_DEFAULT) - scale
  // `e` is the exponent of the first digit: 999 has 2.
  if (!rounded.isZero() && rounded.e >= wholeDigitsMax) return outOfRange(field, text)
  return kept(writeDecimal(rounded))
}

function outOfRange(field: FieldDefinition, text: string): Coerced {
  return refused(
    field,
    'NUMBER_OUTSIDE_VALID_RANGE',
    `${field.label}: value outside of valid range on numeric field: ${text}`,
  )
}
