import { DAY_MS, SECOND_MS } from '../../base/clock.ts'
import { FormulaRuntimeError, placeOf } from './errors.ts'
import type { Expression, Run } from './expression.ts'
import { isOpen, isTextual, numberOf, textOf } from './expression.ts'
import { textRun } from './functions/call.ts'
import type { BinaryOperator } from './parse/syntax.ts'
import { refuse, type Scope } from './scope.ts'
import { boundedDay, boundedInstant } from './values/calendar.ts'
import {
  add,
  divide,
  multiply,
  type Num,
  subtract,
  toDecimal,
  toDouble,
  truncate,
} from './values/number.ts'
import { power } from './values/rounding.ts'

/** The operators that make a new value of two. */
export type ArithmeticOperator = Extract<BinaryOperator, '+' | '-' | '&' | '^' | '*' | '/'>

/** Longest text a formula may make, in characters. */
export const TEXT_LENGTH_MAX = 1_000_000

type Operation = {
  readonly scope: Scope
  readonly at: number
  readonly operator: ArithmeticOperator
  readonly left: Expression
  readonly right: Expression
}

/**
 * Compiles `left operator right`. Null with anything is null, but text with a null text is the text.
 * Throws FORMULA_ARGUMENT_TYPE for types that the operator does not join.
 */
export function arithmetic(operation: Operation): Expression {
  const { operator, left, right } = operation
  if (operator === '&') return concatenation(operation) ?? refuseOperands(operation)
  if (operator === '+' || operator === '-') {
    if ((isOpen(left) || isOpen(right)) && !isTextual(left.type) && !isTextual(right.type)) {
      return { type: 'Null', run: () => null }
    }
    return (
      numeric(operation) ??
      moment(operation) ??
      (operator === '+' ? concatenation(operation) : null) ??
      refuseOperands(operation)
    )
  }
  if (isOpen(left) && isOpen(right)) return numberOf(() => null)
  return numeric(operation) ?? refuseOperands(operation)
}

function refuseOperands({ scope, at, operator, left, right }: Operation): never {
  const message = `${operator} does not join ${left.type} and ${right.type}`
  return refuse(scope, at, 'FORMULA_ARGUMENT_TYPE', message)
}

function numeric(operation: Operation): Expression | null {
  const { left, right } = operation
  const leftRun = left.type === 'Number' || isOpen(left) ? left : null
  const rightRun = right.type === 'Number' || isOpen(right) ? right : null
  if (leftRun === null || rightRun === null || (isOpen(left) && isOpen(right))) return null
  if (left.type !== 'Number' || right.type !== 'Number') return numberOf(() => null)
  const [one, other] = [left.run, right.run]
  const compute = computation(operation)
  return numberOf((context) => {
    const leftValue = one(context)
    if (leftValue === null) return null
    const rightValue = other(context)
    return rightValue === null ? null : compute(leftValue, rightValue)
  })
}

function computation({ scope, at, operator }: Operation): (left: Num, right: Num) => Num {
  switch (operator) {
    case '+':
      return add
    case '-':
      return subtract
    case '*':
      return multiply
    case '/':
      return (left, right) => {
        if (!toDecimal(right).isZero()) return divide(left, right)
        const place = placeOf(scope.text, at)
        throw new FormulaRuntimeError('FORMULA_DIVISION_BY_ZERO', 'division by zero', place)
      }
    default:
      return (left, right) => {
        const result = power(left, right)
        if (result !== null) return result
        const message = '^ takes whole exponents and gives results below 1e64'
        throw new FormulaRuntimeError('FORMULA_NUMBER_RANGE', message, placeOf(scope.text, at))
      }
  }
}

/** Texts joined; on a side that is null, the other. Null when both are. */
export function concatenation({ scope, at, left, right }: Operation): Expression | null {
  const one = textRun(left)
  const other = textRun(right)
  if (one === null || other === null) return null
  if (isOpen(left) && isOpen(right)) return textOf(() => null)
  return textOf((context) => {
    const leftValue = one(context)
    const rightValue = other(context)
    if (leftValue === null) return rightValue
    if (rightValue === null) return leftValue
    if (leftValue.length + rightValue.length > TEXT_LENGTH_MAX) {
      const message = `the text gets longer than ${TEXT_LENGTH_MAX} characters`
      throw new FormulaRuntimeError('FORMULA_TEXT_TOO_LONG', message, placeOf(scope.text, at))
    }
    return leftValue + rightValue
  })
}

/** Dates, date-times and times, with numbers and with each other. */
function moment(operation: Operation): Expression | null {
  const { operator, left, right } = operation
  if (left.type === 'Number') {
    return operator === '+' ? shifted(right, left.run, 1) : null
  }
  if (right.type === 'Number') return shifted(left, right.run, operator === '+' ? 1 : -1)
  return operator === '-' ? difference(left, right) : null
}

function shifted(base: Expression, amount: Run<Num>, sign: 1 | -1): Expression | null {
  switch (base.type) {
    case 'Date':
      return {
        type: 'Date',
        run: shift(base.run, amount, (day, by) => boundedDay(day + sign * truncate(by))),
      }
    case 'DateTime':
      return {
        type: 'DateTime',
        run: shift(base.run, amount, (instant, by) => {
          const seconds = Math.round((instant + sign * toDouble(by) * DAY_MS) / SECOND_MS)
          return boundedInstant(seconds * SECOND_MS)
        }),
      }
    case 'Time':
      return {
        type: 'Time',
        run: shift(base.run, amount, (ms, by) => shiftTime(ms, sign * truncate(by))),
      }
    default:
      return null
  }
}

function shift(
  base: Run<number>,
  amount: Run<Num>,
  move: (from: number, by: Num) => number,
): Run<number> {
  return (context) => {
    const from = base(context)
    const by = amount(context)
    return from === null || by === null ? null : move(from, by)
  }
}

/** Past midnight a time starts again; below midnight there is none. */
function shiftTime(ms: number, by: number): number {
  const moved = ms + by
  if (moved < 0)
    throw new FormulaRuntimeError('FORMULA_INVALID_TIME', 'the time is before midnight')
  return moved % DAY_MS
}

function difference(left: Expression, right: Expression): Expression | null {
  if (left.type === 'Date' && right.type === 'Date') {
    return between(left.run, right.run, (one, other) => one - other)
  }
  if (left.type === 'DateTime' && right.type === 'DateTime') {
    return between(left.run, right.run, (one, other) => divide(one - other, DAY_MS))
  }
  if (left.type === 'Time' && right.type === 'Time') {
    return between(left.run, right.run, (one, other) => (one - other + DAY_MS) % DAY_MS)
  }
  return null
}

function between(
  left: Run<number>,
  right: Run<number>,
  count: (left: number, right: number) => Num,
): Expression {
  return numberOf((context) => {
    const one = left(context)
    const other = right(context)
    return one === null || other === null ? null : count(one, other)
  })
}
