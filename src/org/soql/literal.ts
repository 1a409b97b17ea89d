import type { LiteralType } from '@jetstreamapp/soql-parser-js'
import { Decimal } from 'decimal.js'
import { writeInstant } from '../../rules/formula/values/calendar.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import { readDate, readDatetime } from '../values/coerce-date.ts'
import { writeDecimal } from '../values/coerce-number.ts'
import { soqlError } from './soql-error.ts'

/** A literal as the parser gives it: strings with their quotes. */
export type Literal = { readonly text: string; readonly type: LiteralType | undefined }

/** The literal in the house's form for the field's type. Throws INVALID_FIELD when it does not fit. */
export function literalValue(soql: string, field: FieldDefinition, literal: Literal): FieldValue {
  const { type } = literal
  if (type === 'NULL') return null
  switch (field.type) {
    case 'boolean':
      if (type === 'BOOLEAN') return literal.text.toLowerCase() === 'true'
      throw wrongLiteral(soql, field, 'boolean', literal)
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return numberValue(soql, field, literal)
    case 'date':
      if (type === 'DATE' && readDate(literal.text) !== null) return literal.text
      throw wrongLiteral(soql, field, 'date', literal)
    case 'datetime': {
      const instant = type === 'DATETIME' ? readDatetime(literal.text) : null
      if (instant === null) throw wrongLiteral(soql, field, 'dateTime', literal)
      return writeInstant(instant)
    }
    case 'id':
    case 'reference':
      return idValue(soql, field, literal)
    default:
      if (type !== 'STRING') throw wrongLiteral(soql, field, 'string', literal)
      return unescapeString(literal.text)
  }
}

/** The text of a quoted literal, with SOQL's escapes resolved. */
export function unescapeString(quoted: string): string {
  return quoted.slice(1, -1).replace(ESCAPE, (whole, code: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return ESCAPED.get(code.toLowerCase()) ?? whole.slice(1)
  })
}

/** A LIKE pattern: `%` and `_` stand for characters, behind a backslash for themselves, as in SQL. */
export function unescapePattern(quoted: string): string {
  return quoted.slice(1, -1).replace(ESCAPE, (whole, code: string, hex: string | undefined) => {
    if (code === '%' || code === '_' || code === '\\') return whole
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return ESCAPED.get(code.toLowerCase()) ?? whole.slice(1)
  })
}

const ESCAPE = /\\(u([0-9a-fA-F]{4})|[\s\S])/g
const ESCAPED = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
])

function numberValue(soql: string, field: FieldDefinition, literal: Literal): FieldValue {
  const digits = literal.text.replace(/^[A-Za-z]{3}(?=[\d.+-])/, '') // a currency's code
  const isNumber = literal.type !== 'STRING' && /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits)
  if (!isNumber || digits.length > 100) throw wrongLiteral(soql, field, 'double', literal)
  return writeDecimal(new Exact(digits))
}

const Exact = Decimal.clone({ precision: 120 })

function idValue(soql: string, field: FieldDefinition, literal: Literal): FieldValue {
  if (literal.type !== 'STRING') throw wrongLiteral(soql, field, 'string', literal)
  const text = unescapeString(literal.text)
  if (text === '') return null
  const id = tryRecordId(text)
  if (id !== null) return id
  throw soqlError(
    soql,
    'INVALID_QUERY_FILTER_OPERATOR',
    field.name,
    `invalid ID field: ${text.slice(0, 255)}`,
  )
}

function wrongLiteral(soql: string, field: FieldDefinition, wanted: string, { text }: Literal) {
  const quotes = wanted === 'string' ? 'should' : 'should not'
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return soqlError(
    soql,
    'INVALID_FIELD',
    field.name,
    `value of filter criterion for field '${field.name}' must be of type ${wanted} and ${quotes} be enclosed in quotes: found ${shown}`,
  )
}
