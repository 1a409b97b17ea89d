import type { FieldValue } from '../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { compileFormula } from '../formula/compile-formula.ts'
import { relatedRecord } from '../formula/names/references.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import { multiply, toNum, writeNum } from '../formula/values/number.ts'
import { CriteriaError } from './criteria-error.ts'

/** Reads the value a criterion compares: null when blank, undefined when a parent on the way is missing. */
export type ReadValue = (context: EvaluationContext) => FieldValue | undefined

/** A criterion's field, found. */
export type CriterionField = {
  readonly definition: FieldDefinition
  readonly read: ReadValue
  /** For a reference: whether one is set, whatever its name. */
  readonly isBlank: (context: EvaluationContext) => boolean | undefined
  readonly paths: readonly (readonly string[])[]
  /** Whether its value is not for everybody's eyes. */
  readonly isSecret: boolean
  /** The name that an alternative stands for: of a record type its label, whichever of its names it is. */
  readonly spelled: (alternative: string) => string
}

/** What a criterion's field is looked up in. */
export type FieldScope = {
  readonly object: ObjectDefinition
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly formulaFields: FormulaFieldCache
}

type Source = {
  readonly object: ObjectDefinition
  /** Undefined: the parent is missing. */
  readonly locate: (context: EvaluationContext) => OrgRecord | undefined
  readonly path: readonly string[]
  readonly isRunningUser: boolean
}

/**
 * Finds `Object.Field`: of the record itself, of the running user (`User.X`), or of the one parent that
 * is of that object. Throws CriteriaError.
 */
export function criterionField(name: string, scope: FieldScope): CriterionField {
  const [objectName = '', fieldName = '', ...more] = name.split('.')
  if (fieldName === '' || more.length > 0) {
    throw new CriteriaError(
      'CRITERIA_UNKNOWN_FIELD',
      `expected Object.Field, found '${name.slice(0, 80)}'`,
    )
  }
  const source = sourceOf(objectName, scope)
  const definition = fieldOf(source.object, fieldName)
  if (definition === undefined) {
    throw new CriteriaError(
      'CRITERIA_UNKNOWN_FIELD',
      `${source.object.name} has no field '${fieldName.slice(0, 80)}'`,
    )
  }
  if (definition.formula !== undefined) return formulaField(definition, source, scope)
  if (definition.type === 'reference') return referenceField(definition, source)
  return plainField(definition, source)
}

function sourceOf(objectName: string, scope: FieldScope): Source {
  const { object } = scope
  if (objectName.toLowerCase() === object.name.toLowerCase()) {
    return { object, locate: (context) => context.record, path: [], isRunningUser: false }
  }
  const target = scope.objects(objectName)
  if (target === undefined) {
    throw new CriteriaError(
      'CRITERIA_UNKNOWN_OBJECT',
      `there is no object '${objectName.slice(0, 80)}'`,
    )
  }
  if (target.name === 'User') {
    const locate = (context: EvaluationContext) => context.user.record ?? undefined
    return { object: target, locate, path: [], isRunningUser: true }
  }
  const { name } = parentReference(object, target.name)
  return {
    object: target,
    locate: (context) => {
      const parent = relatedRecord(context, context.record, name)
      // What a task is about may be of many objects: only one of this object has the field.
      return parent?.objectName === target.name ? parent : undefined
    },
    path: [name],
    isRunningUser: false,
  }
}

/** The field that leads to the parent: the standard one, else the master, else the only lookup. */
function parentReference(object: ObjectDefinition, target: string): FieldDefinition {
  const all = object.fields.filter((field) => field.referenceTo?.includes(target))
  const standard = all.filter((field) => !field.name.endsWith('__c'))
  const masters = all.filter((field) => field.masterDetail === true)
  const named = standard.filter((field) => field.name === `${target}Id`)
  // What an e-mail is related to may be a case; its parent is always one.
  const sole = standard.filter((field) => field.referenceTo?.length === 1)
  const found = [named, sole, standard, masters, all].find((fields) => fields.length > 0) ?? []
  if (found.length === 1 && found[0] !== undefined) return found[0]
  if (found.length === 0) {
    const message = `${object.name} has no reference to ${target}`
    throw new CriteriaError('CRITERIA_UNKNOWN_PARENT', message)
  }
  const names = found.map((field) => field.name).join(', ')
  const message = `${object.name} refers to ${target} by several fields: ${names}`
  throw new CriteriaError('CRITERIA_AMBIGUOUS_PARENT', message)
}

