import { FilterLogicError, joinCriteria, type Test } from '../../criteria/filter-logic.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { fieldValueOf } from '../../formula/compile-formula.ts'
import { FormulaRuntimeError } from '../../formula/errors.ts'
import { commonType, type Expression, isTextual } from '../../formula/expression.ts'
import { compare } from '../../formula/values/number.ts'
import type { FlowCondition, FlowConditions } from '../flow-definition.ts'
import { refuseFlow } from '../flow-error.ts'
import type { FlowScope } from '../flow-scope.ts'
import { compileFlowValue, shown } from './flow-values.ts'
import { valueSeen } from './value-seen.ts'

/** One condition with the value it looked at, for an account of a run. */
export type SeenCondition = {
  readonly condition: string
  readonly value: string
  readonly isMet: boolean
}

/** Conditions joined, ready to be asked. */
export type CompiledConditions = {
  /** Throws FormulaRuntimeError. */
  readonly hold: Test<EvaluationContext>
  readonly see: (context: EvaluationContext) => readonly SeenCondition[]
}

/** Compiles conditions; `leftOf` finds what stands on the left of one. Throws FlowError. */
export function compileConditions(
  { logic, conditions }: FlowConditions,
  leftOf: (name: string) => Expression,
  scope: FlowScope,
): CompiledConditions {
  const compiled = conditions.map((condition) => {
    const left = leftOf(condition.left)
    const test = compileCondition(condition, left, scope)
    return { condition, test, seen: valueSeen(left, scope) }
  })
  return {
    hold: join(
      logic,
      compiled.map(({ test }) => test),
    ),
    see: (context) =>
      compiled.map(({ condition, seen, test }) => ({
        condition: textOf(condition),
        value: seen(context) ?? 'null',
        isMet: hasResult(test, context),
      })),
  }
}

/** For an account only: what has no result is not met. */
function hasResult(test: Test<EvaluationContext>, context: EvaluationContext): boolean {
  try {
    return test(context)
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return false
    throw error
  }
}

function join(
  logic: string | null,
  tests: readonly Test<EvaluationContext>[],
): Test<EvaluationContext> {
  switch ((logic ?? 'and').trim().toLowerCase()) {
    case 'and':
    case '':
      return (context) => tests.every((test) => test(context))
    case 'or':
      return (context) => tests.some((test) => test(context))
    case 'no_conditions':
      return () => true
    default:
      return joinByNumbers(logic ?? '', tests)
  }
}

function joinByNumbers(logic: string, tests: readonly Test<EvaluationContext>[]) {
  try {
    return joinCriteria(logic, tests)
  } catch (error) {
    if (error instanceof FilterLogicError) return refuseFlow(error.message)
    throw error
  }
}

function compileCondition(
  condition: FlowCondition,
  left: Expression,
  scope: FlowScope,
): Test<EvaluationContext> {
  const { operator } = condition
  switch (operator) {
    case 'EqualTo':
      return compileEqual(condition, left, scope)
    case 'NotEqualTo': {
      const isEqual = compileEqual(condition, left, scope)
      return (context) => !isEqual(context)
    }
    case 'GreaterThan':
      return compileOrder(condition, left, scope, (order) => order > 0)
    case 'GreaterThanOrEqualTo':
      return compileOrder(condition, left, scope, (order) => order >= 0)
    case 'LessThan':
      return compileOrder(condition, left, scope, (order) => order < 0)
    case 'LessThanOrEqualTo':
      return compileOrder(condition, left, scope, (order) => order <= 0)
    case 'Contains':
      return compileSearch(condition, left, scope, (text, part) => text.includes(part))
    case 'StartsWith':
      return compileSearch(condition, left, scope, (text, part) => text.startsWith(part))
    case 'EndsWith':
      return compileSearch(condition, left, scope, (text, part) => text.endsWith(part))
    case 'IsNull':
      return asked(condition, scope, (context) => left.run(context) === null)
    case 'IsBlank':
      return asked(condition, scope, (context) => isBlank(left.run(context)))
    case 'IsChanged':
      return asked(condition, scope, compileChanged(condition, left))
    case 'WasVisited':
      if (left.type !== 'Boolean') refuseFlow(`WasVisited is for elements and outcomes`)
      return asked(condition, scope, (context) => left.run(context) === true)
    default:
      return refuseFlow(`the operator ${shown(operator)} is not carried out here`)
  }
}

function isBlank(value: unknown): boolean {
  return value === null || value === ''
}

