import { decodePercent } from '../../../base/decode-percent.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { CompiledRule } from '../../../rules/compile-rule.ts'
import type { Lookup } from '../../../rules/field-updates/compile-field-update.ts'
import { fireTimeTrigger } from '../../../rules/fire-rules.ts'
import { FormulaRuntimeError } from '../../../rules/formula/errors.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import { type EvaluationBase, standingRecord } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TimeSource } from '../../time-queue/time-entry.ts'
import type { TellStep } from '../../trace/save-trace.ts'
import { tellDue } from '../../trace/steps/tell-timers.ts'
import { firingOf } from './fire-for-save.ts'
import { runDuePath } from './run-due-path.ts'
import type { DueFiring } from './save-context.ts'

/** What the source of a due entry does with the record as it stands, if it still may. */
export function fireDue(
  source: TimeSource,
  record: OrgRecord,
  at: {
    definitions: OrgDefinitions
    base: EvaluationBase
    lookup: Lookup
    witness: TellStep | null
  },
): DueFiring {
  const due = fireSource(source, record, at)
  if (at.witness !== null) tellDue({ source, record, due }, at.witness)
  return due
}

function fireSource(
  source: TimeSource,
  record: OrgRecord,
  at: { definitions: OrgDefinitions; base: EvaluationBase; lookup: Lookup },
): DueFiring {
  switch (source.kind) {
    case 'rule':
      return fireDueTrigger(source, record, at)
    case 'flow':
      return runDuePath(source, record, at)
    default:
      return unreachable(source)
  }
}

/** A rule that was made inactive meanwhile still does what it queued. */
function fireDueTrigger(
  { ruleFullName, triggerIndex }: TimeSource & { readonly kind: 'rule' },
  record: OrgRecord,
  at: { definitions: OrgDefinitions; base: EvaluationBase; lookup: Lookup },
): DueFiring {
  const { rules } = at.definitions
  const rule = rules.timedRule(record.objectName, ruleFullName)
  if (!rule) {
    const name = JSON.stringify(decodePercent(ruleFullName))
    const reason = `no workflow rule ${name} of ${record.objectName} with time triggers works: it waits for one`
    return { kind: 'held', reason }
  }
  const actions = rule.timeTriggers[triggerIndex]
  if (!actions) return { kind: 'not met', reason: 'its rule has no such time trigger any more' }
  const unmet = whyUnmet(rule, record, at.base)
  if (unmet !== null) return { kind: 'not met', reason: unmet }
  const context = { ...at.base, lookup: at.lookup }
  return {
    kind: 'fired',
    firing: firingOf(fireTimeTrigger(rules, { rule, actions, record }, context)),
  }
}

function whyUnmet(rule: CompiledRule, record: OrgRecord, base: EvaluationBase): string | null {
  const unmet = 'it was due, and the record did not meet the criteria'
  try {
    return rule.holds(standingRecord(base, record)) ? null : unmet
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return `${unmet}: ${error.message}`
    throw error
  }
}
