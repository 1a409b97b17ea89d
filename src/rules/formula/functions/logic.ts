import { equality } from '../comparison.ts'
import type { Expression, Run } from '../expression.ts'
import { booleanOf, commonType, held, isTextual } from '../expression.ts'
import { refuseType } from '../scope.ts'
import {
  argument,
  booleanArgument,
  type Call,
  type FunctionTable,
  oneOf,
  refuseArgument,
  takes,
  takesBetween,
  textRun,
} from './call.ts'

/** Most arguments a function of any number of them takes. */
export const ARGUMENTS_MAX = 10_000

/** True when all are; null counts as false. Stops at the first that is not true. */
export function allOf(runs: readonly Run<boolean>[]): Run<boolean> {
  const [first, second] = runs
  if (runs.length === 2 && first && second) {
    return (context) => first(context) === true && second(context) === true
  }
  return (context) => {
    for (const run of runs) if (run(context) !== true) return false
    return true
  }
}

/** True when one is; null counts as false. Stops at the first that is true. */
export function anyOf(runs: readonly Run<boolean>[]): Run<boolean> {
  const [first, second] = runs
  if (runs.length === 2 && first && second) {
    return (context) => first(context) === true || second(context) === true
  }
  return (context) => {
    for (const run of runs) if (run(context) === true) return true
    return false
  }
}

/** NOT of null stays null. */
export function negationOf(run: Run<boolean>): Run<boolean> {
  return (context) => {
    const value = run(context)
    return value === null ? null : !value
  }
}

function compileIf(call: Call): Expression {
  const condition = booleanArgument(call, 0)
  return oneOf(call, call.args.slice(1), ([yes, no]) => {
    return (context) => (condition(context) === true ? yes!(context) : no!(context))
  })
}

function compileCase(call: Call): Expression {
  if (call.args.length % 2 !== 0)
    refuseArgument(call, call.args.length - 1, 'a result before the else')
  // Evaluated once: a CASE within a CASE within a CASE would else cost the product of their lengths.
  const subject = held(argument(call, 0))
  const tests: Run<boolean>[] = []
  const results: Expression[] = []
  for (let index = 1; index + 1 < call.args.length; index += 2) {
    const value = argument(call, index)
    if (commonType(subject.expression.type, value.type) === null) {
      refuseArgument(call, index, subject.expression.type)
    }
    tests.push(equality(subject.expression, value))
    results.push(argument(call, index + 1))
  }
  results.push(argument(call, call.args.length - 1))
  return oneOf(call, results, (runs) => (context) => {
    subject.fill(context)
    const found = tests.findIndex((test) => test(context) === true)
    return runs[found < 0 ? runs.length - 1 : found]!(context)
  })
}

function isBlankRun(expression: Expression): Run<boolean> {
  const text = isTextual(expression.type) ? textRun(expression) : null
  if (text !== null) {
    return (context) => {
      const value = text(context)
      return value === null || value === ''
    }
  }
  return (context) => expression.run(context) === null
}

function refuseBoolean(call: Call): void {
  if (argument(call, 0).type === 'Boolean') {
    refuseType(call.scope, call.at, call.name, { wanted: 'another type', found: 'Boolean' })
  }
}

function compileIsBlank(call: Call): Expression {
  refuseBoolean(call)
  return booleanOf(isBlankRun(argument(call, 0)))
}

/** A text is never null to ISNULL. */
function compileIsNull(call: Call): Expression {
  refuseBoolean(call)
  const value = argument(call, 0)
  if (isTextual(value.type)) return booleanOf(() => false)
  return booleanOf((context) => value.run(context) === null)
}

function compileBlankValue(call: Call): Expression {
  return oneOf(call, call.args, ([value, substitute]) => {
    return (context) => {
      const found = value!(context)
      return found === null || found === '' ? substitute!(context) : found
    }
  })
}

/** A blank text is no null to NULLVALUE, and stays. */
function compileNullValue(call: Call): Expression {
  return oneOf(call, call.args, ([value, substitute]) => {
    if (isTextual(argument(call, 0).type)) return value!
    return (context) => value!(context) ?? substitute!(context)
  })
}

function booleans(call: Call): readonly Run<boolean>[] {
  return call.args.map((_, index) => booleanArgument(call, index))
}

/** Functions that choose: AND, OR, IF, CASE and the tests for blank. */
export const LOGIC_FUNCTIONS: FunctionTable = {
  AND: takesBetween(1, ARGUMENTS_MAX, (call) => booleanOf(allOf(booleans(call)))),
  OR: takesBetween(1, ARGUMENTS_MAX, (call) => booleanOf(anyOf(booleans(call)))),
  NOT: takes(1, (call) => booleanOf(negationOf(booleanArgument(call, 0)))),
  IF: takes(3, compileIf),
  CASE: takesBetween(4, ARGUMENTS_MAX, compileCase),
  ISBLANK: takes(1, compileIsBlank),
  ISNULL: takes(1, compileIsNull),
  BLANKVALUE: takes(2, compileBlankValue),
  NULLVALUE: takes(2, compileNullValue),
}
