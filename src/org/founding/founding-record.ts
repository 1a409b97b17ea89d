import { type Instant, SECOND_MS } from '../../base/clock.ts'
import { writeInstant } from '../../rules/formula/values/calendar.ts'
import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { STANDARD_OBJECTS } from '../../schema/standard-objects.ts'
import { blankValues } from '../../schema/stored-fields.ts'

/** A new record of a standard object that the org makes itself, without rules: only what `fields` and the system say. */
export function foundingRecord(founding: {
  objectName: string
  recordId: RecordId
  userId: RecordId
  now: Instant
  fields: FieldValues
}): OrgRecord {
  const { objectName, recordId, userId, now } = founding
  const object = STANDARD_OBJECTS.find((each) => each.name === objectName)
  if (!object) throw new Error(`${objectName} is not a standard object`)
  const at = savedAtText(now)
  const stamps = {
    Id: recordId,
    CreatedById: userId,
    CreatedDate: at,
    LastModifiedById: userId,
    LastModifiedDate: at,
    SystemModstamp: at,
  }
  const fields = { ...blankValues(object), ...only(object, { ...stamps, ...founding.fields }) }
  return { objectName, recordId, version: 1, fields }
}

/** The moment of a save as records keep it: whole seconds, as at Salesforce. */
export function savedAtText(now: Instant): string {
  return writeInstant(Math.floor(now / SECOND_MS) * SECOND_MS)
}

function only(object: ObjectDefinition, fields: Readonly<Record<string, FieldValue>>): FieldValues {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => fieldOf(object, name)))
}
