import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { ValidationRule } from '../rules/validation/validation-rule.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../rules/workflow-rule.ts'
import { customObject } from '../schema/custom-object.ts'
import type { FieldDefinition, ObjectDefinition, SourcePlace } from '../schema/object-definition.ts'
import { fieldOf } from '../schema/object-definition.ts'
import { STANDARD_OBJECTS } from '../schema/standard-objects.ts'
import { emptyPart, type FieldPart, type ObjectPart, type ValueSet } from './files/contribution.ts'
import { guessField, type UsedField, usedFields, withRecordCurrency } from './guess-fields.ts'
import type { Report } from './problem.ts'
import { resolveSummaries } from './resolve-summaries.ts'
import { type SharedPicklists, sharePicklists } from './value-sets.ts'

/** What the objects of a project are made of. */
export type ObjectSources = {
  readonly parts: readonly ObjectPart[]
  readonly valueSets: readonly ValueSet[]
  readonly rules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly outboundMessages: readonly OutboundMessage[]
  readonly tasks: readonly WorkflowTask[]
  readonly validationRules: readonly ValidationRule[]
  readonly report: Report
}

type Building = {
  readonly picklists: SharedPicklists
  readonly usedFieldsOf: (objectName: string) => readonly UsedField[]
  readonly report: Report
}

/**
 * Makes the project's objects: the standard ones with what the files add, then all others. An object that
 * only workflow names gets the fields that workflow names.
 */
export function buildObjects(sources: ObjectSources): readonly ObjectDefinition[] {
  const { report } = sources
  const building = {
    picklists: sharePicklists(sources.valueSets),
    usedFieldsOf: usedFields(sources),
    report,
  }
  const groups = groupParts(sources)
  const activityObjects = activityObjectsOf(groups, sources.tasks)
  const standard = STANDARD_OBJECTS.map((object) => {
    const parts = groups.get(object.name.toLowerCase()) ?? []
    groups.delete(object.name.toLowerCase())
    return withActivities(extendObject(building, object, parts), activityObjects)
  })
  const others = [...groups.values()].flatMap((parts) => {
    return isKept(parts, report) ? otherObject(building, parts) : []
  })
  const objects = withRecordCurrency([...standard, ...others], sources)
  reportLostReferences(objects, sources)
  return resolveSummaries(objects, { fieldPlaces: fieldPlaces(sources.parts), report })
}

/** Where fields are defined, by `object.field` in lower case. */
export function fieldPlaces(parts: readonly ObjectPart[]): ReadonlyMap<string, SourcePlace> {
  const places = new Map<string, SourcePlace>()
  for (const { objectName, fields } of parts) {
    for (const { name, place } of fields) {
      const key = `${objectName}.${name}`.toLowerCase()
      if (!places.has(key)) places.set(key, place)
    }
  }
  return places
}

/** The parts by object, whatever the case of its name. Activity's are those of tasks and events. */
function groupParts(sources: ObjectSources): Map<string, ObjectPart[]> {
  const groups = new Map<string, ObjectPart[]>()
  const add = (part: ObjectPart) => {
    const key = part.objectName.toLowerCase()
    const group = groups.get(key)
    if (group) group.push(part)
    else groups.set(key, [part])
  }
  for (const part of sources.parts) {
    if (part.objectName !== 'Activity') add(part)
    else for (const objectName of ['Task', 'Event']) add({ ...part, objectName })
  }
  const { rules, fieldUpdates, outboundMessages, validationRules } = sources
  const named = [...rules, ...fieldUpdates, ...outboundMessages, ...validationRules]
  for (const { objectName, place } of named) {
    if (!groups.has(objectName.toLowerCase())) add(emptyPart(objectName, place))
  }
  return groups
}

const KINDS_WITHOUT_RECORDS = /__(mdt|e|b|x|ChangeEvent)$/i

