import type { FieldValue } from '../../schema/field-value.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, keyPrefixOf, type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { CompiledFieldUpdate } from '../field-updates/compile-field-update.ts'

/** A new owner whom an action says to tell by e-mail. */
export type Assignment = {
  readonly objectName: string
  readonly recordId: RecordId
  readonly assigneeId: RecordId
  readonly ruleFullName: string
}

/** Whom a field update that makes `value` the owner tells; queues are told nothing, their members see what is in them. */
export function assignmentsOf(
  update: CompiledFieldUpdate,
  ruleFullName: string,
  {
    target,
    value,
  }: { readonly target: Pick<OrgRecord, 'objectName' | 'recordId'>; readonly value: FieldValue },
): readonly Assignment[] {
  if (!update.notifyAssignee || update.field.name !== 'OwnerId') return []
  const assigneeId = typeof value === 'string' ? tryRecordId(value) : null
  if (assigneeId === null || keyPrefixOf(assigneeId) !== KEY_PREFIX.user) return []
  const { objectName, recordId } = target
  return [{ objectName, recordId, assigneeId, ruleFullName }]
}
