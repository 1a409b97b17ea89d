import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldType } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'

/** A value a query answered: a field's, or a parent record (null when there is none). */
export type QueriedValue = FieldValue | QueriedRecord

export type QueriedField = {
  /** A field's or relationship's name as it is defined. */
  readonly name: string
  /** Null for a parent record. */
  readonly type: FieldType | null
  readonly value: QueriedValue
}

export type QueriedRecord = {
  readonly objectName: string
  readonly recordId: RecordId
  /** In the order of the query; `Id` only when it was asked for. */
  readonly fields: readonly QueriedField[]
}

/** What stands in one place of every record of an answer. */
export type QueryColumn = {
  /** The last name of the path. */
  readonly name: string
  readonly label: string
  /** Null for a parent. */
  readonly type: FieldType | null
  readonly isCustom: boolean
  readonly isAggregate: boolean
  /** The columns of the parent that this one stands for. */
  readonly joinColumns: readonly QueryColumn[]
}

export type QueryAnswer = {
  readonly objectName: string
  readonly keyPrefix: string | null
  readonly isGrouped: boolean
  /** What COUNT() counted; else the number of records. */
  readonly totalSize: number
  readonly records: readonly QueriedRecord[]
  readonly columns: readonly QueryColumn[]
}
