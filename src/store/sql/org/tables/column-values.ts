import type { FieldValue } from '../../../../schema/field-value.ts'
import type { Cipher } from '../../../cipher.ts'
import type { Dialect, SqlValue } from '../../op.ts'
import { type ObjectColumn, quoteName } from './columns.ts'

/** What a store keeps for a field's value. */
export function toColumn(
  column: ObjectColumn,
  value: FieldValue,
  { dialect, cipher }: { dialect: Dialect; cipher: Cipher },
): SqlValue {
  if (value === null) return column.kind === 'boolean' ? false : null
  switch (column.kind) {
    case 'secret':
      return cipher.seal(String(value))
    case 'number':
      return dialect.name === 'sqlite' ? scaled(String(value), column.scale) : value
    default:
      return value
  }
}

/** The field's value for what a store keeps. */
export function fromColumn(column: ObjectColumn, kept: unknown, cipher: Cipher): FieldValue {
  if (column.kind === 'boolean') return kept === true || kept === 1
  if (kept === null || kept === undefined) return null
  switch (column.kind) {
    case 'secret':
      return cipher.open(String(kept))
    case 'number':
      return canonical(String(kept))
    default:
      return String(kept)
  }
}

/** The expression that reads the column as text, so that nothing is rounded on its way. */
export function readExpression(column: ObjectColumn, alias: string, dialect: Dialect): string {
  const name = `${alias}.${quoteName(column.name)}`
  if (column.kind === 'number') {
    return dialect.name === 'sqlite' ? unscaledSql(name, column.scale) : `CAST(${name} AS TEXT)`
  }
  if (column.kind === 'datetime' && dialect.name === 'postgres') {
    return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  }
  return name
}

/** `-1234` at scale 2 is `-12.34`; a sign needs care below one. */
function unscaledSql(name: string, scale: number): string {
  if (scale === 0) return `CAST(${name} AS TEXT)`
  const padded = `printf('%0${scale + 1}d', abs(${name}))`
  return `CASE WHEN ${name} IS NULL THEN NULL ELSE CASE WHEN ${name} < 0 THEN '-' ELSE '' END || substr(${padded}, 1, length(${padded}) - ${scale}) || '.' || substr(${padded}, -${scale}) END`
}

/** A decimal text as an integer of so many digits behind the point. Digits beyond them are cut off. */
export function scaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  return text.startsWith('-') ? -digits : digits
}

function canonical(text: string): string {
  if (!text.includes('.')) return text
  const short = text.replace(/0+$/, '').replace(/\.$/, '')
  return short === '-0' ? '0' : short
}
