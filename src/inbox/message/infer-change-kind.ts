import type { SObject } from '../../wire/envelope.ts'
import type { FieldList } from '../../wire/field-list/field-list.ts'

/** What happened to a record, as far as its message lets it be guessed. */
type ChangeKind = 'create' | 'update' | 'gone'

/** A record that is there has a value in each of these, and in each checkbox. */
const NEVER_ABSENT: ReadonlySet<string> = new Set([
  'CreatedById',
  'CreatedDate',
  'LastModifiedById',
  'LastModifiedDate',
  'SystemModstamp',
])

/**
 * `gone`: the record was deleted before it was sent. `create` or `update`: whether it was ever modified after it was created,
 * where both times are sent. Null: nothing says so; a record with its id alone may just have no other field chosen. The data
 * is that of the moment of sending, so what was created and then changed at once is an update both times.
 */
export function inferChangeKind(
  sObject: SObject | null,
  list: FieldList | null,
): ChangeKind | null {
  if (sObject === null) return 'gone'
  const { recordId, fields } = sObject
  if (fields.length === 0) {
    const isProven = list?.fields.some(
      ({ name, type }) => type === 'boolean' || NEVER_ABSENT.has(name),
    )
    return recordId === null || isProven ? 'gone' : null
  }
  const created = fieldText(sObject, 'CreatedDate')
  const modified = fieldText(sObject, 'LastModifiedDate') ?? fieldText(sObject, 'SystemModstamp')
  if (created === null || modified === null) return null
  return created === modified ? 'create' : 'update'
}

/** A field's text; null where it is nil, empty or absent. */
export function fieldText(sObject: SObject | null, field: string): string | null {
  return sObject?.fields.find(({ name }) => name === field)?.value || null
}
