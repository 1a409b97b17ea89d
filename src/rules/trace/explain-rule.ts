import type { RecordChange } from '../../schema/record.ts'
import type { CompiledRule } from '../compile-rule.ts'
import { type RuleContext, reparentedBy } from '../evaluate-rule.ts'
import { whyMet, whyNotMet } from './explain.ts'
import type { ConditionTrace, RuleTrace } from './rule-trace.ts'
import { traceCondition } from './trace-condition.ts'

type Explained = Pick<RuleTrace, 'verdict' | 'reason' | 'newValues' | 'oldValues'>
type Change = Pick<RecordChange, 'before' | 'after'>

/** Says what `ruleFires` decides, and why: the same steps, each with what it looked at. */
export function explainRule(rule: CompiledRule, change: Change, context: RuleContext): Explained {
  const { before, after } = change
  const unseen = { newValues: null, oldValues: null }
  if (!rule.active) return notEvaluated('the rule is inactive', unseen)
  if (rule.triggerType === 'OnRecursiveUpdate') {
    return notEvaluated('OnRecursiveUpdate has no known meaning', unseen)
  }
  const isNew = before === null
  if (rule.triggerType === 'onCreateOnly' && !isNew) {
    return notEvaluated('it is looked at only when a record is created', unseen)
  }
  const newValues = traceCondition(rule, { ...context, record: after, before, isNew })
  const seen = { newValues, oldValues: null }
  if (!newValues.met) return { ...seen, ...didNotFire(newValues) }
  if (before === null || rule.triggerType !== 'onCreateOrTriggeringUpdate') {
    return { ...seen, verdict: 'fired', reason: `fired: ${whyMet(newValues)}` }
  }
  const parent = reparentedBy(rule, change)
  if (parent !== null) {
    const reason = `fired: ${whyMet(newValues)}, and ${parent} leads to another parent now`
    return { ...seen, verdict: 'fired', reason }
  }
  return explainAnew(rule, before, { context, newValues })
}

/** The second look of a rule that fires when an edit makes it meet its criteria. */
function explainAnew(
  rule: CompiledRule,
  before: NonNullable<Change['before']>,
  { context, newValues }: { context: RuleContext; newValues: ConditionTrace },
): Explained {
  const oldValues = traceCondition(rule, { ...context, record: before, before, isNew: false })
  const seen = { newValues, oldValues }
  if (oldValues.met) {
    const reason =
      'the record met the criteria before this edit too, and the rule fires only when an edit makes it meet them'
    return notEvaluated(reason, seen)
  }
  const now = newValues.kind === 'formula' ? 'its formula is true now' : 'it meets its criteria now'
  return { ...seen, verdict: 'fired', reason: `fired: ${now}, and before the edit did not` }
}

function didNotFire(condition: ConditionTrace): Pick<Explained, 'verdict' | 'reason'> {
  return { verdict: 'did not fire', reason: `did not fire: ${whyNotMet(condition)}` }
}

function notEvaluated(why: string, seen: Pick<Explained, 'newValues' | 'oldValues'>): Explained {
  return { ...seen, verdict: 'not evaluated', reason: `not evaluated: ${why}` }
}
