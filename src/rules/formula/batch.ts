import { type FieldValue, isNumberType } from '../../schema/field-value.ts'
import type {
  FieldDefinition,
  FieldType,
  ObjectDefinition,
} from '../../schema/object-definition.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { makeRecordId } from '../../schema/record-id.ts'
import { type EvaluationContext, NOBODY } from '../evaluation-context.ts'
import { compileFormula, type ReturnType } from './compile-formula.ts'
import { type FormulaError, type FormulaPlace, FormulaRuntimeError } from './errors.ts'
import { multiply, toNum, writeNum } from './values/number.ts'

/** A field of a case: its type as in formulas (`Number`, `Percent`, `Text` …), and its value or formula. */
export type CaseField = {
  readonly type: string
  readonly subtype?: string
  readonly precision?: number
  readonly scale?: number
  readonly length?: number
  readonly value?: FieldValue
  readonly formula?: string
  /** The value before the change; missing: the value as it is. */
  readonly prior?: FieldValue
}

/** A formula with one row of values. Numbers are decimal strings, dates ISO, times `HH:mm:ss.SSS`. */
export type FormulaCase = {
  readonly id: string
  readonly formula: string
  /** Missing: whatever the formula gives. */
  readonly returnType?: string
  readonly precision?: number
  readonly scale?: number
  readonly fields?: Readonly<Record<string, CaseField>>
  /** Whether the record is being created. Default: false when a field has a prior value, else true. */
  readonly isNew?: boolean
  /** Default `asNull`, as in workflow rules. */
  readonly blanks?: 'asNull' | 'asZero'
}

/** What a case came to, in the same form of values. */
export type CaseResult =
  | { readonly id: string; readonly value: FieldValue }
  | {
      readonly id: string
      readonly error: {
        readonly code: string
        readonly message: string
        readonly at: FormulaPlace | null
      }
    }

/**
 * Evaluates a case in the time zone GMT, at the instant `now`. A formula that is broken, has no result or names
 * a field that the case has not gives its error.
 */
export function evaluateCase(each: FormulaCase, now: number): CaseResult {
  const { id, blanks = 'asNull' } = each
  const fields = Object.entries(each.fields ?? {})
  const misfit = fields.find(([, field]) => !fits(field, field.value) || !fits(field, field.prior))
  if (misfit !== undefined) {
    const [name, { type, value, prior }] = misfit
    const message = `${name} is no ${type}: ${JSON.stringify(value)?.slice(0, 80)}, prior ${JSON.stringify(prior)?.slice(0, 80)}`
    return { id, error: { code: 'CASE_INVALID_VALUE', message, at: null } }
  }
  const object = objectOf(fields, blanks)
  const compiled = compileFormula(each.formula, {
    object,
    objects: (name) => (name.toLowerCase() === object.name.toLowerCase() ? object : undefined),
    blanks,
    ...(each.returnType === undefined ? {} : { returnType: returnTypeOf(each.returnType) }),
  })
  if (compiled.kind === 'broken') return refused(id, compiled.error)
  const unknown = compiled.warnings.find(({ code }) => code === 'FORMULA_UNKNOWN_FIELD')
  if (unknown !== undefined) {
    // In an org such a field reads blank; here all fields are given, so that it is a slip.
    const message = unknown.message.replace(
      /^.* has no field (.*): it counts as blank$/,
      '$1 is no field of the record',
    )
    return { id, error: { ...unknown, message } }
  }
  try {
    const value = compiled.evaluate(contextOf(each, fields, now))
    return { id, value: neutral(value, each.returnType ?? '') }
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return refused(id, error)
    throw error
  }
}

function refused(
  id: string,
  { errorCode, message, at }: FormulaError | FormulaRuntimeError,
): CaseResult {
  return { id, error: { code: errorCode, message, at } }
}

const FIELD_TYPES: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ['number', 'double'],
  ['currency', 'currency'],
  ['percent', 'percent'],
  ['text', 'string'],
  ['boolean', 'boolean'],
  ['checkbox', 'boolean'],
  ['date', 'date'],
  ['datetime', 'datetime'],
  ['time', 'time'],
  ['picklist', 'picklist'],
  ['multipicklist', 'multipicklist'],
  ['multiselectpicklist', 'multipicklist'],
])

const FORMS: ReadonlyMap<FieldType, RegExp> = new Map([
  ['double', /^[+-]?[0-9]{1,1000}(\.[0-9]{1,1000})?([eE][+-]?[0-9]{1,3})?$/],
  ['date', /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/],
  ['datetime', /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z?$/],
  ['time', /^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z?$/],
])

/** Whether a value has the form of its field's type; blank always has. */
function fits(field: CaseField, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  const type = FIELD_TYPES.get(field.type.toLowerCase()) ?? 'string'
  if (type === 'boolean') return typeof value === 'boolean'
  const form = FORMS.get(isNumberType(type) ? 'double' : type)
  if (form === undefined) return typeof value === 'string'
  const isNumber = isNumberType(type) && typeof value === 'number'
  return form.test(isNumber || typeof value === 'string' ? String(value) : '')
}

function objectOf(
  fields: readonly [string, CaseField][],
  blanks: 'asNull' | 'asZero',
): ObjectDefinition {
  return {
    name: 'Case__c',
    label: 'Case',
    labelPlural: 'Cases',
    keyPrefix: 'a00',
    custom: true,
    customSetting: null,
    recordTypes: [],
    fields: fields.map(([name, field]): FieldDefinition => {
      const type = FIELD_TYPES.get(field.type.toLowerCase()) ?? 'string'
      const base = { name, label: name, type }
      if (field.formula === undefined) return base
      return { ...base, formula: field.formula, blanksAs: blanks === 'asZero' ? 'zero' : 'blank' }
    }),
  }
}

function returnTypeOf(name: string): ReturnType {
  switch (name.toLowerCase()) {
    case 'number':
    case 'currency':
    case 'percent':
      return 'Number'
    case 'boolean':
    case 'checkbox':
      return 'Boolean'
    case 'date':
      return 'Date'
    case 'datetime':
      return 'DateTime'
    case 'time':
      return 'Time'
    default:
      return 'Text'
  }
}

function contextOf(
  each: FormulaCase,
  fields: readonly [string, CaseField][],
  now: number,
): EvaluationContext {
  const hasPrior = fields.some(([, field]) => field.prior !== undefined)
  const isNew = each.isNew ?? !hasPrior
  const record = (value: (field: CaseField) => FieldValue | undefined): OrgRecord => ({
    objectName: 'Case__c',
    recordId: makeRecordId('a00', 1),
    version: 1,
    fields: Object.fromEntries(fields.map(([name, field]) => [name, kept(value(field) ?? null)])),
  })
  return {
    record: record((field) => field.value),
    before: isNew
      ? null
      : record((field) => (field.prior === undefined ? field.value : field.prior)),
    isNew,
    related: () => undefined,
    now,
    user: NOBODY,
    org: { ...DEFAULT_ORG_SETTINGS, id: makeRecordId('00D', 1) },
  }
}

/** As fields keep it: a blank text is null; a JSON number, where one was given, its decimal string. */
function kept(value: FieldValue | number): FieldValue {
  if (typeof value === 'number') return writeNum(toNum(String(value)))
  return value === '' ? null : value
}

/** A percentage is written in percent, a time without its zone. */
function neutral(value: FieldValue, returnType: string): FieldValue {
  if (typeof value !== 'string') return value
  switch (returnType.toLowerCase()) {
    case 'percent':
      return writeNum(multiply(toNum(value), 100))
    case 'time':
      return value.replace(/Z$/, '')
    default:
      return value
  }
}
