import type { OrgRecord } from '../schema/record.ts'

/** Whether the record is there, was there, or never was. */
export function recordStateOf(record: OrgRecord | null): 'exists' | 'deleted' | 'unknown' {
  if (!record) return 'unknown'
  return record.fields['IsDeleted'] === true ? 'deleted' : 'exists'
}
