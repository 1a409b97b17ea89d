import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { Expression } from '../formula/expression.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import { compileElement, type ElementScope, nextsOf } from './elements/compile-element.ts'
import type { FlowNode } from './elements/interview.ts'
import type { FlowDefinition, FlowElement, FlowObstacle } from './flow-definition.ts'
import { type CompiledEntry, compileEntry, type Entering } from './flow-entry.ts'
import { FlowError, refuseFlow } from './flow-error.ts'
import { type CompiledPath, compilePath } from './scheduled-path.ts'
import { isFormula } from './values/flow-values.ts'

/** A flow, ready to be run. */
export type CompiledFlow = Entering & {
  readonly fullName: string
  readonly label: string
  readonly active: boolean
  readonly objectName: string
  readonly triggerType: FlowDefinition['triggerType']
  readonly triggerOrder: number | null
  /** Null: it has scheduled paths only, or nothing. */
  readonly first: string | null
  readonly scheduledPaths: readonly CompiledPath[]
  readonly nodes: ReadonlyMap<string, FlowNode>
  /** What its variables hold at first, by the names they are kept under. */
  readonly initial: ReadonlyMap<string, Expression>
  /** Ways to the parents to be read beforehand. */
  readonly paths: readonly (readonly string[])[]
}

/** What flows are compiled in. */
export type FlowsScope = {
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly formulaFields: FormulaFieldCache
  /** `Object.Name` by its lower case. */
  readonly outboundMessages: ReadonlyMap<string, string>
  readonly alerts: ReadonlyMap<string, string>
}

/** What became of one flow: it runs, or it does not and each reason has its place. */
export type FlowOutcome = {
  readonly flow: FlowDefinition
  readonly hasEntryFormula: boolean
  readonly isEntryCompiled: boolean
  /** Elements that are not carried out, but that no run comes by. */
  readonly unreached: readonly FlowObstacle[]
} & (
  | { readonly kind: 'executed'; readonly compiled: CompiledFlow }
  | { readonly kind: 'not executed'; readonly obstacles: readonly FlowObstacle[] }
)

/** Compiles a flow whole, or says all that keeps it from being run: nothing of it is then run. */
export function compileFlow(flow: FlowDefinition, scope: FlowsScope): FlowOutcome {
  const object = scope.objects(flow.objectName) ?? nothingKnownOf(flow.objectName)
  const flowScope = openScope(flow, object, scope)
  const { formula } = flow.entry
  const hasEntryFormula = formula !== null
  const isEntryCompiled = hasEntryFormula && isFormula(formula, 'Boolean', flowScope)
  const told = { flow, hasEntryFormula, isEntryCompiled }
  if (object.fields.length === 0) {
    const reason = `there is no object ${flow.objectName}`
    const obstacles = [{ place: flow.place, what: 'start', reason }]
    return { kind: 'not executed', obstacles, unreached: [], ...told }
  }
  const obstacles: FlowObstacle[] = [...flow.obstacles]
  const entry = tried(obstacles, { place: flow.entry.place, what: 'start' }, () =>
    compileEntry(flow, flowScope),
  )
  const { nodes, unreached } = compileNodes(flow, flowScope, obstacles)
  const scheduledPaths = flow.paths.flatMap((path) => {
    const at = { place: path.place, what: `scheduledPaths ${path.name}` }
    const compile = () => entry && compilePath(path, flow, { entry, scope: flowScope })
    return tried(obstacles, at, compile) ?? []
  })
  if (entry === null || obstacles.length > 0) {
    return { kind: 'not executed', obstacles, unreached, ...told }
  }
  const compiled = compiledOf(flow, object, { entry, nodes, scheduledPaths, flowScope })
  return { kind: 'executed', compiled, unreached, ...told }
}

/** Stands for an object that the definitions do not have: no field of it is known. */
function nothingKnownOf(name: string): ObjectDefinition {
  const labels = { label: name, labelPlural: name }
  const rest = { keyPrefix: null, custom: true, customSetting: null, recordTypes: [] }
  return { name, ...labels, ...rest, fields: [] }
}

