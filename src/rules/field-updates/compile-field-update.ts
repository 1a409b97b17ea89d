import type { FieldValue } from '../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { type CompiledFormula, compileFormula } from '../formula/compile-formula.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import type { Report } from '../rule-problem.ts'
import type { FieldUpdate } from '../workflow-rule.ts'
import { formulaValueFor, literalValueFor, returnTypeFor } from './field-value-of.ts'

/** What an action names: a username, a queue's or record type's developer name, the only user of a role. */
export type LookupType = 'User' | 'Queue' | 'RecordType' | 'Role'

/** Finds the record a field update names; null when there is none. `objectName`: whose record type. */
export type Lookup = (type: LookupType, name: string, objectName: string) => RecordId | null

/** Computes the new value. `target` is the record that is updated; undefined leaves the field alone. */
export type NewValue = (
  context: EvaluationContext & { readonly lookup: Lookup },
  target: OrgRecord | undefined,
) => FieldValue | undefined

/** A field update, ready to be carried out. */
export type CompiledFieldUpdate = {
  readonly fullName: string
  readonly field: FieldDefinition
  /** The reference field that leads to the parent to update; null: the record itself. */
  readonly targetField: FieldDefinition | null
  /** Object of the updated record. Of a parent the one its reference names first. */
  readonly targetObject: ObjectDefinition
  readonly reevaluateOnChange: boolean
  /** A new owner is told by e-mail. */
  readonly notifyAssignee: boolean
  /** Throws FormulaRuntimeError, FieldUpdateError. */
  readonly newValue: NewValue
  /** Whether its formula reads a field that holds a secret. */
  readonly readsSecret?: boolean
  readonly paths: readonly (readonly string[])[]
}

/** A field update that finds no value when it is carried out. The rule's other actions go on. */
export class FieldUpdateError extends Error {
  override readonly name = 'FieldUpdateError'
  readonly errorCode = 'FIELD_UPDATE_LOOKUP_FAILED'
}

/** What field updates are compiled in. */
export type FieldUpdateScope = {
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly settings: { readonly locale: string }
  readonly formulaFields: FormulaFieldCache
}

type Computation = Pick<CompiledFieldUpdate, 'newValue' | 'readsSecret' | 'paths'>

/** Compiles a field update; null when it is broken. What is wrong is reported. */
export function compileFieldUpdate(
  update: FieldUpdate,
  scope: FieldUpdateScope,
  report: Report,
): CompiledFieldUpdate | null {
  const object = scope.objects(update.objectName)
  if (object === undefined) {
    report.error('RULE_UNKNOWN_OBJECT', `there is no object ${update.objectName}`)
    return null
  }
  const target = targetOf(update, object, scope.objects)
  if (target === undefined) {
    const way = `${object.name}.${update.targetObject}`
    const message = `${way} leads to no object of the org: it is passed over`
    report.warning('FIELD_UPDATE_UNKNOWN_TARGET', message)
    checkFormula(update, { ...scope, object }, report)
    return null
  }
  const field = fieldOf(target.targetObject, update.field)
  if (field === undefined) {
    const message = `${target.targetObject.name} has no field ${update.field}: it is passed over`
    report.warning('FIELD_UPDATE_UNKNOWN_FIELD', message)
    checkFormula(update, { ...scope, object }, report)
    return null
  }
  const computation = compileComputation(update, { ...scope, object, field }, report)
  if (computation === null) return null
  const { targetField } = target
  const paths = targetField ? [...computation.paths, [targetField.name]] : computation.paths
  const { fullName, reevaluateOnChange, notifyAssignee } = update
  const about = { fullName, reevaluateOnChange, notifyAssignee, field }
  return { ...about, ...target, ...computation, paths }
}

/** The field that the update sets, where the definitions have it. */
export function updatedField(
  update: FieldUpdate,
  object: ObjectDefinition,
  objects: FieldUpdateScope['objects'],
): FieldDefinition | undefined {
  const target = targetOf(update, object, objects)
  return target && fieldOf(target.targetObject, update.field)
}

function targetOf(
  update: FieldUpdate,
  object: ObjectDefinition,
  objects: FieldUpdateScope['objects'],
): Pick<CompiledFieldUpdate, 'targetField' | 'targetObject'> | undefined {
  const { targetObject: name } = update
  if (name === null || name === '' || name.toLowerCase() === object.name.toLowerCase()) {
    return { targetField: null, targetObject: object }
  }
  const targetField = fieldOf(object, name)
  const parentName = targetField?.referenceTo?.[0]
  const targetObject = parentName === undefined ? undefined : objects(parentName)
  return targetField && targetObject && { targetField, targetObject }
}

