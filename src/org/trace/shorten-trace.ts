import type { SaveTrace, TracedRule, TraceStep } from './save-trace.ts'

/** A kept trace has so many characters at the most. */
export const TRACE_LENGTH_MAX = 65_536

/**
 * A trace as JSON text of a bounded length. What is too long loses first the parts of its formulas, then
 * what its rules looked at, at last the rules that did not fire; it says so.
 */
export function writeTrace(trace: SaveTrace): string {
  const whole = JSON.stringify(trace)
  if (whole.length <= TRACE_LENGTH_MAX) return whole
  for (const shorten of [withoutParts, withoutConditions]) {
    const steps = trace.steps.map((step) => ofRules(step, (rules) => rules.map(shorten)))
    const text = JSON.stringify({ ...trace, steps, isShortened: true })
    if (text.length <= TRACE_LENGTH_MAX) return text
  }
  return writeHead(trace)
}

function ofRules(
  step: TraceStep,
  change: (rules: readonly TracedRule[]) => readonly TracedRule[],
): TraceStep {
  return step.kind === 'workflowRules' ? { ...step, rules: change(step.rules) } : step
}

function withoutParts(rule: TracedRule): TracedRule {
  const bare = (condition: TracedRule['newValues']): TracedRule['newValues'] => {
    if (condition?.kind !== 'formula') return condition
    const { formula } = condition
    return { ...condition, formula: { ...formula, root: null, leftOut: formula.leftOut + 1 } }
  }
  return { ...rule, newValues: bare(rule.newValues), oldValues: bare(rule.oldValues) }
}

function withoutConditions(rule: TracedRule): TracedRule {
  return { ...rule, newValues: null, oldValues: null }
}

/** Verdicts while they fit, those that fired first. */
function writeHead(trace: SaveTrace): string {
  const bare = { ...trace, fields: [], errors: trace.errors.slice(0, 1), isShortened: true }
  let left = TRACE_LENGTH_MAX - JSON.stringify({ ...bare, steps: [] }).length
  const fits = (value: unknown) => {
    left -= JSON.stringify(value).length + 50
    return left > 0
  }
  const steps = trace.steps.map((step): TraceStep => {
    if (step.kind === 'workflowRules') {
      const rules = step.rules.map(withoutConditions)
      const firedFirst = [
        ...rules.filter(({ verdict }) => verdict === 'fired'),
        ...rules.filter(({ verdict }) => verdict !== 'fired'),
      ]
      return { kind: step.kind, rules: firedFirst.filter(fits) }
    }
    return { ...step, verdicts: step.verdicts.filter(fits), log: step.log.filter(fits) }
  })
  return JSON.stringify({ ...bare, steps: steps.slice(0, STEPS_MAX) })
}

/** The same record may be come back to as often as it has children. */
const STEPS_MAX = 100