function plainField(definition: FieldDefinition, { locate, path }: Source): CriterionField {
  const { name } = definition
  const isId = definition.type === 'id'
  const read: ReadValue = (context) => {
    const record = locate(context)
    if (record === undefined) return undefined
    if (isId) return record.recordId
    const value = record.fields[name]
    return value === undefined || value === '' ? null : value
  }
  const paths = path.length > 0 ? [path] : []
  const isSecret = definition.secret === true
  return { definition, read, isBlank: blankTest(read), paths, isSecret, spelled: asWritten }
}

function asWritten(alternative: string): string {
  return alternative
}

function blankTest(read: ReadValue): CriterionField['isBlank'] {
  return (context) => {
    const value = read(context)
    return value === undefined ? undefined : value === null
  }
}

/** A reference is compared by its record's name: to a name, an empty reference is a missing parent. */
function referenceField(definition: FieldDefinition, source: Source): CriterionField {
  const { locate, path, isRunningUser } = source
  const { name } = definition
  // Without a record type a record has the master one, which has a name: it is blank, not missing.
  const whenEmpty = name === 'RecordTypeId' ? null : undefined
  const target = (context: EvaluationContext, record: OrgRecord) => {
    if (isRunningUser && name === 'ProfileId') return context.user.profile
    if (isRunningUser && name === 'UserRoleId') return context.user.role
    return relatedRecord(context, record, name)
  }
  return {
    definition,
    read: (context) => {
      const record = locate(context)
      const found = record && target(context, record)
      return found ? nameOf(found) : record && whenEmpty
    },
    isBlank: (context) => {
      const record = locate(context)
      return record && (record.fields[name] ?? null) === null
    },
    paths: isRunningUser ? [] : [[...path, name]],
    isSecret: false,
    spelled: name === 'RecordTypeId' ? recordTypeLabel(source.object) : asWritten,
  }
}

function recordTypeLabel({ recordTypes }: ObjectDefinition): CriterionField['spelled'] {
  return (alternative) => {
    const isIt = (name: string) => name.toLowerCase() === alternative.toLowerCase()
    if (recordTypes.some(({ label }) => isIt(label))) return alternative
    return recordTypes.find(({ developerName }) => isIt(developerName))?.label ?? alternative
  }
}

const NAME_FIELDS = [
  'Name',
  'CaseNumber',
  'ContractNumber',
  'OrderNumber',
  'SolutionName',
  'Subject',
  'Title',
]

function nameOf(record: OrgRecord): FieldValue {
  const field = NAME_FIELDS.find((each) => typeof record.fields[each] === 'string')
  return field === undefined ? null : (record.fields[field] ?? null)
}

/** A formula field is evaluated by its own formula; one that has no result counts as blank. */
function formulaField(
  definition: FieldDefinition,
  source: Source,
  scope: FieldScope,
): CriterionField {
  const compiled = compileFormula(definition.name, {
    object: source.object,
    objects: scope.objects,
    blanks: 'asNull',
    formulaFields: scope.formulaFields,
  })
  if (compiled.kind === 'broken') {
    throw new CriteriaError('CRITERIA_BROKEN_FORMULA_FIELD', compiled.error.message)
  }
  const { locate, path } = source
  const isOwn = path.length === 0 && !source.isRunningUser
  const isPercent = definition.type === 'percent'
  const read: ReadValue = (context) => {
    const record = locate(context)
    if (record === undefined) return undefined
    const inner = isOwn ? context : { ...context, record, before: record, isNew: false }
    const value = compiled.evaluate(inner)
    return isPercent && typeof value === 'string' ? writeNum(multiply(toNum(value), 100)) : value
  }
  const paths = compiled.paths.map((each) => [...path, ...each])
  return {
    definition,
    read,
    isBlank: blankTest(read),
    paths: path.length > 0 ? [path, ...paths] : paths,
    isSecret: compiled.readsSecret,
    spelled: asWritten,
  }
}
