import type { FieldDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { Expectation } from '../org-store.ts'
import type { WrittenRecord } from './decide-save.ts'
import { newKeys, newReferences } from './record/check-record.ts'

/** What must still hold in the commit for the record to be written; `written` is all that the commit writes. */
export function expectationsOf(
  { before, after, write, upsertKey }: WrittenRecord,
  written: ReadonlyMap<RecordId, WrittenRecord>,
  definitions: OrgDefinitions,
): readonly Expectation[] {
  const { recordId, objectName } = after
  const unchanged: readonly Expectation[] =
    before === null ? [] : [{ kind: 'unchanged', recordId, objectName, version: before.version }]
  const object = definitions.objectOf(objectName)
  if (!object) return unchanged
  if (write === 'delete') return [...unchanged, ...unreferred(after, written, definitions)]
  const exists = newReferences(object, before?.fields ?? null, after.fields)
    // What this commit inserts itself, this record among it, is not there before.
    .filter(({ field, referredId }) => {
      return !isStamp(field) && written.get(referredId)?.write !== 'insert'
    })
    .filter(({ referredId }) => referredId !== recordId)
    .map(({ referredId }) => ({ referredId, target: definitions.objectOfId(referredId) }))
    .flatMap(({ referredId, target }): readonly Expectation[] =>
      target ? [{ kind: 'exists', recordId, objectName: target.name, referredId }] : [],
    )
  const free = newKeys(object, before?.fields ?? null, after.fields).map(
    ({ field, value }): Expectation => ({
      kind: 'free',
      recordId,
      objectName,
      field: field.name,
      value,
      upsert: upsertKey?.field === field.name,
    }),
  )
  return [...unchanged, ...exists, ...free]
}

/** Nobody has come below a record since its details were read: they go with it, or keep it. */
function unreferred(
  { objectName, recordId }: OrgRecord,
  written: ReadonlyMap<RecordId, WrittenRecord>,
  definitions: OrgDefinitions,
): readonly Expectation[] {
  return definitions.referrersOf(objectName).flatMap(({ object, field, end }): Expectation[] => {
    if (end === 'SetNull') return [] // a lookup to what is deleted reads as blank
    const its = [...written.values()].filter(({ after }) => after.objectName === object.name)
    return [
      {
        kind: 'unreferred',
        recordId,
        objectName: object.name,
        field: field.name,
        written: its.map(({ after }) => after.recordId),
      },
    ]
  })
}

/** The running user is there: it signed in. */
function isStamp(field: FieldDefinition): boolean {
  return field.name === 'CreatedById' || field.name === 'LastModifiedById'
}
