import type { RecordId } from '../../schema/record-id.ts'
import type { SaveError } from '../values/save-error.ts'

/** A client's values by field name in any case: raw JSON values or text. An object is a parent by external id. */
export type RawFields = ReadonlyMap<string, unknown>

/** One wanted change as a client sends it. Names go in any case, ids with 15 or 18 characters. */
export type RecordEdit =
  | { readonly kind: 'create'; readonly objectName: string; readonly fields: RawFields }
  | {
      readonly kind: 'update'
      readonly objectName: string
      readonly recordId: string
      readonly fields: RawFields
    }
  | {
      readonly kind: 'upsert' // by the external id field `keyField`, or by `Id`
      readonly objectName: string
      readonly keyField: string
      /** Null creates, when the key is `Id`. */
      readonly keyValue: unknown
      readonly fields: RawFields
    }
  | {
      readonly kind: 'delete'
      readonly recordId: string
      /** The object the id must belong to; null takes any. */
      readonly objectName: string | null
    }

/** What became of one edit. */
export type SaveResult =
  | { readonly kind: 'saved'; readonly recordId: RecordId; readonly isCreated: boolean }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** A client's JSON object as raw fields; `attributes` is no field. */
export function rawFields(values: object): RawFields {
  return new Map(Object.entries(values).filter(([name]) => name.toLowerCase() !== 'attributes'))
}
