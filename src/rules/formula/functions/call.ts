import type { FormulaRuntimeErrorCode } from '../errors.ts'
import { FormulaRuntimeError, placeOf } from '../errors.ts'
import type { Expression, FormulaType, GeoPoint, Run } from '../expression.ts'
import { commonType, isTextual } from '../expression.ts'
import { refuse, refuseType, type Scope } from '../scope.ts'
import type { Num } from '../values/number.ts'

/** One call in a formula: its arguments are compiled, their number is checked. */
export type Call = {
  readonly name: string
  readonly args: readonly Expression[]
  readonly at: number
  readonly scope: Scope
}

/** How many arguments a function takes, and how a call of it is compiled. */
export type FormulaFunction = {
  readonly min: number
  readonly max: number
  readonly compile: (call: Call) => Expression
}

/** Functions by their names in capitals. */
export type FunctionTable = Readonly<Record<string, FormulaFunction>>

/** A function of exactly `count` arguments. */
export function takes(count: number, compile: (call: Call) => Expression): FormulaFunction {
  return { min: count, max: count, compile }
}

/** A function of `min` to `max` arguments. */
export function takesBetween(
  min: number,
  max: number,
  compile: (call: Call) => Expression,
): FormulaFunction {
  return { min, max, compile }
}

export function argument(call: Call, index: number): Expression {
  const found = call.args[index]
  if (found !== undefined) return found
  return refuse(call.scope, call.at, 'FORMULA_ARGUMENT_COUNT', `${call.name} lacks an argument`)
}

/** A date-time, date or time argument, in its own unit. */
export function momentArgument(
  call: Call,
  index: number,
  types: readonly ('Date' | 'DateTime' | 'Time')[],
): Run<number> {
  const found = argument(call, index)
  switch (found.type) {
    case 'Date':
    case 'DateTime':
    case 'Time':
      return types.includes(found.type)
        ? found.run
        : refuseArgument(call, index, types.join(' or '))
    case 'Null':
    case 'Unknown':
      return found.run
    default:
      return refuseArgument(call, index, types.join(' or '))
  }
}

export function numberArgument(call: Call, index: number): Run<Num> {
  const found = argument(call, index)
  if (found.type === 'Number' || found.type === 'Null' || found.type === 'Unknown') return found.run
  return refuseArgument(call, index, 'Number')
}

/** A text; a picklist counts as its API value. */
export function textArgument(call: Call, index: number): Run<string> {
  return textRun(argument(call, index)) ?? refuseArgument(call, index, 'Text')
}

export function booleanArgument(call: Call, index: number): Run<boolean> {
  const found = argument(call, index)
  if (found.type === 'Boolean' || found.type === 'Null' || found.type === 'Unknown')
    return found.run
  return refuseArgument(call, index, 'Boolean')
}

export function locationArgument(call: Call, index: number): Run<GeoPoint> {
  const found = argument(call, index)
  if (found.type === 'Location' || found.type === 'Null' || found.type === 'Unknown') {
    return found.run
  }
  return refuseArgument(call, index, 'Location')
}

/** The expression as a text, or null when it is of another type. */
export function textRun(expression: Expression): Run<string> | null {
  switch (expression.type) {
    case 'Text':
    case 'Picklist':
    case 'MultiPicklist':
    case 'Null':
    case 'Unknown':
      return expression.run
    default:
      return null
  }
}

/** Throws FORMULA_ARGUMENT_TYPE for the argument. */
export function refuseArgument(call: Call, index: number, wanted: string): never {
  const found = argument(call, index).type
  const what = `${call.name} as argument ${index + 1}`
  return refuseType(call.scope, call.at, what, { wanted, found })
}

/** Makes the error a compiled call throws, with the place of the call. */
export function failure(call: Call): (code: FormulaRuntimeErrorCode, message: string) => never {
  const { at, scope, name } = call
  return (code, message) => {
    throw new FormulaRuntimeError(code, `${name}: ${message}`, placeOf(scope.text, at))
  }
}

/**
 * Builds an expression that gives one of several values: `build` gets what they run, all of one type.
 * Throws FORMULA_ARGUMENT_TYPE when they have no type in common.
 */
export function oneOf(
  call: Call,
  values: readonly Expression[],
  build: <Value>(runs: readonly Run<Value>[]) => Run<Value>,
): Expression {
  let type: FormulaType = 'Null'
  for (const value of values) {
    const common = commonType(type, value.type)
    if (common === null) {
      return refuseType(call.scope, call.at, call.name, { wanted: type, found: value.type })
    }
    type = common
  }
  if (isTextual(type))
    return { type: 'Text', run: build(values.map((each) => textRun(each) ?? nothing)) }
  switch (type) {
    case 'Number':
      return {
        type,
        run: build(values.map((each) => (each.type === 'Number' ? each.run : nothing))),
      }
    case 'Boolean':
      return {
        type,
        run: build(values.map((each) => (each.type === 'Boolean' ? each.run : nothing))),
      }
    case 'Location':
      return {
        type,
        run: build(values.map((each) => (each.type === 'Location' ? each.run : nothing))),
      }
    case 'Date':
    case 'DateTime':
    case 'Time':
      return { type, run: build(values.map(momentRun)) }
    default:
      return { type: 'Null', run: nothing }
  }
}

function momentRun(expression: Expression): Run<number> {
  const { type } = expression
  return type === 'Date' || type === 'DateTime' || type === 'Time' ? expression.run : nothing
}

function nothing(): null {
  return null
}
