import type { ObjectDefinition } from '../../schema/object-definition.ts'
import { byLowerCase } from '../actions/compile-actions.ts'
import type { RuleProblem } from '../rule-problem.ts'
import { type CompiledFlow, compileFlow, type FlowOutcome } from './compile-flow.ts'
import type { FlowDefinition, FlowObstacle } from './flow-definition.ts'

/** The definitions to compile. */
export type FlowDefinitions = {
  readonly flows: readonly FlowDefinition[]
  /** `Object.Name` of every outbound message, and of every e-mail alert. */
  readonly outboundMessageKeys: Iterable<string>
  readonly alertKeys: Iterable<string>
  /** Finds an object's definition, whatever the name's case. */
  readonly objects: (name: string) => ObjectDefinition | undefined
}

/** All record-triggered flows of an org. Those that run here are found by object, in the order they run. */
export type CompiledFlows = {
  readonly beforeSave: (objectName: string) => readonly CompiledFlow[]
  readonly afterSave: (objectName: string) => readonly CompiledFlow[]
  /** Active or not; undefined for one that is not executed. */
  readonly flowNamed: (fullName: string) => CompiledFlow | undefined
  /** Ways to the parents that must be read before the object's flows run. */
  readonly pathsOf: (objectName: string) => readonly (readonly string[])[]
  readonly outcomes: readonly FlowOutcome[]
  /** Those of the object's flows, inactive ones and those that are not executed too. */
  readonly outcomesOf: (objectName: string) => readonly FlowOutcome[]
  readonly problems: readonly RuleProblem[]
}

/** Compiles every flow by itself. One that cannot be carried out whole is told of, and not run at all. */
export function compileFlows(definitions: FlowDefinitions): CompiledFlows {
  const scope = {
    objects: definitions.objects,
    formulaFields: new Map(),
    outboundMessages: byLowerCase(definitions.outboundMessageKeys),
    alerts: byLowerCase(definitions.alertKeys),
  }
  const outcomes = definitions.flows.map((flow) => compileFlow(flow, scope))
  const executed = outcomes.flatMap((each) => (each.kind === 'executed' ? [each.compiled] : []))
  const running = executed.filter(({ active }) => active).sort(inRunOrder)
  const byObject = Map.groupBy(running, ({ objectName }) => objectName.toLowerCase())
  const of = (triggerType: CompiledFlow['triggerType']) => {
    const its = new Map(
      [...byObject].map(([key, flows]) => [
        key,
        flows.filter((flow) => flow.triggerType === triggerType),
      ]),
    )
    return (objectName: string) => its.get(objectName.toLowerCase()) ?? NONE
  }
  const outcomesByObject = Map.groupBy(outcomes, ({ flow }) => flow.objectName.toLowerCase())
  const byName = new Map(executed.map((flow) => [flow.fullName, flow]))
  return {
    beforeSave: of('RecordBeforeSave'),
    afterSave: of('RecordAfterSave'),
    flowNamed: (fullName) => byName.get(fullName),
    pathsOf: (objectName) =>
      (byObject.get(objectName.toLowerCase()) ?? NONE).flatMap(({ paths }) => paths),
    outcomes,
    outcomesOf: (objectName) => outcomesByObject.get(objectName.toLowerCase()) ?? NONE,
    problems: outcomes.flatMap(problemsOf),
  }
}

const NONE: readonly never[] = []

/** Trigger orders up to this run before the flows without one, those above it behind them. */
const FIRST_ORDERS_MAX = 1000

/** By trigger order: 1 to 1,000, then the flows without one, then 1,001 to 2,000; else by API name. */
function inRunOrder(one: CompiledFlow, other: CompiledFlow): number {
  const order = placeOf(one) - placeOf(other)
  return order !== 0 ? order : one.fullName < other.fullName ? -1 : 1
}

function placeOf({ triggerOrder }: CompiledFlow): number {
  return triggerOrder ?? FIRST_ORDERS_MAX + 0.5
}

function problemsOf(outcome: FlowOutcome): readonly RuleProblem[] {
  const { flow, unreached } = outcome
  const obstacles = outcome.kind === 'executed' ? [] : outcome.obstacles
  const severity = flow.active ? 'warning' : 'info'
  return [
    ...obstacles.map(({ place, what, reason }): RuleProblem => {
      const message = `flow ${flow.fullName}: ${what}: ${reason}: the flow is not executed`
      return { ...place, code: 'FLOW_NOT_EXECUTED', severity, message }
    }),
    ...unreached.map(({ place, what, reason }: FlowObstacle): RuleProblem => {
      const message = `flow ${flow.fullName}: ${what}: ${reason}; no run comes by it`
      return { ...place, code: 'FLOW_ELEMENT_UNREACHED', severity: 'info', message }
    }),
  ]
}
