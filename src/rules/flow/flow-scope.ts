import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { Expression } from '../formula/expression.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import type { FlowResource } from './flow-definition.ts'

/** What the parts of one flow are compiled in. What they find out together grows meanwhile. */
export type FlowScope = {
  readonly object: ObjectDefinition
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly formulaFields: FormulaFieldCache
  /** By name in lower case. */
  readonly resources: ReadonlyMap<string, FlowResource>
  /** Elements and outcomes, in lower case: a condition may ask whether the flow came by. */
  readonly stations: ReadonlySet<string>
  /** Resources compiled so far; null while one is being compiled. */
  readonly compiled: Map<string, Expression | null>
  /** What reads a field that holds a secret: its values are not shown. */
  readonly secrets: Set<Expression>
  /** What the variables that are used hold at first, by the name they are kept under. */
  readonly initial: Map<string, Expression>
  /** Ways to the parents to be read beforehand, by their steps joined with a point. */
  readonly paths: Map<string, readonly string[]>
}

/** What is made of a secret is one. */
export function passSecret(
  { secrets }: Pick<FlowScope, 'secrets'>,
  from: readonly Expression[],
  to: Expression,
): void {
  if (from.some((each) => secrets.has(each))) secrets.add(to)
}

/** Under which name a flow's run remembers that it came by an element or outcome. */
export function stationKey(name: string): string {
  return `visited ${name.toLowerCase()}`
}

/** Under which name a flow's run keeps a variable. */
export function variableKey(name: string): string {
  return name.toLowerCase()
}
