import type { QueriedRecord, QueriedValue } from '../../../org/soql/queried-record.ts'
import { type FieldValue, isNumberType } from '../../../schema/field-value.ts'
import type { FieldType } from '../../../schema/object-definition.ts'

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as the given JSON text (in V8 since 11.4). */
    rawJSON(text: string): unknown
  }
}

/** A record as REST writes it: `attributes`, then its fields in the order of the query. */
export function recordJson(record: QueriedRecord, version: string): unknown {
  // Object.fromEntries makes own members of all names, whatever a query called them.
  return Object.fromEntries([
    ['attributes', attributesJson(record, version)],
    ...record.fields.map(({ name, type, value }): [string, unknown] => [
      name,
      valueJson(value, type, version),
    ]),
  ])
}

/** The path of a record's own resource. */
export function recordPath(version: string, objectName: string, recordId: string): string {
  return `/services/data/${version}/sobjects/${objectName}/${recordId}`
}

function attributesJson({ objectName, recordId }: QueriedRecord, version: string): unknown {
  return { type: objectName, url: recordPath(version, objectName, recordId) }
}

function valueJson(value: QueriedValue, type: FieldType | null, version: string): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return textJson(value, type)
  return recordJson(value, version)
}

function textJson(value: string, type: FieldType | null): unknown {
  if (type === null) return value
  if (isNumberType(type)) return JSON.rawJSON(type === 'int' ? value : doubleText(value))
  if (type === 'datetime') return value.replace(/Z$/, '+0000')
  return value
}

/** Decimals always show a point, as `1000.0`. */
function doubleText(value: Exclude<FieldValue, boolean | null>): string {
  return value.includes('.') ? value : `${value}.0`
}
