import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { type CompileOptions, compileFormula } from '../formula/compile-formula.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import { type Report, type RuleProblem, reportAt } from '../rule-problem.ts'
import type { ValidationRule } from './validation-rule.ts'

/** A validation rule, ready to be asked. */
export type CompiledValidationRule = {
  readonly fullName: string
  /** Whether the record must not be saved. Throws FormulaRuntimeError. */
  readonly refuses: (context: EvaluationContext) => boolean
  readonly errorMessage: string
  /** The field as defined; null where the error is the whole record's. */
  readonly errorDisplayField: string | null
  readonly paths: readonly (readonly string[])[]
  /** What it takes to compile the formula anew: for those who want to know why. */
  readonly options: CompileOptions
  readonly rule: ValidationRule
}

/** What became of one validation rule. */
export type ValidationRuleOutcome =
  | {
      readonly kind: 'compiled'
      readonly rule: ValidationRule
      readonly compiled: CompiledValidationRule
    }
  | {
      readonly kind: 'broken'
      readonly rule: ValidationRule
      readonly problems: readonly RuleProblem[]
    }

/** All validation rules of an org. */
export type CompiledValidationRules = {
  /** The object's active rules that work, in file order. */
  readonly forObject: (objectName: string) => readonly CompiledValidationRule[]
  /** Ways to the parents to be read beforehand. */
  readonly pathsOf: (objectName: string) => readonly (readonly string[])[]
  readonly outcomes: readonly ValidationRuleOutcome[]
  /** Those of the object's rules, inactive and broken ones too, in file order. */
  readonly outcomesOf: (objectName: string) => readonly ValidationRuleOutcome[]
  readonly problems: readonly RuleProblem[]
}

/** Compiles every validation rule by itself: one that is broken is reported and refuses nothing. */
export function compileValidationRules(definitions: {
  readonly validationRules: readonly ValidationRule[]
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly formulaFields: FormulaFieldCache
}): CompiledValidationRules {
  const problems: RuleProblem[] = []
  const outcomes = definitions.validationRules.map((rule): ValidationRuleOutcome => {
    const itsFirst = problems.length
    const title = `validation rule ${rule.objectName}.${rule.fullName}`
    const compiled = compile(rule, definitions, reportAt(problems, rule.place, title))
    if (compiled !== null) return { kind: 'compiled', rule, compiled }
    return { kind: 'broken', rule, problems: problems.slice(itsFirst) }
  })
  const active = outcomes.flatMap((each) =>
    each.kind === 'compiled' && each.compiled.rule.active ? [each.compiled] : [],
  )
  const outcomesByObject = Map.groupBy(outcomes, ({ rule }) => rule.objectName.toLowerCase())
  const byObject = Map.groupBy(active, ({ rule }) => rule.objectName.toLowerCase())
  const forObject = (objectName: string) => byObject.get(objectName.toLowerCase()) ?? NONE
  return {
    forObject,
    pathsOf: (objectName) => forObject(objectName).flatMap(({ paths }) => paths),
    outcomes,
    outcomesOf: (objectName) => outcomesByObject.get(objectName.toLowerCase()) ?? NONE,
    problems,
  }
}

const NONE: readonly never[] = []

function compile(
  rule: ValidationRule,
  scope: {
    readonly objects: (name: string) => ObjectDefinition | undefined
    readonly formulaFields: FormulaFieldCache
  },
  report: Report,
): CompiledValidationRule | null {
  const object = scope.objects(rule.objectName)
  if (object === undefined) {
    report.error('RULE_UNKNOWN_OBJECT', `there is no object ${rule.objectName}`)
    return null
  }
  // As in workflow rules a blank number is blank, not zero: ISBLANK(Amount) must be able to hold.
  const options: CompileOptions = { ...scope, object, blanks: 'asNull', returnType: 'Boolean' }
  const compiled = compileFormula(rule.errorConditionFormula, options)
  if (compiled.kind === 'broken') {
    const { errorCode, message, at } = compiled.error
    report.error(errorCode, `formula line ${at.line}, column ${at.column}: ${message}`)
    return null
  }
  for (const { code, message, at } of compiled.warnings) {
    report.warning(code, `formula line ${at.line}, column ${at.column}: ${message}`)
  }
  return {
    fullName: rule.fullName,
    refuses: compiled.holds,
    errorMessage: rule.errorMessage,
    errorDisplayField: displayField(rule, object, report),
    paths: compiled.paths,
    options,
    rule,
  }
}

function displayField(
  { errorDisplayField }: ValidationRule,
  object: ObjectDefinition,
  report: Report,
): string | null {
  if (errorDisplayField === null) return null
  const field = fieldOf(object, errorDisplayField)
  if (field) return field.name
  const message = `${object.name} has no field ${errorDisplayField} to show the error at: it is the record's`
  report.warning('VALIDATION_RULE_UNKNOWN_FIELD', message)
  return null
}
