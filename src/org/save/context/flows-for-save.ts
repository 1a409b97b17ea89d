import { flowAsRuleName } from '../../../base/fired-by.ts'
import { errorText } from '../../../base/log.ts'
import type { CompiledFlow } from '../../../rules/flow/compile-flow.ts'
import {
  type FailedFlow,
  type FlowAccount,
  type FlowAction,
  type RanFlows,
  runFlows,
} from '../../../rules/flow/run-flows.ts'
import type { FieldValues } from '../../../schema/field-value.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { EvaluationBase } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TellStep } from '../../trace/save-trace.ts'
import { type FlowsTold, tellFlows } from '../../trace/steps/tell-flows.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'
import { NOTHING_FIRED } from './fire-for-save.ts'
import type { FiredAction, Firing } from './save-context.ts'

/** What the flows make of a change; one that fails refuses the save, as at Salesforce. */
export type FlowsForSave =
  | { readonly kind: 'ran'; readonly firing: Firing }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

const NOTHING_RAN: FlowsForSave = { kind: 'ran', firing: NOTHING_FIRED }

/** Runs an object's flows, before or after the save, for a change. */
export function flowsForSave(
  when: FlowsTold['kind'],
  change: RecordChange,
  at: { definitions: OrgDefinitions; base: EvaluationBase; witness: TellStep | null },
): FlowsForSave {
  const { definitions, base, witness } = at
  const flows =
    when === 'beforeSaveFlows'
      ? definitions.flows.beforeSave(change.objectName)
      : definitions.flows.afterSave(change.objectName)
  if (flows.length === 0 && witness === null) return NOTHING_RAN
  try {
    const ran =
      witness === null
        ? runFlows(flows, change, base)
        : runTold(when, flows, { change, definitions, base, witness })
    if (ran.kind === 'failed') return { kind: 'refused', errors: [failedError(ran)] }
    return { kind: 'ran', firing: flowFiring(ran) }
  } catch (error) {
    // Not an outcome that flows can have: a bug of ours, which must not keep people from saving.
    const remark = { kind: 'failed' as const, rule: change.objectName, text: errorText(error) }
    return { kind: 'ran', firing: { ...NOTHING_FIRED, remarks: [remark] } }
  }
}

function runTold(
  when: FlowsTold['kind'],
  flows: readonly CompiledFlow[],
  at: {
    change: RecordChange
    definitions: OrgDefinitions
    base: EvaluationBase
    witness: TellStep
  },
): RanFlows | FailedFlow {
  const { change, definitions, base, witness } = at
  const accounts: FlowAccount[] = []
  const ran = runFlows(flows, change, base, (account) => accounts.push(account))
  const failed = ran.kind === 'failed' ? ran : null
  tellFlows(change, { kind: when, accounts, failed }, { definitions, witness })
  return ran
}

/** What flows came by, as a firing: notifications name the flow in place of a rule. */
export function flowFiring(ran: RanFlows): Firing {
  const { fields, parentUpdates, outboundMessages, alerts, flows } = ran
  const parents = new Map<RecordId, FieldValues>()
  for (const { recordId, fields: its } of parentUpdates) {
    parents.set(recordId, { ...parents.get(recordId), ...its })
  }
  return {
    ...NOTHING_FIRED,
    updates: fields,
    parents,
    flows,
    owed: outboundMessages.map(namedByFlow),
    alerts: alerts.map(namedByFlow),
  }
}

function namedByFlow({ key, flow }: FlowAction): FiredAction {
  return { key, ruleFullName: flowAsRuleName(flow) }
}

/** Why a flow that failed refuses its record, in Salesforce's words. */
export function failedError({ flow, element, reason }: FailedFlow): SaveError {
  const place = element === null ? 'its entry conditions' : `its element ${element}`
  const message = `We can't save this record because the “${flow.label}” process failed. Give your Salesforce admin these details. The flow ${flow.fullName}, ${place}: ${reason}`
  return saveError('CANNOT_EXECUTE_FLOW_TRIGGER', message)
}