/** An operator that says yes or no, and the yes or no that is wanted. */
function asked(
  condition: FlowCondition,
  scope: FlowScope,
  test: Test<EvaluationContext>,
): Test<EvaluationContext> {
  const right = compileFlowValue(condition.right, scope)
  if (right.type !== 'Boolean') {
    return refuseFlow(`${condition.operator} takes true or false, found ${right.type}`)
  }
  const { run } = right
  return (context) => test(context) === (run(context) === true)
}

/** Own fields only. A new record's fields have not changed, as ISCHANGED has it. */
function compileChanged(condition: FlowCondition, left: Expression): Test<EvaluationContext> {
  if (left.field === undefined)
    refuseFlow(`IsChanged is for fields of $Record, found ${condition.left}`)
  const run = fieldValueOf(left)
  return (context) => {
    if (context.isNew || context.before === null) return false
    return run(context) !== run({ ...context, record: context.before })
  }
}

/** Compiles the right side and checks that both sides are of one type. */
function rightOf(condition: FlowCondition, left: Expression, scope: FlowScope): Expression {
  const right = compileFlowValue(condition.right, scope)
  const type = commonType(left.type, right.type)
  if (type !== null && type !== 'Location' && type !== 'Unknown') return right
  return refuseFlow(
    `${condition.left} ${condition.operator}: compares ${left.type} with ${right.type}`,
  )
}

/** Blank equals blank, and nothing else; a text of no characters is not blank. Case does not count. */
function compileEqual(
  condition: FlowCondition,
  left: Expression,
  scope: FlowScope,
): Test<EvaluationContext> {
  const right = rightOf(condition, left, scope)
  const isEmptyText = condition.right.kind === 'literal' && condition.right.text === ''
  if (isEmptyText) {
    const message = `${condition.left} ${condition.operator} an empty text: say IsNull, IsBlank or $GlobalConstant.EmptyString`
    refuseFlow(message)
  }
  if (isTextual(left.type)) {
    const fold = isIdField(left) ? foldId : foldText
    return (context) => fold(left.run(context)) === fold(right.run(context))
  }
  return (context) => {
    const [one, other] = [left.run(context), right.run(context)]
    if (one === null || other === null) return one === other
    return left.type === 'Number' && right.type === 'Number'
      ? compare(left.run(context) ?? 0, right.run(context) ?? 0) === 0
      : one === other
  }
}

function isIdField({ field }: Expression): boolean {
  return field?.type === 'reference' || field?.type === 'id'
}

function foldText(value: unknown): string | null {
  return typeof value === 'string' ? value.toLowerCase() : null
}

/** Ids are equal with 15 characters as with 18, whose last three are no news. */
function foldId(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 15) : null
}

/** Never met where a side is blank. */
function compileOrder(
  condition: FlowCondition,
  left: Expression,
  scope: FlowScope,
  holds: (order: number) => boolean,
): Test<EvaluationContext> {
  const right = rightOf(condition, left, scope)
  if (left.type === 'Number' && right.type === 'Number') {
    return (context) => {
      const [one, other] = [left.run(context), right.run(context)]
      return one !== null && other !== null && holds(compare(one, other))
    }
  }
  const isMoment = left.type === 'Date' || left.type === 'DateTime' || left.type === 'Time'
  if (!isMoment || left.type !== right.type) {
    return refuseFlow(`${condition.left} ${condition.operator} ${left.type}: it has no order`)
  }
  return (context) => {
    const [one, other] = [left.run(context), right.run(context)]
    return typeof one === 'number' && typeof other === 'number' && holds(one - other)
  }
}

/** Case does not count; never met where a side is blank. */
function compileSearch(
  condition: FlowCondition,
  left: Expression,
  scope: FlowScope,
  holds: (text: string, part: string) => boolean,
): Test<EvaluationContext> {
  const right = rightOf(condition, left, scope)
  if (!isTextual(left.type)) {
    return refuseFlow(`${condition.left} ${condition.operator}: ${left.type} is no text`)
  }
  return (context) => {
    const [text, part] = [foldText(left.run(context)), foldText(right.run(context))]
    return text !== null && part !== null && holds(text, part)
  }
}

function textOf({ left, operator, right }: FlowCondition): string {
  switch (right.kind) {
    case 'literal':
      return `${left} ${operator} ${right.text}`
    case 'reference':
      return `${left} ${operator} {!${right.name}}`
    default:
      return `${left} ${operator}`
  }
}
