import type { Instant } from '../../base/clock.ts'
import { type ActionScope, compileActions, type RuleActions } from '../actions/compile-actions.ts'
import { CriteriaError } from '../criteria/criteria-error.ts'
import { criterionField, type FieldScope } from '../criteria/criterion-field.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { Report } from '../rule-problem.ts'
import type { TimeTrigger, WorkflowRule } from '../workflow-rule.ts'
import { OFFSET_LENGTH_MAX, offsetFieldValue, offsetInstant } from './offset-instant.ts'

/** What a rule does later, and when. */
export type CompiledTimeTrigger = RuleActions & DueTime

/** When something is due for a record. */
export type DueTime = {
  /**
   * By the organisation's time zone, perhaps in the past; null when there is no such time, as the date is blank.
   * Without a field it counts from the context's `now`, the moment the rule fires.
   */
  readonly dueAt: (context: EvaluationContext) => Instant | null
  /** Whether it counts from a field of the record: then it moves with it. */
  readonly followsField: boolean
  /** Ways to the parents to be read beforehand. */
  readonly paths: readonly (readonly string[])[]
}

const NEVER: DueTime = { dueAt: () => null, followsField: true, paths: [] }

/** Compiles a rule's time trigger. One whose time cannot be told is never due; that is reported. */
export function compileTimeTrigger(
  trigger: TimeTrigger,
  at: { readonly rule: WorkflowRule; readonly scope: ActionScope & FieldScope },
  report: Report,
): CompiledTimeTrigger {
  const { rule, scope } = at
  const actions = compileActions(trigger.actions, { objectName: rule.objectName, scope }, report)
  return { ...actions, ...compileDueTime(trigger, scope, report) }
}

function compileDueTime(
  { offsetFromField, timeLength, unit }: TimeTrigger,
  scope: FieldScope,
  report: Report,
): DueTime {
  const offset = { length: timeLength, unit }
  if (Math.abs(timeLength) > OFFSET_LENGTH_MAX) {
    report.error('TIME_TRIGGER_BROKEN', `a time trigger of ${timeLength} ${unit} is never due`)
    return NEVER
  }
  if (offsetFromField === null) {
    const dueAt = ({ now, org }: EvaluationContext) => offsetInstant(now, offset, org.timeZone)
    return { dueAt, followsField: false, paths: [] }
  }
  const field = dateField(offsetFromField, scope, report)
  if (field === null) return NEVER
  const dueAt = (context: EvaluationContext) => {
    const value = resultOf(() => field.read(context))
    if (typeof value !== 'string') return null
    return offsetFieldValue(value, offset, context.org.timeZone)
  }
  return { dueAt, followsField: true, paths: field.paths }
}

function dateField(name: string, scope: FieldScope, report: Report) {
  const { object } = scope
  const never = (why: string) => {
    report.error('TIME_TRIGGER_BROKEN', `${why}: the time trigger is never due`)
    return null
  }
  if (name.split('.')[0]?.toLowerCase() !== object.name.toLowerCase()) {
    return never(`'${name.slice(0, 80)}' is no field of ${object.name}`)
  }
  try {
    const field = criterionField(name, scope)
    const { type, formula } = field.definition
    if (type !== 'date' && type !== 'datetime') return never(`${name} is no date`)
    if (formula !== undefined && isMoving(formula)) {
      report.warning(
        'RULE_TIME_TRIGGER',
        `Salesforce has no time triggers on formula fields with TODAY or NOW: ${name} is looked at with each save`,
      )
    }
    return field
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error
    // A project may hold a part of an org: what it does not know is blank, as in criteria.
    report.warning('CRITERIA_UNKNOWN_FIELD', `${error.message}: the time trigger is never due`)
    return null
  }
}

/** Whether the formula's own text asks for the time: what the fields in it do is not looked at. */
function isMoving(formula: string): boolean {
  return /\b(TODAY|NOW)\s*\(/i.test(formula.replace(/\/\*[\s\S]*?\*\/|"[^"]*"|'[^']*'/g, ' '))
}

/** A formula field without a result is blank. */
function resultOf<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return null
    throw error
  }
}