/** Tells what is wrong with the formula of a field update whose field is not there. */
function checkFormula(
  update: FieldUpdate,
  scope: FieldUpdateScope & { readonly object: ObjectDefinition },
  report: Report,
): void {
  if (update.operation === 'Formula') compileReported(update, scope, report)
}

type ValueScope = FieldUpdateScope & {
  readonly object: ObjectDefinition
  readonly field: FieldDefinition
}

function compileComputation(
  update: FieldUpdate,
  scope: ValueScope,
  report: Report,
): Computation | null {
  const { field } = scope
  switch (update.operation) {
    case 'Null':
      return { newValue: () => (field.type === 'boolean' ? false : null), paths: [] }
    case 'Literal':
      return compileLiteral(update, scope, report)
    case 'Formula':
      return compileValueFormula(update, scope, report)
    case 'LookupValue':
      return compileLookup(update, scope)
    case 'NextValue':
      return { newValue: neighbour(field, 1), paths: [] }
    case 'PreviousValue':
      return { newValue: neighbour(field, -1), paths: [] }
  }
}

function compileLiteral(
  update: FieldUpdate,
  { field, settings }: ValueScope,
  report: Report,
): Computation | null {
  const value = literalValueFor(field, update.literalValue, settings.locale)
  if (value !== undefined) return { newValue: () => value, paths: [] }
  const found = JSON.stringify(update.literalValue?.slice(0, 40))
  report.error('FIELD_UPDATE_INVALID_VALUE', `${field.name} (${field.type}) cannot hold ${found}`)
  return null
}

function compileValueFormula(
  update: FieldUpdate,
  scope: ValueScope,
  report: Report,
): Computation | null {
  const { field } = scope
  const compiled = compileReported(update, scope, report)
  if (compiled === null) return null
  const newValue: NewValue = (context) => {
    const value = formulaValueFor(field, compiled.evaluate(context))
    return field.type === 'reference' ? idFor(field, value, compiled.readsSecret) : value
  }
  return { newValue, readsSecret: compiled.readsSecret, paths: compiled.paths }
}

/** Formulas see ids in their form of 15 characters, fields keep those of 18. */
function idFor(field: FieldDefinition, value: FieldValue, isSecret: boolean): RecordId | null {
  if (typeof value !== 'string') return null
  const id = tryRecordId(value)
  if (id !== null) return id
  const given = isSecret ? 'something else' : `'${value.slice(0, 40)}'`
  throw new FieldUpdateError(`${field.name} takes an id, the formula gave ${given}`)
}

/** The update's formula for its field, if that is known, or for whatever it gives. */
function compileReported(
  update: FieldUpdate,
  scope: FieldUpdateScope & { readonly object: ObjectDefinition; readonly field?: FieldDefinition },
  report: Report,
): CompiledFormula | null {
  const { field, object, objects, formulaFields } = scope
  const returnType =
    field === undefined || field.guessed ? {} : { returnType: returnTypeFor(field) }
  const text = update.formula ?? 'NULL'
  const compiled = compileFormula(text, {
    object,
    objects,
    formulaFields,
    blanks: 'asNull',
    ...returnType,
  })
  if (compiled.kind === 'broken') {
    const { errorCode, message, at } = compiled.error
    report.error(errorCode, `formula line ${at.line}, column ${at.column}: ${message}`)
    return null
  }
  for (const { code, message, at } of compiled.warnings) {
    report.warning(code, `formula line ${at.line}, column ${at.column}: ${message}`)
  }
  return compiled
}

/** Without a name the field is blanked. */
function compileLookup(update: FieldUpdate, { object }: ValueScope): Computation {
  const { lookupValue: name, lookupValueType: type } = update
  if (name === null || name === '') return { newValue: () => null, paths: [] }
  const known = type === 'Queue' || type === 'RecordType' ? type : 'User'
  return {
    paths: [],
    newValue: (context, target) => {
      const found = context.lookup(known, name, target?.objectName ?? object.name)
      if (found !== null) return found
      throw new FieldUpdateError(`there is no ${known} named '${name}'`)
    },
  }
}

/** The active picklist value before or behind the present one; at an end nothing changes. */
function neighbour(field: FieldDefinition, step: 1 | -1): NewValue {
  const values = (field.picklist ?? []).filter((each) => each.active).map((each) => each.value)
  return (_, target) => {
    const present = target?.fields[field.name]
    const index = typeof present === 'string' ? values.indexOf(present) : -1
    return index < 0 ? undefined : values[index + step]
  }
}
