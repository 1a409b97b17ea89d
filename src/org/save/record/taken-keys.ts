import { fieldOf } from '../../../schema/object-definition.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'
import type { SaveContext } from '../context/save-context.ts'
import type { FoundForSave } from '../found-for-save.ts'
import type { ParsedEdit, RecordKey } from '../parse-edit.ts'
import { duplicateValue, foldKey, newKeys } from './check-record.ts'

/** A unique value that a change puts in, with the name it is taken down under. */
export type KeyToTake = RecordKey & { readonly name: string; readonly recordId: RecordId }

/** The unique values that a change puts in. */
export function keysOf(change: RecordChange, { definitions }: SaveContext): readonly KeyToTake[] {
  const { objectName, recordId } = change
  const object = definitions.objectOf(objectName)
  if (!object || change.after.fields.IsDeleted === true) return []
  return newKeys(object, change.before?.fields ?? null, change.after.fields).map(
    ({ field, value }) => {
      const name = keyName({ objectName, field: field.name, value: foldKey(field, value) })
      return { objectName, field: field.name, value, name, recordId }
    },
  )
}

/** Says who has the key already, in the org or earlier in this call. */
export function keyError(
  key: KeyToTake,
  takenKeys: ReadonlyMap<string, RecordId>,
  found: FoundForSave,
): readonly SaveError[] {
  const holder = takenKeys.get(key.name) ?? found.holderOf(key)?.recordId
  if (holder === undefined || holder === key.recordId) return []
  return [duplicateValue(key.objectName, key.field, holder)]
}

/** The records that a save's edits led to so far, and who has which unique value. */
type SoFar = {
  readonly recordOfEdit: ReadonlyMap<number, RecordId>
  readonly takenKeys: ReadonlyMap<string, RecordId>
}

/** One call writes a record once: which of two edits is the last would depend on their order. */
export function saidTwice(
  save: SoFar,
  { object, key }: ParsedEdit,
  recordId: RecordId,
): SaveError | null {
  const isSame = [...save.recordOfEdit.values()].includes(recordId)
  const field = key ? fieldOf(object, key.field) : undefined
  if (key !== null && field) {
    const name = keyName({ ...key, value: foldKey(field, key.value) })
    if (!isSame && !save.takenKeys.has(name)) return null
    return saveError('DUPLICATE_VALUE', `Duplicate external id specified: ${key.value}`, key.field)
  }
  return isSame ? saveError('DUPLICATE_VALUE', `Duplicate id specified: ${recordId}`, 'Id') : null
}

function keyName({ objectName, field, value }: RecordKey): string {
  return `${objectName}.${field}=${value}`
}
