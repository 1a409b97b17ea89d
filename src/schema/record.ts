import type { FieldValues } from './field-value.ts'
import type { RecordId } from './record-id.ts'

/** One record as it is kept: every field of its object has a value, formula fields aside. */
export type OrgRecord = {
  readonly objectName: string
  readonly recordId: RecordId
  /** Counts the commits that wrote it, from 1. */
  readonly version: number
  readonly fields: FieldValues
}

/** One saved record: what it was before the save (null when it is new) and what it is after. */
export type RecordChange = {
  readonly objectName: string
  readonly recordId: RecordId
  readonly before: OrgRecord | null
  readonly after: OrgRecord
}
