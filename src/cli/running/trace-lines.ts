import type { SaveTrace, ToldStep, TracedRule } from '../../org/trace/save-trace.ts'
import type { PartTrace } from '../../rules/trace/formula-trace.ts'
import type { ConditionTrace, CriterionTrace } from '../../rules/trace/rule-trace.ts'
import type { FieldValue } from '../../schema/field-value.ts'

/** A trace as `/setup/api` tells it. */
export type ToldTrace = Omit<SaveTrace, 'savedAt'> & {
  readonly savedAt: string
  readonly log: readonly string[]
}

/** A trace for people: a head, then each rule with its verdict and what it looked at. */
export function traceLines(trace: ToldTrace): readonly string[] {
  const lines = [
    headOf(trace),
    ...trace.errors.map(({ statusCode, message }) => `  ${statusCode}: ${message}`),
    ...trace.fields.map(({ field, before, after }) => {
      return `  ${field}: ${shown(before)} → ${shown(after)}`
    }),
    ...trace.steps.flatMap((step) =>
      step.kind === 'workflowRules' ? step.rules.flatMap(ruleLines) : stepLines(step),
    ),
    ...(trace.isShortened ? ['  (there was more: details are left out)'] : []),
  ]
  return lines.map(printable)
}

function headOf(trace: ToldTrace): string {
  const { objectName, recordId, recordName, savedAt, username, change, outcome } = trace
  const name = recordName === null ? '' : ` ${JSON.stringify(recordName)}`
  const about = `${objectName} ${recordId}${name}`
  if (outcome === 'tried') return `${about}: tried as ${username} at ${savedAt}, nothing is written`
  const version = trace.version === null ? '' : `, version ${trace.version}`
  return `${about}: ${HEADS[outcome][change]} by ${username} at ${savedAt}${version}`
}

const HEADS = {
  saved: { created: 'created', updated: 'saved', deleted: 'deleted (no rule fires for that)' },
  refused: {
    created: 'refused at its creation',
    updated: 'refused',
    deleted: 'refused to be deleted',
  },
} as const

function stepLines({ kind, verdicts }: ToldStep): readonly string[] {
  return verdicts.flatMap(({ name, reason, formula }) => [
    `  ${STEP_NAMES[kind]} ${JSON.stringify(name)} ${reason}`,
    ...(formula?.root ? partLines(formula.root, '    ') : []),
  ])
}

const STEP_NAMES: Readonly<Record<ToldStep['kind'], string>> = {
  beforeSaveFlows: 'flow',
  validationRules: 'validation rule',
  afterSaveFlows: 'flow',
  timeTriggers: 'time trigger',
}

function ruleLines(rule: TracedRule): readonly string[] {
  const round = rule.round === 0 ? '' : ` (round ${rule.round})`
  return [
    `  rule ${JSON.stringify(rule.name)}${round} ${rule.reason}`,
    ...conditionLines(rule.newValues),
    ...(rule.oldValues === null
      ? []
      : ['    with the values before:', ...conditionLines(rule.oldValues)]),
    ...rule.fieldUpdates.map(({ field, outcome, before, after, reason }) => {
      const came = reason ?? `${shown(before)} → ${shown(after)}`
      return `    field update ${field}: ${outcome}, ${came}`
    }),
    ...rule.actions.map(({ type, name, outcome, reason }) => {
      return `    ${type} ${name}: ${outcome}${reason === null ? '' : `, ${reason}`}`
    }),
  ]
}

function conditionLines(condition: ConditionTrace | null): readonly string[] {
  if (condition === null) return []
  if (condition.kind === 'formula') {
    const { root, error } = condition.formula
    if (root !== null) return partLines(root, '    ')
    return [`    formula: ${error ?? shown(condition.formula.result)}`]
  }
  const logic = condition.booleanFilter
  return [
    ...condition.criteria.map(criterionLine),
    ...(logic === null ? [] : [`    ${mark(condition.met)} ${logic}`]),
  ]
}

function criterionLine({ number, field, operation, value, met, ...at }: CriterionTrace): string {
  const seen = at.state === 'value' ? shown(at.seen) : at.state
  return `    ${mark(met)} ${number} ${field} ${operation} ${value || '(blank)'} — ${seen}`
}

function mark(isMet: boolean): string {
  return isMet ? '✓' : '✗'
}

/** A formula's parts, each below the one that it belongs to, with what it came to. */
function partLines(part: PartTrace, indent: string): readonly string[] {
  const { state, value, before, text, error } = part
  const then = before === undefined ? '' : `, before ${shown(before)}`
  const came = state === 'evaluated' ? `${shown(value)}${then}` : (error ?? state)
  const unknown = part.isUnknown ? ' (there is no such field)' : ''
  return [
    `${indent}${text.replaceAll(/\s+/g, ' ')} — ${came}${unknown}`,
    ...part.parts.flatMap((each) => partLines(each, `${indent}  `)),
  ]
}

function shown(value: FieldValue): string {
  return value === null ? 'blank' : String(value)
}

/** A record's values stand in the text: they must not steer the terminal, or make lines of their own. */
function printable(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ')
}
