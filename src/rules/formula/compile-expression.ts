import type { EvaluationContext } from '../evaluation-context.ts'
import { type ArithmeticOperator, arithmetic } from './arithmetic.ts'
import { type ComparisonOperator, comparison } from './comparison.ts'
import { quoted } from './errors.ts'
import {
  booleanOf,
  type Expression,
  held,
  isOpen,
  numberOf,
  type Run,
  withRun,
} from './expression.ts'
import { allOf, anyOf, negationOf } from './functions/logic.ts'
import { FORMULA_FUNCTIONS } from './functions/table.ts'
import { compileName } from './names/references.ts'
import { parseFormula, TREE_DEPTH_MAX } from './parse/parser.ts'
import type { CallNode, ChainNode, SyntaxNode, UnaryNode } from './parse/syntax.ts'
import { refuse, refuseType, type Scope, spend } from './scope.ts'
import { negate, toNum } from './values/number.ts'

/** Longest number a formula may spell. */
const LITERAL_LENGTH_MAX = 400
/** Chains up to so many links are evaluated as a tree, which is faster. */
const NESTED_LINKS_MAX = 2

/** Parses and compiles the scope's text. `depth` counts the levels of its evaluation. Throws FormulaError. */
export function compileExpression(scope: Scope): { expression: Expression; depth: number } {
  const node = parseFormula(scope.text)
  scope.ownDepth = node.depth
  refuseDepth(scope, scope.outerDepth + node.depth)
  const expression = compileNode(node, scope)
  const depth = node.depth + scope.innerDepth
  refuseDepth(scope, scope.outerDepth + depth)
  return { expression, depth }
}

/** A formula's own tree and those of the formula fields below it are as deep together as one may be. */
function refuseDepth(scope: Scope, depth: number): void {
  if (depth <= TREE_DEPTH_MAX) return
  const message = `with its formula fields the formula has more than ${TREE_DEPTH_MAX} levels`
  refuse(scope, 0, 'FORMULA_TOO_DEEP', message)
}

function compileNode(node: SyntaxNode, scope: Scope): Expression {
  const { watch, secretReads } = scope
  const expression = compilePlainly(node, scope)
  if (watch === null) return expression
  return watch(node, { expression, readsSecret: scope.secretReads > secretReads })
}

function compilePlainly(node: SyntaxNode, scope: Scope): Expression {
  spend(scope, node.at, 1)
  switch (node.kind) {
    case 'number': {
      if (node.text.length > LITERAL_LENGTH_MAX) {
        const message = `a number has at most ${LITERAL_LENGTH_MAX} digits, found ${node.text.length}`
        refuse(scope, node.at, 'FORMULA_SYNTAX', message)
      }
      const value = toNum(node.text)
      return numberOf(() => value)
    }
    case 'text': {
      const { value } = node
      return { type: 'Text', literal: value, run: () => value }
    }
    case 'boolean': {
      const { value } = node
      return { type: 'Boolean', literal: value, run: () => value }
    }
    case 'null':
      return { type: 'Null', run: () => null }
    case 'name':
      return compileName(node.name, node.at, scope)
    case 'unary':
      return compileUnary(node, scope)
    case 'chain':
      return compileChain(node, scope)
    case 'call':
      return compileCall(node, scope)
  }
}

function compileUnary(node: UnaryNode, scope: Scope): Expression {
  const operand = compileNode(node.operand, scope)
  if (node.operator === '!') {
    return booleanOf(negationOf(conditionOf(operand, node.at, '!', scope)))
  }
  if (isOpen(operand)) return operand
  if (operand.type !== 'Number') {
    return refuseType(scope, node.at, node.operator, { wanted: 'Number', found: operand.type })
  }
  const { run } = operand
  if (node.operator === '+') return numberOf(run)
  return numberOf((context) => {
    const value = run(context)
    return value === null ? null : negate(value)
  })
}

function conditionOf(operand: Expression, at: number, what: string, scope: Scope): Run<boolean> {
  if (operand.type === 'Boolean' || operand.type === 'Null' || operand.type === 'Unknown') {
    return operand.run
  }
  return refuseType(scope, at, what, { wanted: 'Boolean', found: operand.type })
}

function compileChain(node: ChainNode, scope: Scope): Expression {
  const first = compileNode(node.first, scope)
  const operator = node.rest[0]?.operator
  if (operator === '&&' || operator === '||') {
    const runs = [conditionOf(first, node.at, operator, scope)]
    for (const { operand } of node.rest) {
      runs.push(conditionOf(compileNode(operand, scope), operand.at, operator, scope))
    }
    return booleanOf(operator === '&&' ? allOf(runs) : anyOf(runs))
  }
  return compileLinks(first, node, scope)
}

/** Joins a chain from the left. A long one is evaluated link by link, so that it costs no stack. */
function compileLinks(first: Expression, node: ChainNode, scope: Scope): Expression {
  const isLong = node.rest.length > NESTED_LINKS_MAX
  const fills: ((context: EvaluationContext) => void)[] = []
  let left = first
  for (const { operator, operand, at } of node.rest) {
    if (operator === '&&' || operator === '||') continue
    if (isLong) {
      const kept = held(left)
      fills.push(kept.fill)
      left = kept.expression
    }
    left = joined({ left, right: compileNode(operand, scope), operator, at, scope })
  }
  if (!isLong) return left
  return withRun(left, (run) => (context) => {
    for (const fill of fills) fill(context)
    return run(context)
  })
}

type Join = {
  readonly left: Expression
  readonly right: Expression
  readonly operator: ArithmeticOperator | ComparisonOperator
  readonly at: number
  readonly scope: Scope
}

function joined({ left, right, operator, at, scope }: Join): Expression {
  switch (operator) {
    case '+':
    case '-':
    case '&':
    case '*':
    case '/':
    case '^':
      return arithmetic({ operator, left, right, at, scope })
    default:
      return booleanOf(comparison(scope, at, operator, [left, right]))
  }
}

/** What asks how the record was saved: a formula field has no save of its own. */
const SAVE_FUNCTIONS: ReadonlySet<string> = new Set(['ISCHANGED', 'PRIORVALUE', 'ISNEW', 'ISCLONE'])

function compileCall(node: CallNode, scope: Scope): Expression {
  const definition = FORMULA_FUNCTIONS.get(node.name)
  if (definition === undefined) {
    const message = `there is no function ${quoted(node.name)} in workflow formulas`
    return refuse(scope, node.at, 'FORMULA_UNKNOWN_FUNCTION', message)
  }
  if (SAVE_FUNCTIONS.has(node.name) && scope.open.length > 0) {
    const message = `${node.name} is not available in formula fields`
    return refuse(scope, node.at, 'FORMULA_UNKNOWN_FUNCTION', message)
  }
  const { min, max } = definition
  const count = node.args.length
  if (count < min || count > max) {
    const wanted = min === max ? `${min}` : count < min ? `at least ${min}` : `at most ${max}`
    const message = `${node.name} takes ${wanted} arguments, found ${count}`
    refuse(scope, node.at, 'FORMULA_ARGUMENT_COUNT', message)
  }
  const args = node.args.map((each) => compileNode(each, scope))
  return definition.compile({ name: node.name, args, at: node.at, scope })
}