function isKept(parts: readonly ObjectPart[], report: Report): boolean {
  const [first] = parts
  if (!first || !KINDS_WITHOUT_RECORDS.test(first.objectName)) return first !== undefined
  const message = `${first.objectName} is not an object with records here: it is left out`
  report(first.place, 'OBJECT_KIND_UNSUPPORTED', message)
  return false
}

function extendObject(
  building: Building,
  object: ObjectDefinition,
  parts: readonly ObjectPart[],
): ObjectDefinition {
  const written = firstFields(building, parts)
  const fields = object.fields.map((builtIn) => {
    const part = written.get(builtIn.name.toLowerCase())
    written.delete(builtIn.name.toLowerCase())
    return changeBuiltIn(building, object.name, builtIn, part)
  })
  const added = [...written.values()].map((part) => fieldOfPart(building, part, null))
  const labels = parts.find(({ label }) => label !== null)
  return {
    ...object,
    label: labels?.label ?? object.label,
    labelPlural: labels?.labelPlural ?? object.labelPlural,
    fields: [...fields, ...added],
    recordTypes: recordTypesOf(parts),
  }
}

/** A built-in field stays what it is; the project may name it, list its values and demand it. */
function changeBuiltIn(
  building: Building,
  objectName: string,
  builtIn: FieldDefinition,
  part: FieldPart | undefined,
): FieldDefinition {
  const shared = building.picklists.ofField(objectName, builtIn.name)
  if (!part) return shared ? { ...builtIn, picklist: shared } : builtIn
  const { label, required, externalId, defaultValue } = part.options
  const picklist = valuesOf(building, part) ?? shared
  return {
    ...builtIn,
    ...(label === undefined ? {} : { label }),
    ...(required && builtIn.createable !== false ? { required } : {}),
    ...(externalId === undefined ? {} : { externalId }),
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(picklist && builtIn.picklist ? { picklist } : {}),
  }
}

function otherObject(building: Building, parts: readonly ObjectPart[]): ObjectDefinition[] {
  const [first] = parts
  if (!first) return []
  const own = parts.find(({ definesObject }) => definesObject)
  reportUndefined(building.report, own ?? first)
  const customSetting = own?.customSetting ?? null
  const what = {
    name: first.objectName,
    ...(own?.label ? { label: own.label } : {}),
    ...(own?.labelPlural ? { labelPlural: own.labelPlural } : {}),
    ...(own?.nameField ? { nameField: own.nameField } : {}),
    customSetting,
    recordTypes: recordTypesOf(parts),
  }
  const standing = customObject({ ...what, fields: [] })
  const written = firstFields(building, parts)
  const isNew = (name: string) => !fieldOf(standing, name)
  const fields = [...written.values()]
    .filter(({ name }) => isNew(name))
    .map((part) => fieldOfPart(building, part, customSetting))
  const isWhole = standing.custom && own !== undefined
  const guessed = isWhole
    ? []
    : building
        .usedFieldsOf(what.name)
        .filter(({ name }) => isNew(name) && !written.has(name.toLowerCase()))
  return [customObject({ ...what, fields: [...fields, ...guessed.map(guessField)] })]
}

function reportUndefined(report: Report, part: ObjectPart): void {
  const { objectName, place, definesObject } = part
  const isCustom = /__[a-z]+$/i.test(objectName)
  if (isCustom && definesObject) return
  const message = isCustom
    ? `${objectName} has no object file: it is made of what else names it`
    : `${objectName} is not built in: it is made of what the files say; add its fields as files`
  report(place, isCustom ? 'OBJECT_NOT_DEFINED' : 'OBJECT_NOT_BUILT_IN', message)
}

/** The fields by lower-case name; a second one of the same name is told and left out. */
function firstFields({ report }: Building, parts: readonly ObjectPart[]): Map<string, FieldPart> {
  const fields = new Map<string, FieldPart>()
  for (const { objectName, fields: written } of parts) {
    for (const part of written) {
      const before = fields.get(part.name.toLowerCase())
      if (!before) fields.set(part.name.toLowerCase(), part)
      else {
        const message = `field ${objectName}.${part.name} is defined before, in ${before.place.file} line ${before.place.line}: this one is left out`
        report(part.place, 'DUPLICATE_DEFINITION', message)
      }
    }
  }
  return fields
}

