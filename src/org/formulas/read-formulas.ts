import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgUser } from '../people/running-users.ts'
import { openFinding } from '../save/found-for-save.ts'
import { readPaths } from '../save/read-paths.ts'
import { openEvaluation, standingRecord } from './evaluation-base.ts'
import { formulaValue } from './org-formulas.ts'

/** Computes formula fields of records as they stand, for queries and messages. */
export type FormulaReader = {
  /** Reads the records and what the formulas of `fields` look at; then `valueOf` knows their values. */
  read(
    object: ObjectDefinition,
    ids: readonly RecordId[],
    fields: readonly FieldDefinition[],
  ): Promise<readonly OrgRecord[]>
  readonly valueOf: (recordId: RecordId, field: FieldDefinition) => FieldValue
}

/** Records of one statement: enough to be quick, few enough for a statement's parameters. */
const READ_MAX = 2000

/** Opens a reader for one query or message: what it read once it does not read again. */
export async function formulaReader(
  org: Org,
  user: OrgUser,
  definitions: OrgDefinitions,
): Promise<FormulaReader> {
  const found = openFinding(org.store, definitions)
  const related = (id: RecordId) => {
    const record = found.recordOf(id)
    return record?.fields.IsDeleted === true ? undefined : record
  }
  const base = await openEvaluation(org, { definitions, user, now: org.clock.now(), related })
  const formulaOf = (field: FieldDefinition, objectName: string) => {
    const object = definitions.objectOf(objectName)
    return object ? definitions.formulas.fieldFormula(object, field) : null
  }
  return {
    async read(object, ids, fields) {
      const paths = fields.flatMap((field) => formulaOf(field, object.name)?.paths ?? [])
      for (let start = 0; start < ids.length; start += READ_MAX) {
        const some = ids.slice(start, start + READ_MAX)
        await found.read({ ids: some })
        const records = some.flatMap((id) => found.recordOf(id) ?? [])
        await readPaths(
          found,
          records.map(({ fields: values }) => ({ fields: values, paths })),
        )
      }
      const records = ids.flatMap((id) => found.recordOf(id) ?? [])
      return records.filter((each) => each.objectName === object.name)
    },
    valueOf(recordId, field) {
      const record = found.recordOf(recordId)
      const formula = record ? formulaOf(field, record.objectName) : null
      return record && formula ? formulaValue(formula, field, standingRecord(base, record)) : null
    },
  }
}
