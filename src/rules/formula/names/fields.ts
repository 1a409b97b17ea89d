import type { FieldDefinition, ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import type { Expression, GeoPoint, Run } from '../expression.ts'
import { type Scope, warn } from '../scope.ts'
import { readDay, readInstant, readTimeOfDay } from '../values/calendar.ts'
import { divide, type Num, toDouble, toNum } from '../values/number.ts'
import { formulaFieldExpression } from './formula-fields.ts'

/** Finds the record a field is read from; null when a reference on the way is empty. */
export type Locate = (context: EvaluationContext) => OrgRecord | null

/** A field and where it is found. */
export type LocatedField = {
  readonly object: ObjectDefinition
  readonly definition: FieldDefinition
  /** Null: the record itself. */
  readonly locate: Locate | null
  /** The reference fields that lead there. */
  readonly path: readonly string[]
  readonly at: number
}

/** Compiles the reading of a field; the scope's blank mode says what a blank number is. */
export function fieldExpression(field: LocatedField, scope: Scope): Expression {
  const { definition, locate } = field
  if (definition.formula !== undefined) return formulaFieldExpression(field, scope)
  if (definition.guessed) {
    scope.guesses.used = true
    if (!scope.guesses.believed) return unknownType(field, scope)
  }
  const { name, type } = definition
  if (definition.secret === true) scope.secretReads += 1
  const text = textReader(name, locate)
  const own = locate === null ? { field: definition } : {}
  switch (type) {
    case 'id':
      return {
        ...own,
        type: 'Text',
        run: idReader(
          locate === null ? ownId : (context) => locate(context)?.recordId ?? null,
          scope,
        ),
      }
    case 'reference':
      return { ...own, type: 'Text', run: idReader(text, scope) }
    case 'boolean':
      return { ...own, type: 'Boolean', run: booleanReader(name, locate) }
    case 'int':
    case 'double':
    case 'currency':
      return { ...own, type: 'Number', run: numberReader(text, scope, toNum) }
    case 'percent':
      return {
        ...own,
        type: 'Number',
        run: numberReader(text, scope, (value) => divide(toNum(value), 100)),
      }
    case 'date':
      return { ...own, type: 'Date', run: momentReader(text, readDay) }
    case 'datetime':
      return { ...own, type: 'DateTime', run: momentReader(text, readInstant) }
    case 'time':
      return { ...own, type: 'Time', run: momentReader(text, readTimeOfDay) }
    case 'picklist':
      return { ...own, type: 'Picklist', run: text }
    case 'multipicklist':
      return { ...own, type: 'MultiPicklist', run: text }
    case 'location':
      return { ...own, type: 'Location', run: locationReader(name, locate) }
    case 'address':
    case 'unsupported':
      return { ...own, type: 'Unknown', run: () => null }
    default:
      return { ...own, type: 'Text', run: text }
  }
}

function unknownType({ definition, object, at }: LocatedField, scope: Scope): Expression {
  const message = `no file says what type ${object.name}.${definition.name} has: it counts as blank`
  warn(scope, at, 'FORMULA_UNKNOWN_TYPE', message)
  return { type: 'Unknown', run: () => null }
}

type TextReader = (context: EvaluationContext) => string | null

/** Formulas of rules and fields see ids in their form of 15 characters: one of 18 is equal to none of them. */
function idReader(text: TextReader, { ids }: Scope): TextReader {
  return ids === 'long' ? text : (context) => text(context)?.slice(0, SHORT_ID_LENGTH) ?? null
}

const SHORT_ID_LENGTH = 15

/** A geolocation is kept in its two parts, `Place__Latitude__s` and `Place__Longitude__s`. */
function locationReader(name: string, locate: Locate | null): Run<GeoPoint> {
  const stem = name.replace(/__c$/i, '')
  const degrees = (half: string) => textReader(`${stem}__${half}__s`, locate)
  const [north, east] = [degrees('Latitude'), degrees('Longitude')]
  return (context) => {
    const [latitude, longitude] = [north(context), east(context)]
    if (latitude === null || longitude === null) return null
    return { latitude: toDouble(toNum(latitude)), longitude: toDouble(toNum(longitude)) }
  }
}

function ownId(context: EvaluationContext): string {
  return context.record.recordId
}

function textReader(name: string, locate: Locate | null): TextReader {
  if (locate === null) {
    return (context) => {
      const value = context.record.fields[name]
      return typeof value === 'string' ? value : null
    }
  }
  return (context) => {
    const value = locate(context)?.fields[name]
    return typeof value === 'string' ? value : null
  }
}

/** A checkbox is never null. */
function booleanReader(
  name: string,
  locate: Locate | null,
): (context: EvaluationContext) => boolean {
  if (locate === null) return (context) => context.record.fields[name] === true
  return (context) => locate(context)?.fields[name] === true
}

function numberReader(text: TextReader, scope: Scope, read: (value: string) => Num) {
  const blank = scope.blanks === 'asZero' ? 0 : null
  return (context: EvaluationContext) => {
    const value = text(context)
    return value === null || value === '' ? blank : read(value)
  }
}

function momentReader(text: TextReader, read: (value: string) => number) {
  return (context: EvaluationContext) => {
    const value = text(context)
    return value === null || value === '' ? null : read(value)
  }
}