const SECRET_NAME = /password|secret|token|api_?key/i

function fieldOfPart(
  building: Building,
  part: FieldPart,
  customSetting: ObjectDefinition['customSetting'],
): FieldDefinition {
  const { name, type, options, place } = part
  const picklist = valuesOf(building, part)
  if (type === null) {
    const guess = guessField({ name, hints: [] })
    const likely = picklist ? ({ type: 'picklist', picklist } as const) : { type: guess.type }
    const message = `${name} is not built in and its file has no <type>: taken for ${likely.type}`
    building.report(place, 'FIELD_TYPE_GUESSED', message)
    return { ...guess, ...options, ...likely }
  }
  const isSecret =
    customSetting !== null && (type === 'string' || type === 'textarea') && SECRET_NAME.test(name)
  return {
    label: name.replace(/__c$/i, '').replaceAll('_', ' '),
    ...options,
    name,
    type,
    ...(picklist ? { picklist } : {}),
    ...(isSecret ? { secret: true } : {}),
  }
}

function valuesOf({ picklists, report }: Building, part: FieldPart) {
  const { valueSetName, options, place, name } = part
  if (valueSetName === null) return options.picklist
  const values = picklists.ofGlobal(valueSetName)
  if (!values) {
    const message = `${name}: there is no global value set ${valueSetName}: its list is empty`
    report(place, 'VALUE_SET_MISSING', message)
  }
  return values ?? []
}

function recordTypesOf(parts: readonly ObjectPart[]): ObjectDefinition['recordTypes'] {
  const types = new Map<string, ObjectDefinition['recordTypes'][number]>()
  for (const { place: _, ...type } of parts.flatMap((part) => part.recordTypes)) {
    const key = type.developerName.toLowerCase()
    if (!types.has(key)) types.set(key, type)
  }
  return [...types.values()]
}

/** An object that tasks are written for allows activities, though the file that says so may not be here. */
function activityObjectsOf(
  groups: ReadonlyMap<string, readonly ObjectPart[]>,
  tasks: readonly WorkflowTask[],
): readonly string[] {
  const withTasks = new Set(tasks.map(({ objectName }) => objectName.toLowerCase()))
  return [...groups]
    .filter(([key, parts]) => withTasks.has(key) || parts.some((part) => part.enableActivities))
    .flatMap(([, parts]) => parts[0]?.objectName ?? [])
    .filter((name) => !STANDARD_OBJECTS.some((standard) => standard.name === name))
}

/** Tasks and events may be about every custom object that allows activities. */
function withActivities(object: ObjectDefinition, names: readonly string[]): ObjectDefinition {
  if (names.length === 0 || (object.name !== 'Task' && object.name !== 'Event')) return object
  const fields = object.fields.map((field) => {
    return field.name === 'WhatId'
      ? { ...field, referenceTo: [...(field.referenceTo ?? []), ...names] }
      : field
  })
  return { ...object, fields }
}

function reportLostReferences(
  objects: readonly ObjectDefinition[],
  { parts, report }: ObjectSources,
): void {
  const known = new Set(objects.map(({ name }) => name.toLowerCase()))
  for (const { objectName, fields } of parts) {
    for (const { name, options, place } of fields)
      reportLost(place, `${objectName}.${name}`, options)
  }
  function reportLost(
    place: SourcePlace,
    field: string,
    { referenceTo = [] }: FieldPart['options'],
  ) {
    for (const target of referenceTo) {
      if (known.has(target.toLowerCase())) continue
      const message = `${field} refers to ${target}, which is neither built in nor in the project`
      report(place, 'REFERENCE_UNKNOWN', message)
    }
  }
}
