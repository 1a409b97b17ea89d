import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import { formulaReader } from '../formulas/read-formulas.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgUser } from '../people/running-users.ts'
import type { SelectRow } from '../select.ts'
import type { OutputBranch } from './select-list.ts'

/** Formula fields of the selected records and their parents, computed. */
export type FormulaValues = {
  readonly valueOf: (recordId: RecordId, field: FieldDefinition) => FieldValue
}

type Selected = {
  readonly object: ObjectDefinition
  readonly ids: Set<RecordId>
  readonly fields: Set<FieldDefinition>
}

/** Reads the records whose formula fields a query selects, and what the formulas look at. */
export async function computeFormulas(
  org: Org,
  user: OrgUser,
  {
    shape,
    rows,
    definitions,
  }: { shape: OutputBranch; rows: readonly SelectRow[]; definitions: OrgDefinitions },
): Promise<FormulaValues> {
  const selected = new Map<ObjectDefinition, Selected>()
  collect(shape, rows, selected)
  if (selected.size === 0) return { valueOf: () => null }
  const reader = await formulaReader(org, user, definitions)
  for (const { object, ids, fields } of selected.values()) {
    await reader.read(object, [...ids], [...fields])
  }
  return { valueOf: reader.valueOf }
}

function collect(
  branch: OutputBranch,
  rows: readonly SelectRow[],
  selected: Map<ObjectDefinition, Selected>,
): void {
  for (const each of branch.fields) {
    if (each.kind === 'branch') {
      collect(each, rows, selected)
      continue
    }
    for (const [index, source] of each.sources.entries()) {
      const place = branch.places[index]
      if (source?.kind !== 'formula' || !place) continue
      const known = selected.get(place.object) ?? {
        object: place.object,
        ids: new Set(),
        fields: new Set(),
      }
      selected.set(place.object, known)
      known.fields.add(source.field)
      for (const row of rows) {
        const id = row[place.idIndex]
        const recordId = typeof id === 'string' ? tryRecordId(id) : null
        if (recordId) known.ids.add(recordId)
      }
    }
  }
}
