import type { FieldValue } from '../../schema/field-value.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import type { SelectRow } from '../select.ts'
import type { FormulaValues } from './compute-formulas.ts'
import type { QueriedField, QueriedRecord, QueryColumn } from './queried-record.ts'
import type { OutputBranch, OutputField } from './select-list.ts'

/** The record that a row says, parents nested; null when the branch's record is not there. */
export function shapeRow(
  branch: OutputBranch,
  row: SelectRow,
  formulas: FormulaValues,
): QueriedRecord | null {
  const at = branch.places.findIndex((place) => typeof row[place.idIndex] === 'string')
  const place = branch.places[at]
  const recordId = place ? tryRecordId(String(row[place.idIndex])) : null
  if (!place || recordId === null) return null
  const fields = branch.fields.map((each): QueriedField => {
    if (each.kind === 'branch') {
      return { name: each.name, type: null, value: shapeRow(each, row, formulas) }
    }
    const { name, type } = each.field
    const source = each.sources[at] ?? null
    return {
      name,
      type,
      value: sourceValue(source, row, (field) => formulas.valueOf(recordId, field)),
    }
  })
  return { objectName: place.object.name, recordId, fields }
}

function sourceValue(
  source: OutputField['sources'][number],
  row: SelectRow,
  formula: (field: OutputField['field']) => FieldValue,
): FieldValue {
  if (source === null) return null
  return source.kind === 'row' ? (row[source.index] ?? null) : formula(source.field)
}

/** What the places of the answered records are called, for `columns=true`. */
export function columnsOf(branch: OutputBranch): readonly QueryColumn[] {
  return branch.fields.map((each) => {
    if (each.kind === 'branch') {
      const joinColumns = columnsOf(each)
      const { name } = each
      return {
        name,
        label: name,
        type: null,
        isCustom: name.endsWith('__r'),
        isAggregate: false,
        joinColumns,
      }
    }
    const { name, label, type } = each.field
    return {
      name,
      label,
      type,
      isCustom: name.endsWith('__c'),
      isAggregate: false,
      joinColumns: [],
    }
  })
}
