import type { EvaluationContext } from '../../evaluation-context.ts'
import type { FlowElement, FlowOutcomeRule } from '../flow-definition.ts'
import { refuseFlow } from '../flow-error.ts'
import { type FlowScope, stationKey } from '../flow-scope.ts'
import { type CompiledConditions, compileConditions } from '../values/flow-conditions.ts'
import { compileReference } from '../values/flow-values.ts'
import { compileAssignment } from './assignment.ts'
import type { FlowNode } from './interview.ts'
import { compileRecordUpdate } from './record-update.ts'

/** What the elements of one flow are compiled in. */
export type ElementScope = FlowScope & {
  readonly isBeforeSave: boolean
  /** The org's own spelling of `Object.Name` by its lower case. */
  readonly outboundMessages: ReadonlyMap<string, string>
  readonly alerts: ReadonlyMap<string, string>
}

/** Compiles an element into what a run does there. Throws FlowError for what is not carried out here. */
export function compileElement(element: FlowElement, scope: ElementScope): FlowNode {
  switch (element.kind) {
    case 'decision':
      return compileDecision(element, scope)
    case 'assignment':
      return compileAssignment(element, scope)
    case 'recordUpdate':
      return compileRecordUpdate(element, scope)
    case 'action':
      return compileAction(element, scope)
    case 'unsupported':
      return refuseFlow(element.reason)
  }
}

/** The elements that a run may go on to. */
export function nextsOf(element: FlowElement): readonly string[] {
  switch (element.kind) {
    case 'unsupported':
      return element.nexts
    case 'decision':
      return [...element.rules, element].flatMap(({ next }) => next ?? [])
    default:
      return element.next === null ? [] : [element.next]
  }
}

type Outcome = { readonly rule: FlowOutcomeRule; readonly conditions: CompiledConditions }

function compileDecision(
  element: Extract<FlowElement, { kind: 'decision' }>,
  scope: ElementScope,
): FlowNode {
  const outcomes = element.rules.map((rule): Outcome => {
    const leftOf = (name: string) => compileReference(name, scope)
    return { rule, conditions: compileConditions(rule, leftOf, scope) }
  })
  return (interview) => {
    const taken = outcomes.find((outcome) => isTaken(outcome, interview.context))
    interview.steps?.push({
      kind: 'decision',
      element: element.name,
      outcome: taken?.rule.name ?? null,
      rules: lookedAt(outcomes, taken).map(({ rule, conditions }) => ({
        name: rule.name,
        seen: conditions.see(interview.context),
      })),
    })
    if (!taken) return element.next
    interview.variables.set(stationKey(taken.rule.name), true)
    return taken.rule.next
  }
}

function isTaken({ rule, conditions }: Outcome, context: EvaluationContext): boolean {
  if (!conditions.hold(context)) return false
  if (!rule.requiresChange || context.before === null) return true
  return !conditions.hold({ ...context, record: context.before, isNew: false })
}

function lookedAt(outcomes: readonly Outcome[], taken: Outcome | undefined): readonly Outcome[] {
  return taken ? outcomes.slice(0, outcomes.indexOf(taken) + 1) : outcomes
}

function compileAction(
  element: Extract<FlowElement, { kind: 'action' }>,
  scope: ElementScope,
): FlowNode {
  const { actionType, actionName, name, next } = element
  if (scope.isBeforeSave) refuseFlow('a flow before the save has no actions')
  const known = actionType === 'emailAlert' ? scope.alerts : scope.outboundMessages
  const what = actionType === 'emailAlert' ? 'e-mail alert' : 'outbound message'
  const key = known.get(actionName.toLowerCase())
  if (key === undefined) return refuseFlow(`there is no ${what} ${actionName}`)
  const [objectName = ''] = key.split('.')
  if (objectName.toLowerCase() !== scope.object.name.toLowerCase()) {
    refuseFlow(`the ${what} ${key} is not one of ${scope.object.name}`)
  }
  return (interview) => {
    const list = actionType === 'emailAlert' ? interview.alerts : interview.outboundMessages
    list.push(key)
    interview.steps?.push({ kind: 'action', element: name, action: `${actionType} ${key}` })
    return next
  }
}
