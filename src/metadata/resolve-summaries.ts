import { isNumberType } from '../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  type SourcePlace,
  type Summary,
} from '../schema/object-definition.ts'
import type { Report } from './problem.ts'

type Finding = {
  readonly objects: ReadonlyMap<string, ObjectDefinition>
  /** Of each `object.field` in lower case. */
  readonly fieldPlaces: ReadonlyMap<string, SourcePlace>
  readonly report: Report
}

/**
 * Gives each roll-up summary the type of what it rolls up, with names spelled as defined. One whose details
 * or field are not there, or do not suit it, is told and stays blank.
 */
export function resolveSummaries(
  objects: readonly ObjectDefinition[],
  { fieldPlaces, report }: Omit<Finding, 'objects'>,
): readonly ObjectDefinition[] {
  const byName = new Map(objects.map((object) => [object.name.toLowerCase(), object]))
  const finding: Finding = { objects: byName, fieldPlaces, report }
  return objects.map((object) => {
    if (!object.fields.some(({ summary }) => summary)) return object
    const fields = object.fields.map((field) => resolveField(finding, object, field))
    return { ...object, fields }
  })
}

function resolveField(
  finding: Finding,
  object: ObjectDefinition,
  field: FieldDefinition,
): FieldDefinition {
  if (!field.summary) return field
  const found = summarizedBy(finding, object, field.summary)
  if (typeof found !== 'string') return { ...field, ...found }
  const place = finding.fieldPlaces.get(`${object.name}.${field.name}`.toLowerCase())
  const message = `${object.name}.${field.name}: ${found}: its value stays blank`
  finding.report(place ?? { file: '', line: 0 }, 'ROLLUP_NOT_COMPUTED', message)
  const { summary: _, ...blank } = field
  // The least or greatest of what is not there may be a number as well as a date.
  return { ...blank, guessed: true }
}

/** The summary with its field's type, or a sentence that says why there is none. */
function summarizedBy(
  { objects }: Finding,
  object: ObjectDefinition,
  summary: Summary,
): (Pick<FieldDefinition, 'type' | 'precision' | 'scale'> & { summary: Summary }) | string {
  const child = objects.get(summary.childObject.toLowerCase())
  if (!child) return `there is no object ${summary.childObject}`
  const key = fieldOf(child, summary.foreignKey)
  const leadsHere = key?.referenceTo?.some(
    (name) => name.toLowerCase() === object.name.toLowerCase(),
  )
  if (!key || !leadsHere) {
    return `${child.name} has no reference ${summary.foreignKey} to ${object.name}`
  }
  const names = { ...summary, childObject: child.name, foreignKey: key.name }
  if (summary.summarized === null) {
    return { type: 'double', precision: 18, scale: 0, summary: names }
  }
  const summarized = fieldOf(child, summary.summarized)
  if (!summarized) return `${child.name} has no field ${summary.summarized}`
  const typed = typeOf(objects, summarized, 0)
  const isNumber = isNumberType(typed.type)
  const isMoment = typed.type === 'date' || typed.type === 'datetime'
  if (!isNumber && !(isMoment && summary.operation !== 'sum')) {
    return `the ${summary.operation} of a ${summarized.type} field is not possible`
  }
  return {
    type: typed.type === 'int' ? 'double' : typed.type,
    precision: 18,
    scale: typed.type === 'int' ? 0 : (typed.scale ?? 0),
    summary: { ...names, summarized: summarized.name },
  }
}

/** Masters of masters of masters are the most that Salesforce has. */
const LEVELS_MAX = 5

/** A summary of summaries has the type of what lies at the bottom. */
function typeOf(
  objects: ReadonlyMap<string, ObjectDefinition>,
  field: FieldDefinition,
  level: number,
): FieldDefinition {
  const { summary } = field
  if (!summary || level === LEVELS_MAX) return field
  if (summary.summarized === null) return { ...field, type: 'double', scale: 0 }
  const child = objects.get(summary.childObject.toLowerCase())
  const below = child && fieldOf(child, summary.summarized)
  return below ? typeOf(objects, below, level + 1) : field
}
