import type { FieldValues } from '../../schema/field-value.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { RuleContext } from '../evaluate-rule.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { CompiledFlow } from './compile-flow.ts'
import type { FlowParentUpdate, FlowStep, Interview } from './elements/interview.ts'
import { type Entrance, entranceOf } from './flow-entry.ts'
import { FlowRuntimeError } from './flow-error.ts'
import { stationKey } from './flow-scope.ts'
import type { SeenCondition } from './values/flow-conditions.ts'

/** Elements of one run, after which it is taken for endless. Salesforce had the same limit. */
export const FLOW_ELEMENTS_MAX = 2000

/** What one flow did with a change, told to whoever listens. */
export type FlowAccount = {
  readonly flow: string
  readonly entrance: Entrance
  readonly entry: readonly SeenCondition[]
  readonly steps: readonly FlowStep[]
}

/** Hears of every flow that looked at a change. */
export type FlowListener = (account: FlowAccount) => void

/** All that the flows make of one change. */
export type RanFlows = {
  readonly kind: 'ran'
  /** Fields of the record that they set, with their last values. */
  readonly fields: FieldValues
  readonly parentUpdates: readonly FlowParentUpdate[]
  /** One for each flow and action that was come by; `key` is `Object.Name`. */
  readonly outboundMessages: readonly FlowAction[]
  readonly alerts: readonly FlowAction[]
  /** Names of the flows that ran, in their order. */
  readonly flows: readonly string[]
}

export type FlowAction = { readonly key: string; readonly flow: string }

/** A flow that could not go on: at Salesforce the save it belongs to fails. */
export type FailedFlow = {
  readonly kind: 'failed'
  readonly flow: CompiledFlow
  /** Null: its entry conditions. */
  readonly element: string | null
  readonly reason: string
}

type Growing = {
  record: RecordChange['after']
  fields: FieldValues
  readonly parentUpdates: FlowParentUpdate[]
  readonly outboundMessages: FlowAction[]
  readonly alerts: FlowAction[]
  readonly flows: string[]
}

function nothingYet(record: RecordChange['after']): Growing {
  const lists = { parentUpdates: [], outboundMessages: [], alerts: [], flows: [] }
  return { record, fields: {}, ...lists }
}

function resultOf({ record: _, ...result }: Growing): RanFlows {
  return { kind: 'ran', ...result }
}

/** Runs flows one after the other, each on the record as those before it have left it. Pure. */
export function runFlows(
  flows: readonly CompiledFlow[],
  change: Pick<RecordChange, 'before' | 'after'>,
  context: RuleContext,
  listener: FlowListener | null = null,
): RanFlows | FailedFlow {
  const ran = nothingYet(change.after)
  for (const flow of flows) {
    const failed = runEntered(flow, change, { context, listener, ran })
    if (failed !== null) return failed
  }
  return resultOf(ran)
}

/** Runs one scheduled path of a flow on the record as it stands. Whether it still should is not asked here. */
export function runPath(
  flow: CompiledFlow,
  { pathName, record }: { readonly pathName: string; readonly record: RecordChange['after'] },
  context: RuleContext,
  listener: FlowListener | null = null,
): RanFlows | FailedFlow {
  const path = flow.scheduledPaths.find(({ name }) => name === pathName)
  const change = { before: record, after: record }
  const ran = nothingYet(record)
  const failed = runFrom(flow, path?.first ?? null, change, { context, listener, ran })
  if (failed !== null) return failed
  return resultOf(ran)
}

type Run = {
  readonly context: RuleContext
  readonly listener: FlowListener | null
  readonly ran: Growing
}

function runEntered(
  flow: CompiledFlow,
  { before }: Pick<RecordChange, 'before'>,
  run: Run,
): FailedFlow | null {
  const change = { before, after: run.ran.record }
  try {
    const entrance = entranceOf(flow, change, run.context)
    if (entrance !== 'entered') {
      run.listener?.(accountOf(flow, change, { run, entrance, steps: [] }))
      return null
    }
  } catch (error) {
    return failure(flow, null, error)
  }
  return runFrom(flow, flow.first, change, run)
}

function runFrom(
  flow: CompiledFlow,
  first: string | null,
  change: Pick<RecordChange, 'before' | 'after'>,
  run: Run,
): FailedFlow | null {
  const interview = openInterview(change, run)
  let name = first
  try {
    for (const [key, initial] of flow.initial) {
      interview.variables.set(key, initial.run(interview.context))
    }
    for (let count = 0; name !== null; count += 1) {
      if (count === FLOW_ELEMENTS_MAX) {
        throw new FlowRuntimeError(`it came by more than ${FLOW_ELEMENTS_MAX} elements`)
      }
      interview.variables.set(stationKey(name), true)
      const node = flow.nodes.get(name)
      if (node === undefined) throw new Error(`the flow ${flow.fullName} has no element ${name}`)
      name = node(interview)
    }
  } catch (error) {
    const failed = failure(flow, name, error)
    tell(flow, change, interview, run)
    return failed
  }
  tell(flow, change, interview, run)
  take(run.ran, interview, flow)
  return null
}

function tell(
  flow: CompiledFlow,
  change: Pick<RecordChange, 'before' | 'after'>,
  { steps }: Interview,
  run: Run,
): void {
  if (steps === null) return
  run.listener?.(accountOf(flow, change, { run, entrance: 'entered', steps }))
}

function openInterview(
  { before, after }: Pick<RecordChange, 'before' | 'after'>,
  run: Run,
): Interview {
  const variables = new Map<string, unknown>()
  const { context, listener } = run
  return {
    context: { ...context, record: after, before, isNew: before === null, variables },
    variables,
    assigned: new Set(),
    saved: {},
    parentUpdates: [],
    outboundMessages: [],
    alerts: [],
    steps: listener === null ? null : [],
  }
}

/** What a run leaves in memory only, the next flow does not see. */
function take(ran: Growing, interview: Interview, { fullName }: CompiledFlow): void {
  const { saved, parentUpdates, outboundMessages, alerts } = interview
  const named = (key: string): FlowAction => ({ key, flow: fullName })
  ran.record = { ...ran.record, fields: { ...ran.record.fields, ...saved } }
  ran.fields = { ...ran.fields, ...saved }
  ran.parentUpdates.push(...parentUpdates)
  ran.outboundMessages.push(...outboundMessages.map(named))
  ran.alerts.push(...alerts.map(named))
  ran.flows.push(fullName)
}

function accountOf(
  flow: CompiledFlow,
  { before, after }: Pick<RecordChange, 'before' | 'after'>,
  of: { readonly run: Run; readonly entrance: Entrance; readonly steps: readonly FlowStep[] },
): FlowAccount {
  const context = { ...of.run.context, record: after, before, isNew: before === null }
  return {
    flow: flow.fullName,
    entrance: of.entrance,
    entry: flow.entry.see(context),
    steps: of.steps,
  }
}

/** Values without a result end a run; anything else is a bug and goes on. */
function failure(flow: CompiledFlow, element: string | null, error: unknown): FailedFlow {
  if (!(error instanceof FormulaRuntimeError || error instanceof FlowRuntimeError)) throw error
  return { kind: 'failed', flow, element, reason: error.message }
}
