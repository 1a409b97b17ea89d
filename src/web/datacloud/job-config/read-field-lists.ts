import { type RecordId, tryRecordId } from '../../../schema/record-id.ts'
import { type FieldList, LISTED_FIELDS_MAX } from '../../../wire/field-list/field-list.ts'
import { type Fields, invalid, placeOf, readFields, readRequiredText } from '../read-fields.ts'

/** Lists of one job config, and fields of all of them: they are read with each of its runs. */
const LISTS_MAX = 50
const ALL_FIELDS_MAX = 5_000

const API_NAME = /^[A-Za-z]\w{0,99}$/
const TYPE_NAME = /^[A-Za-z][\w.-]{0,39}$/

/** `fieldLists` of a job config, as its view shows them; each object and action once. */
export function readFieldLists(fields: Fields, before: readonly FieldList[]): readonly FieldList[] {
  const value = fields.values.get('fieldLists')
  if (value === undefined) return before
  const place = placeOf(fields, 'fieldLists')
  if (!Array.isArray(value)) throw invalid(place, `a list of up to ${LISTS_MAX} field lists`, value)
  return boundedLists(
    value.map((each, index) => readFieldListFields(each, `${place}[${index}]`)),
    place,
  )
}

/** The lists themselves, or 400 where there are too many, or two for the same. */
export function boundedLists(lists: readonly FieldList[], place: string): readonly FieldList[] {
  const fieldCount = lists.reduce((sum, list) => sum + list.fields.length, 0)
  if (lists.length > LISTS_MAX || fieldCount > ALL_FIELDS_MAX) {
    const expected = `up to ${LISTS_MAX} field lists with ${ALL_FIELDS_MAX} fields in all`
    throw invalid(place, expected, `${lists.length} with ${fieldCount}`)
  }
  const keys = lists.map(fieldListKey)
  const twice = lists.find((list, index) => keys.indexOf(fieldListKey(list)) !== index)
  if (!twice) return lists
  throw invalid(place, 'one field list for each object and action', fieldListKey(twice))
}

/** What tells two field lists of a job config apart. */
export function fieldListKey({ objectName, actionId }: FieldList): string {
  return `${objectName.toLowerCase()} ${actionId ?? ''}`.trim()
}

function readFieldListFields(value: unknown, at: string): FieldList {
  const list = readFields(value, at, ['object', 'actionId', 'fields'])
  const objectName = readRequiredText(list, 'object', 100)
  if (!API_NAME.test(objectName)) {
    throw invalid(placeOf(list, 'object'), 'an object’s API name', objectName)
  }
  const fields = list.values.get('fields')
  if (!Array.isArray(fields) || fields.length > LISTED_FIELDS_MAX) {
    throw invalid(placeOf(list, 'fields'), `a list of up to ${LISTED_FIELDS_MAX} fields`, fields)
  }
  const listed = fields.map((each, index) => readField(each, `${at}.fields[${index}]`))
  const byName = new Map(listed.map((field) => [field.name, field]))
  byName.delete('Id')
  return {
    objectName,
    actionId: readActionId(list.values.get('actionId'), placeOf(list, 'actionId')),
    fields: [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
  }
}

/** An id of 15 or 18 characters; null where there is none. Anything else is 400. */
export function readActionId(value: unknown, place: string): RecordId | null {
  if (value === undefined || value === null) return null
  const id = typeof value === 'string' ? tryRecordId(value) : null
  if (id !== null) return id
  throw invalid(place, 'an id of 15 or 18 characters', value)
}

function readField(value: unknown, at: string): FieldList['fields'][number] {
  const field = readFields(value, at, ['name', 'type'])
  const name = readRequiredText(field, 'name', 100)
  const type = field.values.get('type') ?? null
  if (!API_NAME.test(name)) throw invalid(placeOf(field, 'name'), 'a field’s API name', name)
  if (type !== null && !(typeof type === 'string' && TYPE_NAME.test(type))) {
    throw invalid(placeOf(field, 'type'), 'the name of an XML Schema type, or null', type)
  }
  return { name, type }
}
