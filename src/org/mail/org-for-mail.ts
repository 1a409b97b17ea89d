import type { MailOrg } from '../../mail/mail-org.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { FieldPath } from '../select.ts'
import { mergeValues } from './merge-values.ts'

/** Records that one look for a field's values finds at the most. */
const FOUND_MAX = 2000
const FIND_DEADLINE_MS = 10_000

/** Opens mail's way to the org: its definitions, its records, and what merge fields stand for. */
export function openOrgForMail(org: Org, instanceUrl: () => Promise<string>): MailOrg {
  return {
    organizationId: org.organizationId,
    definitions: org.latest,
    recordOf: async (id) => {
      const object = (await org.latest()).objectOfId(id)
      if (!object) return null
      const ask = { kind: 'ids', objectName: object.name, ids: [id], includeDeleted: true } as const
      const { records } = await org.store.readRecords([ask])
      return records[0] ?? null
    },
    find: async (objectName, fieldName, values) => {
      const object = (await org.latest()).objectOf(objectName)
      const field = object && fieldOf(object, fieldName)
      if (!object || !field || values.length === 0) return []
      const own = (name: string): FieldPath => ({ hops: [], field: name })
      const condition = {
        kind: 'in' as const,
        path: own(field.name),
        isNegated: false,
        values,
      }
      const rows = await org.store.select(
        {
          objectName: object.name,
          fields: [own('Id')],
          isCount: false,
          condition,
          orderBy: [{ path: own('Id'), descending: false, nullsLast: false }],
          limit: FOUND_MAX,
          offset: 0,
          includeDeleted: false,
        },
        FIND_DEADLINE_MS,
      )
      // What the store answers in an id column are ids.
      const ids = rows.map(([id]) => id as RecordId)
      if (ids.length === 0) return []
      const ask = { kind: 'ids', objectName: object.name, ids } as const
      return (await org.store.readRecords([ask])).records
    },
    mergeValues: async (ask) => mergeValues(org, ask, { instanceUrl: await instanceUrl() }),
  }
}
