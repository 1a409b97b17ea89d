import type { RecordChange } from '../../schema/record.ts'
import type { CompiledRule } from '../compile-rule.ts'
import type { CompiledRules, RuleOutcome } from '../compile-rules.ts'
import type { RuleContext } from '../evaluate-rule.ts'
import {
  type FireContext,
  type FiredRules,
  type FiringWitness,
  fireRules,
  type UpdateSeen,
} from '../fire-rules.ts'
import { decodeFullName } from '../rule-problem.ts'
import type { WorkflowRule } from '../workflow-rule.ts'
import { explainRule } from './explain-rule.ts'
import type { ActionTrace, FieldUpdateTrace, RuleTrace } from './rule-trace.ts'
import { cutText, shownValue } from './shown-value.ts'

/** Fires an object's rules for a change, as `fireRules` does, and tells of each rule in each round. */
export function traceRules(
  compiled: CompiledRules,
  change: RecordChange,
  context: FireContext,
): { readonly fired: FiredRules; readonly rules: readonly RuleTrace[] } {
  const told: RuleTrace[] = []
  const updates = new Map<CompiledRule, FieldUpdateTrace[]>()
  const witness: FiringWitness = {
    evaluated: (rule, { round, record, fires }) => {
      const { before } = change
      const fieldUpdates: FieldUpdateTrace[] = []
      if (fires) updates.set(rule, fieldUpdates)
      const why = explainRule(rule, { before, after: record }, context)
      const actions = fires ? actionsOf(rule) : []
      told.push({ ...titleOf(rule.rule), round, ...why, fieldUpdates, actions })
    },
    updated: (rule, update, outcome) => {
      updates.get(rule)?.push(traceUpdate(rule, update, outcome))
    },
  }
  const fired = fireRules(compiled, change, context, witness)
  const idle = compiled.outcomesOf(change.objectName).filter(isIdle)
  return { fired, rules: [...told, ...idle.map(idleRule)] }
}

/** Tells of one rule by itself, an inactive one too: whether it would fire for the change. */
export function traceRule(
  outcome: RuleOutcome,
  change: Pick<RecordChange, 'before' | 'after'>,
  context: RuleContext,
): RuleTrace {
  if (outcome.kind === 'broken') return idleRule(outcome)
  const { compiled } = outcome
  const { objectName } = change.after
  if (compiled.objectName !== objectName) {
    const why = `it is a rule of ${compiled.objectName}, and the record is of ${objectName}`
    return { ...idleRule(outcome), reason: `not evaluated: ${why}` }
  }
  const why = explainRule({ ...compiled, active: true }, change, context)
  const actions = why.verdict === 'fired' ? actionsOf(compiled) : []
  return { ...titleOf(outcome.rule), round: 0, ...why, fieldUpdates: [], actions }
}

function titleOf(rule: WorkflowRule): Pick<RuleTrace, 'fullName' | 'name' | 'triggerType'> {
  const { fullName, triggerType } = rule
  return { fullName, name: decodeFullName(fullName), triggerType }
}

/** What is not among the rules that are fired: inactive and broken ones. */
function isIdle(outcome: RuleOutcome): boolean {
  return outcome.kind === 'broken' || !outcome.compiled.active
}

function idleRule(outcome: RuleOutcome): RuleTrace {
  return {
    ...titleOf(outcome.rule),
    round: 0,
    verdict: 'not evaluated',
    reason: `not evaluated: ${whyIdle(outcome)}`,
    newValues: null,
    oldValues: null,
    fieldUpdates: [],
    actions: [],
  }
}

function whyIdle(outcome: RuleOutcome): string {
  if (!outcome.rule.active) return 'the rule is inactive'
  const problem =
    outcome.kind === 'broken' ? outcome.problems.find((each) => each.severity === 'error') : null
  if (!problem) return 'the rule is broken'
  return `the rule is broken: ${cutText(problem.message)} (${problem.file}:${problem.line})`
}

function traceUpdate(
  { objectName }: CompiledRule,
  update: CompiledRule['fieldUpdates'][number],
  outcome: UpdateSeen,
): FieldUpdateTrace {
  const { fullName, field, targetField, targetObject, readsSecret = false } = update
  const about = {
    fullName,
    objectName: targetField === null ? objectName : targetObject.name,
    recordId: outcome.kind === 'updated' ? (outcome.target?.recordId ?? null) : null,
    field: field.name,
    before: null,
    after: null,
    reason: null,
  }
  if (outcome.kind === 'failed') {
    // A message may quote what it could not read.
    const reason = readsSecret ? 'its formula has no result' : cutText(outcome.message)
    return { ...about, outcome: 'failed', reason }
  }
  if (outcome.kind === 'no parent') {
    return { ...about, outcome: 'no parent', reason: `${targetField?.name} is blank` }
  }
  const isSecret = field.secret === true || readsSecret
  const before = outcome.target?.fields[field.name] ?? null
  const after = outcome.value === undefined ? before : outcome.value
  return {
    ...about,
    outcome: after === before ? 'unchanged' : 'changed',
    before: shownValue(before, isSecret),
    after: shownValue(after, isSecret),
  }
}

/** In file order; field updates that work are told by themselves. */
function actionsOf(rule: CompiledRule): readonly ActionTrace[] {
  const { objectName } = rule.rule
  const spooled = new Set([
    ...rule.outboundMessages,
    ...rule.alerts,
    ...rule.tasks.map(({ key }) => key),
  ])
  const working = new Set(rule.fieldUpdates.map(({ fullName }) => fullName))
  const others = new Set(rule.otherActions)
  return rule.rule.actions.flatMap((action): readonly ActionTrace[] => {
    const { type, name } = action
    if (type === 'FieldUpdate' && working.has(name)) return []
    if (others.has(action)) {
      return [{ type, name, outcome: 'not executed', reason: whyNotExecuted(type) }]
    }
    if (spooled.has(`${objectName}.${name}`)) {
      return [{ type, name, outcome: 'spooled', reason: null }]
    }
    const reason = 'no definition has this name'
    return [{ type, name, outcome: 'not executed', reason }]
  })
}

function whyNotExecuted(type: string): string {
  switch (type) {
    case 'FieldUpdate':
    case 'Task':
    case 'Alert':
      return 'its definition is broken'
    default:
      return `OBM does not carry out ${type} actions`
  }
}
