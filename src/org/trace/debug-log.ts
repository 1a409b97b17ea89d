import type { PartTrace } from '../../rules/trace/formula-trace.ts'
import type {
  ConditionTrace,
  CriterionTrace,
  FieldUpdateTrace,
} from '../../rules/trace/rule-trace.ts'
import type { TriggerType } from '../../rules/workflow-rule.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { RulesStep, SaveTrace, ToldStep, TracedRule, TraceStep } from './save-trace.ts'
import { formulaLine } from './steps/formula-line.ts'

/**
 * A trace in the form of a Salesforce debug log: an event a line, its texts after it, parted by `|`. What a
 * platform log has no event for is told by events of ours: WF_FORMULA_PART, WF_OLD_VALUES.
 */
export function debugLogOf(trace: SaveTrace): readonly string[] {
  const time = new Date(trace.savedAt).toISOString().slice(11, 23)
  const lines = [
    ['CODE_UNIT_STARTED', '[EXTERNAL]', `Save:${trace.objectName}`],
    ...trace.fields.map(({ field, before, after }) => {
      return ['SAVE_FIELD', field, `${logged(before)} -> ${logged(after)}`]
    }),
    ...trace.steps.flatMap((step) => stepLines(step, trace)),
    ...trace.errors.map(({ statusCode, message }) => ['SAVE_REFUSED', statusCode, message]),
    ['CODE_UNIT_FINISHED', `Save:${trace.objectName}`],
  ]
  return lines.map((line) => [time, ...line].map(onOneLine).join('|'))
}

type Line = readonly string[]

/** A log line stays a line, whatever texts are in it. */
function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function logged(value: FieldValue): string {
  return value === null ? 'null' : String(value)
}

function stepLines(step: TraceStep, trace: SaveTrace): readonly Line[] {
  const unit = `${UNITS[step.kind]}:${trace.objectName}`
  const lines = step.kind === 'workflowRules' ? rulesLines(step, trace) : toldLines(step)
  return [['CODE_UNIT_STARTED', '[EXTERNAL]', unit], ...lines, ['CODE_UNIT_FINISHED', unit]]
}

const UNITS: Readonly<Record<TraceStep['kind'], string>> = {
  beforeSaveFlows: 'Flow',
  validationRules: 'Validation',
  workflowRules: 'Workflow',
  afterSaveFlows: 'Flow',
  timeTriggers: 'WorkflowTimeTriggers',
}

function toldLines({ log }: ToldStep): readonly Line[] {
  return log
}

function rulesLines({ rules }: RulesStep, trace: SaveTrace): readonly Line[] {
  const rounds = [...new Set(rules.map(({ round }) => round))].toSorted((one, two) => one - two)
  const fired = rules.filter(({ verdict }) => verdict === 'fired')
  return [
    ['WF_RULE_EVAL_BEGIN', 'Workflow'],
    ...rounds.flatMap((round) => {
      const evaluated = rules.filter((rule) => rule.round === round)
      return [
        ...evaluated.flatMap((rule) => ruleLines(rule, trace)),
        ...evaluated.flatMap((rule) => rule.fieldUpdates.map((each) => updateLine(each, rule))),
      ]
    }),
    ['WF_SPOOL_ACTION_BEGIN', 'Workflow'],
    ...fired.flatMap((rule) =>
      rule.actions.map(({ type, name, outcome, reason }) => {
        if (outcome === 'spooled') return ['WF_ACTION', ` ${type}: ${name}`, rule.name]
        return ['WF_ACTION_NOT_EXECUTED', ` ${type}: ${name}`, rule.name, reason ?? '']
      }),
    ),
    ['WF_RULE_EVAL_END'],
    ['WF_ACTIONS_END', countsOf(fired)],
  ]
}

const TRIGGERS: Readonly<Record<TriggerType, string>> = {
  onCreateOnly: 'ON_CREATE_ONLY',
  onAllChanges: 'ON_ALL_CHANGES',
  onCreateOrTriggeringUpdate: 'ON_CREATE_OR_TRIGGERING_UPDATE',
  OnRecursiveUpdate: 'ON_RECURSIVE_UPDATE',
}

function ruleLines(rule: TracedRule, trace: SaveTrace): readonly Line[] {
  const { objectName, recordName, recordId } = trace
  const record = [recordName, recordId].filter((each) => each !== null).join(' ')
  const trigger = TRIGGERS[rule.triggerType]
  const title = [`[${objectName}: ${record}]`, rule.name, rule.ruleId ?? '', trigger]
  const end =
    rule.verdict === 'not evaluated'
      ? ['WF_RULE_NOT_EVALUATED', rule.reason]
      : ['WF_CRITERIA_END', String(rule.verdict === 'fired'), rule.reason]
  return [
    ['WF_CRITERIA_BEGIN', ...title, String(rule.round)],
    ...conditionLines(rule.newValues),
    ...(rule.oldValues === null ? [] : [['WF_OLD_VALUES'], ...conditionLines(rule.oldValues)]),
    end,
  ]
}

function conditionLines(condition: ConditionTrace | null): readonly Line[] {
  if (condition === null) return []
  if (condition.kind === 'criteria') {
    const logic = condition.booleanFilter
    return [
      ...condition.criteria.flatMap(criterionLines),
      ...(logic === null ? [] : [['WF_RULE_FILTER_LOGIC', logic, String(condition.met)]]),
    ]
  }
  const { formula } = condition
  const [text = '', values = ''] = formulaLine(formula)
  const failed = formula.error === null ? [] : [['WF_FORMULA_ERROR', formula.error]]
  return [
    ['WF_FORMULA', `Formula:${text}`, `Values:${values}`],
    ...(formula.root === null ? [] : formula.root.parts.flatMap(partLines)),
    ...failed,
  ]
}

function criterionLines(criterion: CriterionTrace): readonly Line[] {
  const { field, operation, value, met, state, seen } = criterion
  const [objectName, fieldName] = field.split('.')
  return [
    ['WF_RULE_FILTER', `[${objectName} : ${fieldName} ${operation} ${value || 'null'}]`],
    ['WF_RULE_EVAL_VALUE', state === 'value' ? logged(seen) : state, String(met)],
  ]
}

function partLines(part: PartTrace): readonly Line[] {
  const { from, to, state, value, error } = part
  const place = `${from.line}:${from.column}-${to.line}:${to.column}`
  const came = state === 'evaluated' ? logged(value) : (error ?? state)
  return [['WF_FORMULA_PART', place, part.text, came], ...part.parts.flatMap(partLines)]
}

function updateLine(update: FieldUpdateTrace, rule: TracedRule): Line {
  const { objectName, recordId, field, fullName, outcome, before, after, reason } = update
  const came =
    outcome === 'changed' || outcome === 'unchanged'
      ? `Value:${logged(before)} -> ${logged(after)}`
      : `${outcome}: ${reason ?? ''}`
  return [
    'WF_FIELD_UPDATE',
    `[${objectName}: ${recordId ?? ''}]`,
    `Field:${objectName}: ${field}`,
    came,
    fullName,
    `CurrentRule:${rule.name}`,
  ]
}

function countsOf(fired: readonly TracedRule[]): string {
  const types = fired.flatMap((rule) => [
    ...rule.fieldUpdates.map(() => 'FieldUpdate'),
    ...rule.actions.filter(({ outcome }) => outcome === 'spooled').map(({ type }) => type),
  ])
  const counts = Map.groupBy(types, (type) => type)
  return [...counts].map(([type, all]) => ` ${type}: ${all.length};`).join('')
}