function compiledOf(
  flow: FlowDefinition,
  object: ObjectDefinition,
  made: {
    readonly entry: CompiledEntry
    readonly nodes: ReadonlyMap<string, FlowNode>
    readonly scheduledPaths: readonly CompiledPath[]
    readonly flowScope: ElementScope
  },
): CompiledFlow {
  const { fullName, label, active, triggerType, recordTriggerType, triggerOrder, first } = flow
  return {
    fullName,
    label,
    active,
    triggerType,
    recordTriggerType,
    triggerOrder,
    first,
    objectName: object.name,
    requiresChange: flow.entry.requiresChange,
    entry: made.entry,
    scheduledPaths: made.scheduledPaths,
    nodes: made.nodes,
    initial: made.flowScope.initial,
    paths: [...made.flowScope.paths.values()],
  }
}

function openScope(
  flow: FlowDefinition,
  object: ObjectDefinition,
  scope: FlowsScope,
): ElementScope {
  const outcomes = flow.elements.flatMap((element) =>
    element.kind === 'decision' ? element.rules.map(({ name }) => name) : [],
  )
  const stations = [...flow.elements.map(({ name }) => name), ...outcomes]
  return {
    ...scope,
    object,
    resources: new Map(flow.resources.map((each) => [each.name.toLowerCase(), each])),
    stations: new Set(stations.map((name) => name.toLowerCase())),
    compiled: new Map(),
    secrets: new Set(),
    initial: new Map(),
    paths: new Map(),
    isBeforeSave: flow.triggerType === 'RecordBeforeSave',
  }
}

/** Compiles what a run can come by. What it cannot is only told, when it is not carried out. */
function compileNodes(flow: FlowDefinition, scope: ElementScope, obstacles: FlowObstacle[]) {
  const byName = new Map(flow.elements.map((element) => [element.name, element]))
  const reached = reachedFrom(flow, byName)
  const nodes = new Map<string, FlowNode>()
  const unreached: FlowObstacle[] = []
  for (const element of flow.elements) {
    const what = `${elementKind(element)} ${element.name}`
    const at = { place: element.place, what }
    if (!reached.has(element.name)) {
      if (element.kind === 'unsupported') unreached.push({ ...at, reason: element.reason })
      continue
    }
    const node = tried(obstacles, at, () => {
      if (element.kind === 'unsupported') refuseFlow(element.reason)
      const missing = nextsOf(element).find((next) => !byName.has(next))
      if (missing !== undefined) refuseFlow(`it goes on to ${missing}, which is not there`)
      return compileElement(element, scope)
    })
    if (node !== null) nodes.set(element.name, node)
  }
  for (const start of startsOf(flow)) {
    if (byName.has(start)) continue
    obstacles.push({
      place: flow.entry.place,
      what: 'start',
      reason: `there is no element ${start}`,
    })
  }
  return { nodes, unreached }
}

function elementKind(element: FlowElement): string {
  switch (element.kind) {
    case 'unsupported':
      return element.element
    case 'action':
      return `actionCalls (${element.actionType})`
    default:
      return `${element.kind}s`
  }
}

function startsOf({ first, paths }: FlowDefinition): readonly string[] {
  return [first, ...paths.map((path) => path.first)].flatMap((start) => start ?? [])
}

function reachedFrom(
  flow: FlowDefinition,
  byName: ReadonlyMap<string, FlowElement>,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = [...startsOf(flow)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const element = byName.get(name)
    if (element === undefined || reached.has(name)) continue
    reached.add(name)
    waiting.push(...nextsOf(element))
  }
  return reached
}

/** Notes why a part cannot be compiled, and goes on with the others. */
function tried<Made>(
  obstacles: FlowObstacle[],
  at: Pick<FlowObstacle, 'place' | 'what'>,
  compile: () => Made,
): Made | null {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof FlowError)) throw error
    obstacles.push({ ...at, reason: error.message })
    return null
  }
}
