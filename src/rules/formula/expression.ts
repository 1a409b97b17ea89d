import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import type { Num } from './values/number.ts'
import { localDay } from './values/zone.ts'

/** The types of a formula's parts. Unknown: a field the definitions do not have; its value is null. */
export type FormulaType =
  | 'Number'
  | 'Text'
  | 'Boolean'
  | 'Date'
  | 'DateTime'
  | 'Time'
  | 'Picklist'
  | 'MultiPicklist'
  | 'Location'
  | 'Null'
  | 'Unknown'

export type GeoPoint = { readonly latitude: number; readonly longitude: number }

/** A compiled part of a formula: gives its value for a context. */
export type Run<Value> = (context: EvaluationContext) => Value | null

/** A field that a formula names without meaning any record's value. */
export type ObjectField = {
  readonly object: ObjectDefinition
  readonly definition: FieldDefinition
}

type Origin = {
  /** Set when the expression is a literal. */
  readonly literal?: string | boolean
  /** Set when the expression is a field of the record itself. */
  readonly field?: FieldDefinition
  /** Set when the expression names a field itself, and no value: `$ObjectType.Object__c.Fields.Field__c`. */
  readonly objectField?: ObjectField
}

/**
 * A typed expression. Dates are days since 1970, date-times milliseconds since 1970, times milliseconds
 * since midnight; picklists are their API values.
 */
export type Expression = Origin &
  (
    | { readonly type: 'Number'; readonly run: Run<Num> }
    | { readonly type: 'Text' | 'Picklist' | 'MultiPicklist'; readonly run: Run<string> }
    | { readonly type: 'Boolean'; readonly run: Run<boolean> }
    | { readonly type: 'Date' | 'DateTime' | 'Time'; readonly run: Run<number> }
    | { readonly type: 'Location'; readonly run: Run<GeoPoint> }
    | { readonly type: 'Null' | 'Unknown'; readonly run: Run<never> }
  )

export function numberOf(run: Run<Num>): Expression {
  return { type: 'Number', run }
}

export function textOf(run: Run<string>): Expression {
  return { type: 'Text', run }
}

export function booleanOf(run: Run<boolean>): Expression {
  return { type: 'Boolean', run }
}

/** Whether nothing can be known about the expression's value, so that it fits wherever a value does. */
export function isOpen(expression: Expression): boolean {
  return expression.type === 'Null' || expression.type === 'Unknown'
}

/** The day of a date-time in the org's zone, as DATEVALUE gives it. */
export function dayOfInstant(run: Run<number>): Run<number> {
  return (context) => {
    const instant = run(context)
    return instant === null ? null : localDay(context.org.timeZone, instant)
  }
}

/** The type that values of both types have, or null when there is none. Texts and picklists make texts. */
export function commonType(left: FormulaType, right: FormulaType): FormulaType | null {
  if (left === right) return left
  if (left === 'Null' || left === 'Unknown') return right
  if (right === 'Null' || right === 'Unknown') return left
  return isTextual(left) && isTextual(right) ? 'Text' : null
}

export function isTextual(type: FormulaType): boolean {
  return type === 'Text' || type === 'Picklist' || type === 'MultiPicklist'
}

/** The expression with its evaluation changed, its type kept. */
export function withRun(
  expression: Expression,
  change: <Value>(run: Run<Value>) => Run<Value>,
): Expression {
  switch (expression.type) {
    case 'Number':
      return { ...expression, run: change(expression.run) }
    case 'Boolean':
      return { ...expression, run: change(expression.run) }
    case 'Location':
      return { ...expression, run: change(expression.run) }
    case 'Date':
    case 'DateTime':
    case 'Time':
      return { ...expression, run: change(expression.run) }
    case 'Text':
    case 'Picklist':
    case 'MultiPicklist':
      return { ...expression, run: change(expression.run) }
    default:
      return expression
  }
}

/**
 * The expression evaluated once for many uses: `fill` evaluates it, the returned expression gives the
 * value again. An evaluation never enters itself, since formula fields form no circles.
 */
export function held(expression: Expression): {
  readonly expression: Expression
  readonly fill: (context: EvaluationContext) => void
} {
  let fill: (context: EvaluationContext) => void = () => {}
  const again = withRun(expression, <Value>(run: Run<Value>) => {
    let value: Value | null = null
    fill = (context) => {
      value = run(context)
    }
    return () => value
  })
  return { expression: again, fill }
}
