import type { Expression, Run } from './expression.ts'
import { commonType, isOpen, isTextual } from './expression.ts'
import { textRun } from './functions/call.ts'
import type { BinaryOperator } from './parse/syntax.ts'
import { refuseType, type Scope, warn } from './scope.ts'
import { compare } from './values/number.ts'

/** The operators that compare two values of one type. */
export type ComparisonOperator = Extract<BinaryOperator, '=' | '<>' | '<' | '>' | '<=' | '>='>

/**
 * Compiles `left operator right`. Null on a side gives null, except for texts: there null equals '', and
 * nothing is less or greater than null. Throws FORMULA_ARGUMENT_TYPE when the types differ.
 */
export function comparison(
  scope: Scope,
  at: number,
  operator: ComparisonOperator,
  [left, right]: readonly [Expression, Expression],
): Run<boolean> {
  const type = commonType(left.type, right.type)
  if (type === null || type === 'Location') {
    return refuseType(scope, at, operator, { wanted: left.type, found: right.type })
  }
  if (operator === '=' || operator === '<>') {
    warnOfPicklists(scope, at, [left, right])
    const equal = equality(left, right)
    if (operator === '=') return equal
    return (context) => {
      const value = equal(context)
      return value === null ? null : !value
    }
  }
  if (type === 'Boolean')
    return refuseType(scope, at, operator, { wanted: 'an order', found: type })
  return ordering(operator, left, right)
}

/** Compiles whether both are equal; texts compare by their characters, case included. */
export function equality(left: Expression, right: Expression): Run<boolean> {
  const leftText = textRun(left)
  const rightText = textRun(right)
  if (leftText !== null && rightText !== null) {
    if (isOpen(left) && isOpen(right)) return () => null
    return (context) => (leftText(context) ?? '') === (rightText(context) ?? '')
  }
  if (left.type === 'Number' && right.type === 'Number') {
    const [one, other] = [left.run, right.run]
    return (context) => {
      const leftValue = one(context)
      if (leftValue === null) return null
      const rightValue = other(context)
      return rightValue === null ? null : compare(leftValue, rightValue) === 0
    }
  }
  return (context) => {
    const leftValue = left.run(context)
    const rightValue = right.run(context)
    return leftValue === null || rightValue === null ? null : leftValue === rightValue
  }
}

/** CASE takes a picklist as it is; an operator does not. */
function warnOfPicklists(scope: Scope, at: number, sides: readonly Expression[]): void {
  const areTexts = sides.every((side) => textRun(side) !== null)
  if (!areTexts || !sides.some(({ type }) => type === 'Picklist')) return
  const message = 'a picklist is compared as a text: Salesforce asks for ISPICKVAL or TEXT here'
  warn(scope, at, 'FORMULA_PICKLIST_AS_TEXT', message)
}

type OrderOperator = Exclude<ComparisonOperator, '=' | '<>'>

function ordering(operator: OrderOperator, left: Expression, right: Expression): Run<boolean> {
  const holds = HOLDS[operator]
  const leftText = textRun(left)
  const rightText = textRun(right)
  if (leftText !== null && rightText !== null && (isTextual(left.type) || isTextual(right.type))) {
    return (context) => {
      const leftValue = leftText(context)
      const rightValue = rightText(context)
      if (leftValue === null || rightValue === null) return false
      return holds(leftValue < rightValue ? -1 : leftValue > rightValue ? 1 : 0)
    }
  }
  if (left.type === 'Number' && right.type === 'Number') {
    const [one, other] = [left.run, right.run]
    return (context) => {
      const leftValue = one(context)
      if (leftValue === null) return null
      const rightValue = other(context)
      return rightValue === null ? null : holds(compare(leftValue, rightValue))
    }
  }
  return (context) => {
    const leftValue = left.run(context)
    const rightValue = right.run(context)
    if (typeof leftValue !== 'number' || typeof rightValue !== 'number') return null
    return holds(leftValue - rightValue)
  }
}

const HOLDS: Readonly<Record<OrderOperator, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}
