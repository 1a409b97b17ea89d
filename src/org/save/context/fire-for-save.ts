import { errorText } from '../../../base/log.ts'
import type { Lookup } from '../../../rules/field-updates/compile-field-update.ts'
import { type FiredRules, fireRules } from '../../../rules/fire-rules.ts'
import type { RuleTrace } from '../../../rules/trace/rule-trace.ts'
import { traceRules } from '../../../rules/trace/trace-rules.ts'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import type { RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { EvaluationBase } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TellStep, TracedRule } from '../../trace/save-trace.ts'
import type { Firing } from './save-context.ts'

/** What a change fires when there is nothing to fire. */
export const NOTHING_FIRED: Firing = {
  updates: {},
  parents: new Map(),
  rules: [],
  flows: [],
  owed: [],
  tasks: [],
  alerts: [],
  assignments: [],
  remarks: [],
}

/** Fires the org's rules for a change. A rule that breaks is told of; it never breaks the save. */
export function fireForSave(
  change: RecordChange,
  at: {
    definitions: OrgDefinitions
    base: EvaluationBase
    lookup: Lookup
    witness: TellStep | null
  },
): Firing {
  const { definitions, base, lookup, witness } = at
  const { rules } = definitions
  const nothingToTell = witness === null || rules.outcomesOf(change.objectName).length === 0
  if (nothingToTell && rules.forObject(change.objectName).length === 0) return NOTHING_FIRED
  try {
    const context = { ...base, lookup }
    if (witness === null) return firingOf(fireRules(rules, change, context))
    const traced = traceRules(rules, change, context)
    witness(change, { kind: 'workflowRules', rules: withIds(traced.rules, change, definitions) })
    return firingOf(traced.fired)
  } catch (error) {
    // Not an outcome that rules can have: a bug of ours, which must not keep people from saving.
    return {
      ...NOTHING_FIRED,
      remarks: [{ kind: 'failed', rule: change.objectName, text: errorText(error) }],
    }
  }
}

function withIds(
  rules: readonly RuleTrace[],
  { objectName }: RecordChange,
  { idOf }: OrgDefinitions,
): readonly TracedRule[] {
  return rules.map((rule) => ({ ...rule, ruleId: idOf('rule', `${objectName}.${rule.fullName}`) }))
}

/** What rules fired, as the save carries it on. */
export function firingOf(fired: FiredRules): Firing {
  const notExecuted = fired.notExecuted.map(({ rule, action, type }) => ({
    kind: 'not executed' as const,
    rule,
    text: `${type} ${action}`,
  }))
  const failed = fired.errors.map(({ rule, message }) => ({
    kind: 'failed' as const,
    rule,
    text: message,
  }))
  return {
    updates: fired.fields,
    parents: byParent(fired.parentUpdates),
    rules: fired.firedRules.map(({ fullName }) => fullName),
    flows: [],
    owed: fired.outboundMessages,
    tasks: fired.tasks,
    alerts: fired.alerts,
    assignments: fired.assignments,
    remarks: [...notExecuted, ...failed],
  }
}

/** The last update of a field wins, as for the record itself. */
function byParent(updates: FiredRules['parentUpdates']): ReadonlyMap<RecordId, FieldValues> {
  const parents = new Map<RecordId, Record<string, FieldValue>>()
  for (const { recordId, field, value } of updates) {
    parents.set(recordId, { ...parents.get(recordId), [field]: value })
  }
  return parents
}
