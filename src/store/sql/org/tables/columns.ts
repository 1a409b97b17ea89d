import { createHash } from 'node:crypto'
import { isNumberType } from '../../../../schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../../../schema/object-definition.ts'
import { isStored } from '../../../../schema/stored-fields.ts'
import type { Dialect, SqlColumn } from '../../op.ts'

/** How a column keeps its field's values. */
export type ColumnKind = 'text' | 'secret' | 'number' | 'boolean' | 'date' | 'datetime'

export type ObjectColumn = {
  readonly field: FieldDefinition
  readonly name: string
  readonly kind: ColumnKind
  /** Digits behind the point; SQLite keeps the number as an integer of that many. */
  readonly scale: number
  /** The column beside it that `=`, LIKE, ORDER BY and unique go by; null where the values compare as they are. */
  readonly folded: string | null
}

/** The table of an object: one typed column for each field that is kept. */
export type ObjectTable = {
  readonly object: ObjectDefinition
  readonly name: string
  readonly columns: readonly ObjectColumn[]
  /** By the field's lower-case name. */
  readonly byField: ReadonlyMap<string, ObjectColumn>
}

/** Columns of every object table that are no fields. */
export const VERSION_COLUMN = '$version'
export const DELETED_COLUMN = '$deleted'

/** Texts longer than this are neither filtered nor sorted, as at Salesforce. */
const FOLDED_LENGTH_MAX = 255

const tables = new WeakMap<ObjectDefinition, ObjectTable>()

/** The table that keeps records of `object`. */
export function tableOf(object: ObjectDefinition): ObjectTable {
  const known = tables.get(object)
  if (known) return known
  const columns = object.fields.filter(isStored).map(columnOf)
  const byField = new Map(columns.map((column) => [column.field.name.toLowerCase(), column]))
  const made = { object, name: identifier(`sf_${object.name.toLowerCase()}`), columns, byField }
  tables.set(object, made)
  return made
}

function columnOf(field: FieldDefinition): ObjectColumn {
  const name = identifier(field.name.toLowerCase())
  const kind = kindOf(field)
  const scale = field.type === 'int' ? 0 : (field.scale ?? 6)
  return { field, name, kind, scale, folded: isFolded(field, kind) ? `${name}$f` : null }
}

function kindOf(field: FieldDefinition): ColumnKind {
  if (field.secret) return 'secret'
  if (isNumberType(field.type)) return 'number'
  if (field.type === 'boolean' || field.type === 'date' || field.type === 'datetime') {
    return field.type
  }
  return 'text'
}

function isFolded(field: FieldDefinition, kind: ColumnKind): boolean {
  if (kind !== 'text') return false
  switch (field.type) {
    case 'id':
    case 'reference':
    case 'time':
      return false
    case 'textarea':
      return (field.length ?? FOLDED_LENGTH_MAX) <= FOLDED_LENGTH_MAX
    default:
      return true
  }
}

/** PostgreSQL cuts names at 63 bytes: a longer one ends in a hash of the whole. */
export function identifier(name: string): string {
  if (Buffer.byteLength(name) <= 58) return name
  return `${name.slice(0, 40)}_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
}

/** The column that tells equal values apart: the folded one, unless the field is case-sensitive. */
export function keyColumn(column: ObjectColumn): string {
  return column.field.caseSensitive ? column.name : (column.folded ?? column.name)
}

/** Text in the form that both stores compare alike. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The column's type for writing many rows at once. */
export function sqlColumn(column: ObjectColumn, dialect: Dialect): SqlColumn {
  return { name: column.name, type: sqlType(column.kind, dialect) }
}

export function sqlType(kind: ColumnKind, dialect: Dialect): SqlColumn['type'] {
  switch (kind) {
    case 'text':
    case 'secret':
      return 'text'
    case 'number':
      return dialect.name === 'sqlite' ? 'bigint' : 'numeric'
    case 'boolean':
      return 'boolean'
    case 'date':
      return dialect.name === 'sqlite' ? 'text' : 'date'
    case 'datetime':
      return dialect.name === 'sqlite' ? 'text' : 'timestamptz'
  }
}
