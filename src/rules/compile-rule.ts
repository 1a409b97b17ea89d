import type { ObjectDefinition } from '../schema/object-definition.ts'
import { type ActionScope, compileActions, type RuleActions } from './actions/compile-actions.ts'
import { type Criterion, compileCriteria } from './criteria/compile-criteria.ts'
import type { CriteriaSettings } from './criteria/criteria-settings.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { type CompileOptions, compileFormula } from './formula/compile-formula.ts'
import type { FormulaFieldCache } from './formula/scope.ts'
import type { Report } from './rule-problem.ts'
import {
  type CompiledTimeTrigger,
  compileTimeTrigger,
} from './time-triggers/compile-time-trigger.ts'
import type { TriggerType, WorkflowRule } from './workflow-rule.ts'

/** A workflow rule, ready to be evaluated. */
export type CompiledRule = RuleActions & {
  readonly fullName: string
  readonly objectName: string
  readonly active: boolean
  readonly triggerType: TriggerType
  /** Whether a record meets the rule criteria. Throws FormulaRuntimeError. */
  readonly holds: (context: EvaluationContext) => boolean
  /** What `holds` is made of: for those who want to know why. */
  readonly condition: RuleCondition
  /** Ways to the parents to be read beforehand. */
  readonly paths: readonly (readonly string[])[]
  /** The reference fields that lead to parents: a change of one reparents the record. */
  readonly parentFields: readonly string[]
  /** In file order: an entry of the time queue knows its trigger by the place. */
  readonly timeTriggers: readonly CompiledTimeTrigger[]
  readonly rule: WorkflowRule
}

/** A rule's criteria: filter items, or a formula with all it takes to compile it anew. */
export type RuleCondition =
  | {
      readonly kind: 'criteria'
      readonly criteria: readonly Criterion[]
      readonly booleanFilter: string | null
    }
  | { readonly kind: 'formula'; readonly text: string; readonly options: CompileOptions }

/** What rules are compiled in. */
export type RuleScope = ActionScope & {
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly settings: CriteriaSettings
  readonly formulaFields: FormulaFieldCache
}

const FORMULA_CHARACTERS_ADVISED = 3900
const CRITERIA_ADVISED = 25
const VALUE_CHARACTERS_ADVISED = 255
const ACTIONS_ADVISED = 40
const TIME_TRIGGERS_ADVISED = 10

/** Compiles a rule; null when it is broken. What is wrong is reported. */
export function compileRule(
  rule: WorkflowRule,
  scope: RuleScope,
  report: Report,
): CompiledRule | null {
  const object = scope.objects(rule.objectName)
  if (object === undefined) {
    report.error('RULE_UNKNOWN_OBJECT', `there is no object ${rule.objectName}`)
    return null
  }
  warnOfLimits(rule, report)
  const condition = compileCondition(rule, { ...scope, object }, report)
  if (condition === null) return null
  return {
    fullName: rule.fullName,
    objectName: object.name,
    active: rule.active,
    triggerType: rule.triggerType,
    ...condition,
    parentFields: parentFieldsOf(object),
    ...compileActions(rule.actions, { objectName: rule.objectName, scope }, report),
    timeTriggers: rule.timeTriggers.map((trigger) =>
      compileTimeTrigger(trigger, { rule, scope: { ...scope, object } }, report),
    ),
    rule,
  }
}

/** What an owner, a creator or a record type is, is no parent. */
const NO_PARENTS: ReadonlySet<string> = new Set([
  'User',
  'Group',
  'Queue',
  'RecordType',
  'Profile',
  'UserRole',
])

function parentFieldsOf(object: ObjectDefinition): readonly string[] {
  return object.fields
    .filter(({ type, referenceTo = [] }) => {
      return type === 'reference' && referenceTo.some((target) => !NO_PARENTS.has(target))
    })
    .map((field) => field.name)
}

type Condition = Pick<CompiledRule, 'holds' | 'condition' | 'paths'>

function compileCondition(
  rule: WorkflowRule,
  scope: RuleScope & { readonly object: ObjectDefinition },
  report: Report,
): Condition | null {
  const { criteriaItems, booleanFilter, formula } = rule
  if (formula !== null && criteriaItems.length > 0) {
    report.error(
      'RULE_WITH_TWO_CRITERIA',
      'it has criteria items and a formula: one of them must go',
    )
    return null
  }
  if (formula !== null) return compileRuleFormula(rule, formula, scope, report)
  if (criteriaItems.length === 0) {
    report.error('RULE_WITHOUT_CRITERIA', 'it has neither criteria items nor a formula')
    return null
  }
  const compiled = compileCriteria(criteriaItems, booleanFilter, scope)
  if (compiled.kind === 'broken') {
    report.error(compiled.problem.code, compiled.problem.message)
    return null
  }
  for (const { code, message } of compiled.warnings) report.warning(code, message)
  const { holds, criteria, paths } = compiled
  return { holds, paths, condition: { kind: 'criteria', criteria, booleanFilter } }
}

function compileRuleFormula(
  rule: WorkflowRule,
  formula: string,
  scope: RuleScope & { readonly object: ObjectDefinition },
  report: Report,
): Condition | null {
  const options: CompileOptions = { ...scope, blanks: 'asNull', returnType: 'Boolean' }
  const compiled = compileFormula(formula, options)
  if (compiled.kind === 'broken') {
    const { errorCode, message, at } = compiled.error
    report.error(errorCode, `formula line ${at.line}, column ${at.column}: ${message}`)
    return null
  }
  for (const { code, message, at } of compiled.warnings) {
    report.warning(code, `formula line ${at.line}, column ${at.column}: ${message}`)
  }
  if (compiled.usesHistory && rule.triggerType !== 'onAllChanges') {
    const message =
      'ISCHANGED, PRIORVALUE and ISNEW are for rules evaluated on every edit (onAllChanges)'
    report.warning('RULE_HISTORY_FUNCTION', message)
  }
  const { holds, paths } = compiled
  return { holds, paths, condition: { kind: 'formula', text: formula, options } }
}

function warnOfLimits(rule: WorkflowRule, report: Report): void {
  const advise = (what: string, count: number, advised: number) => {
    if (count <= advised) return
    report.warning('RULE_LIMIT', `${count} ${what}: Salesforce allows ${advised}`)
  }
  advise('characters in the formula', rule.formula?.length ?? 0, FORMULA_CHARACTERS_ADVISED)
  advise('criteria items', rule.criteriaItems.length, CRITERIA_ADVISED)
  const longest = Math.max(0, ...rule.criteriaItems.map((each) => each.value.length))
  advise('characters in a criteria value', longest, VALUE_CHARACTERS_ADVISED)
  advise('actions', rule.actions.length, ACTIONS_ADVISED)
  advise('time triggers', rule.timeTriggers.length, TIME_TRIGGERS_ADVISED)
  if (rule.timeTriggers.length > 0 && rule.triggerType === 'onAllChanges') {
    report.warning('RULE_TIME_TRIGGER', 'time triggers are not for rules evaluated on every edit')
  }
}
