import type { FlowOutcome } from '../../../rules/flow/compile-flow.ts'
import type { FlowStep } from '../../../rules/flow/elements/interview.ts'
import type { FailedFlow, FlowAccount } from '../../../rules/flow/run-flows.ts'
import type { SeenCondition } from '../../../rules/flow/values/flow-conditions.ts'
import { cutText, shownValue } from '../../../rules/trace/shown-value.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { StepVerdict, TellStep, ToldStep } from '../save-trace.ts'

/** What flows that ran before or after a save have told of themselves, and which of them failed. */
export type FlowsTold = {
  readonly kind: 'beforeSaveFlows' | 'afterSaveFlows'
  readonly accounts: readonly FlowAccount[]
  readonly failed: FailedFlow | null
}

/** Tells which flows of the object ran for a change, what they looked at and did, and why others did not. */
export function tellFlows(
  change: RecordChange,
  told: FlowsTold,
  { definitions, witness }: { definitions: OrgDefinitions; witness: TellStep },
): void {
  const { kind, accounts, failed } = told
  const outcomes = definitions.flows.outcomesOf(change.objectName)
  const idle = outcomes.filter((each) => isIdle(each, kind))
  const verdicts = [
    ...accounts.filter(({ flow }) => flow !== failed?.flow.fullName).map(verdictOf),
    ...(failed === null ? [] : [failedVerdict(failed)]),
    ...idle.map(idleVerdict),
  ]
  if (verdicts.length === 0) return
  const secrets = secretsOf(definitions)
  const log = accounts.flatMap((account) => accountLines(account, secrets))
  witness(change, { kind, verdicts, log } satisfies ToldStep)
}

function isIdle({ kind, flow }: FlowOutcome, when: FlowsTold['kind']): boolean {
  const trigger = when === 'beforeSaveFlows' ? 'RecordBeforeSave' : 'RecordAfterSave'
  return flow.triggerType === trigger && (kind === 'not executed' || !flow.active)
}

function idleVerdict(outcome: FlowOutcome): StepVerdict {
  const { fullName, active } = outcome.flow
  const [obstacle] = outcome.kind === 'not executed' ? outcome.obstacles : []
  const why = !active
    ? 'it is inactive'
    : `${obstacle?.what ?? 'a part of it'} is not carried out here: ${obstacle?.reason ?? ''}`
  return { name: fullName, verdict: 'not run', reason: `did not run: ${cutText(why)}` }
}

function verdictOf({ flow, entrance, entry }: FlowAccount): StepVerdict {
  if (entrance === 'entered') return { name: flow, verdict: 'ran', reason: 'ran' }
  const unmet = entry.find(({ isMet }) => !isMet)
  const why = unmet && entrance === 'its entry conditions are not met' ? seenText(unmet) : entrance
  return { name: flow, verdict: 'not run', reason: `did not run: ${why}` }
}

function seenText({ condition, value }: SeenCondition): string {
  return `${cutText(condition)}: the value is ${value}`
}

function failedVerdict({ flow, element, reason }: FailedFlow): StepVerdict {
  const place = element === null ? 'its entry conditions' : `its element ${element}`
  const why = `refused the save: ${place} failed: ${cutText(reason)}`
  return { name: flow.fullName, verdict: 'refused', reason: why }
}

function accountLines(
  { flow, entrance, entry, steps }: FlowAccount,
  secrets: ReadonlySet<string>,
): readonly (readonly string[])[] {
  return [
    ['FLOW_START_LOG', flow],
    ...entry.map((seen) => ['FLOW_CONDITION_LOG', flow, ...conditionTexts(seen)]),
    ...steps.flatMap((step) => stepLines(step, flow, secrets)),
    ['FLOW_FINISH_LOG', flow, entrance === 'entered' ? 'ran' : 'did not run'],
  ]
}

function conditionTexts({ condition, value, isMet }: SeenCondition): readonly string[] {
  return [cutText(condition), value, String(isMet)]
}

function stepLines(
  step: FlowStep,
  flow: string,
  secrets: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const { element } = step
  switch (step.kind) {
    case 'decision':
      return [
        ...step.rules.flatMap(({ name, seen }) =>
          seen.map((each) => ['FLOW_RULE_LOG', flow, element, name, ...conditionTexts(each)]),
        ),
        ['FLOW_DECISION_LOG', flow, element, step.outcome ?? 'default'],
      ]
    case 'set': {
      const isSecret = secrets.has(lastWord(step.target))
      const value = shownValue(step.value, isSecret)
      return [['FLOW_ASSIGNMENT_LOG', flow, element, step.target, String(value)]]
    }
    case 'skipped':
      return [['FLOW_SKIPPED_LOG', flow, element, cutText(step.reason)]]
    case 'action':
      return [['FLOW_ACTION_LOG', flow, element, step.action]]
  }
}

/** Names of fields that hold secrets, in whatever object. */
function secretsOf({ objects }: OrgDefinitions): ReadonlySet<string> {
  const secret = objects.flatMap(({ fields }) => fields.filter((field) => field.secret === true))
  return new Set(secret.map(({ name }) => name.toLowerCase()))
}

function lastWord(target: string): string {
  return target.slice(target.lastIndexOf('.') + 1).toLowerCase()
}
