import { fieldOf } from '../schema/object-definition.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { isStored } from '../schema/stored-fields.ts'
import { formulaReader } from './formulas/read-formulas.ts'
import { knownObject, knownUser } from './known-names.ts'
import type { Org } from './open-org.ts'
import { OrgRefusal } from './refusal.ts'
import type { QueriedRecord } from './soql/queried-record.ts'
import { readableFields } from './soql/select-list.ts'
import { coerceValue } from './values/coerce-value.ts'

export type RetrieveAsk = {
  readonly userId: RecordId
  readonly objectName: string
  readonly recordIds: readonly RecordId[]
  /** Null: all that the user may read. */
  readonly fields: readonly string[] | null
}

/** One answer for each id, in order; null for what is not there or deleted. Throws INVALID_TYPE, INVALID_FIELD. */
export async function retrieveRecords(
  org: Org,
  ask: RetrieveAsk,
): Promise<readonly (QueriedRecord | null)[]> {
  const user = await knownUser(org, ask.userId)
  const definitions = await org.latest()
  const object = knownObject(definitions, ask.objectName)
  const readable = readableFields(object).filter((field) =>
    user.permissions.mayRead(object.name, field.name),
  )
  const fields =
    ask.fields?.map((name) => {
      const field = fieldOf(object, name)
      if (field && readable.includes(field)) return field
      const message = `No such column '${name}' on sobject of type ${object.name}`
      throw new OrgRefusal('INVALID_FIELD', message, [name])
    }) ?? readable
  const reader = await formulaReader(org, user, definitions)
  const formulas = fields.filter((field) => !isStored(field))
  const found = await reader.read(object, ask.recordIds, formulas)
  const byId = new Map(found.filter(isLiving).map((record) => [record.recordId, record]))
  return ask.recordIds.map((recordId) => {
    const record = byId.get(recordId)
    if (!record) return null
    const values = fields.map((field) => ({
      name: field.name,
      type: field.type,
      value: isStored(field)
        ? (record.fields[field.name] ?? null)
        : reader.valueOf(recordId, field),
    }))
    return { objectName: object.name, recordId, fields: values }
  })
}

/** The living record whose external id, or other unique field, has the value. Throws INVALID_TYPE, NOT_FOUND. */
export async function findByKey(
  org: Org,
  ask: { userId: RecordId; objectName: string; field: string; value: string },
): Promise<RecordId | null> {
  const definitions = await org.latest()
  const object = knownObject(definitions, ask.objectName)
  const field = fieldOf(object, ask.field)
  if (!field || !(field.externalId || field.unique || field.type === 'id')) {
    throw new OrgRefusal(
      'NOT_FOUND',
      `Provided external ID field does not exist or is not accessible: ${ask.field}`,
    )
  }
  const coerced = coerceValue(field, ask.value)
  if (coerced.kind === 'refused' || coerced.value === null) return null
  const { records } = await org.store.readRecords([
    { kind: 'key', objectName: object.name, field: field.name, values: [String(coerced.value)] },
  ])
  return records[0]?.recordId ?? null
}

function isLiving({ fields }: OrgRecord): boolean {
  return fields.IsDeleted !== true
}
