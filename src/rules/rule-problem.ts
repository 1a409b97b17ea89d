import type { SourcePlace } from '../schema/object-definition.ts'
import type { CriteriaProblemCode } from './criteria/compile-criteria.ts'
import type { FormulaErrorCode } from './formula/errors.ts'
import type { FormulaWarningCode } from './formula/scope.ts'

export type RuleProblemCode =
  | CriteriaProblemCode
  | FormulaErrorCode
  | FormulaWarningCode
  | 'RULE_UNKNOWN_OBJECT'
  | 'RULE_WITHOUT_CRITERIA'
  | 'RULE_WITH_TWO_CRITERIA'
  | 'RULE_HISTORY_FUNCTION'
  | 'RULE_TIME_TRIGGER'
  | 'TIME_TRIGGER_BROKEN'
  | 'RULE_LIMIT'
  | 'VALIDATION_RULE_UNKNOWN_FIELD'
  | 'ROLLUP_NOT_COMPUTED'
  | 'ACTION_UNKNOWN'
  | 'TASK_ASSIGNEE'
  | 'TASK_DUE_DATE'
  | 'FLOW_NOT_EXECUTED'
  | 'FLOW_ELEMENT_UNREACHED'
  | 'FIELD_UPDATE_UNKNOWN_FIELD'
  | 'FIELD_UPDATE_UNKNOWN_TARGET'
  | 'FIELD_UPDATE_INVALID_VALUE'

/** What is wrong with a rule, a field update or a flow: an error breaks it, with a warning it works. */
export type RuleProblem = {
  readonly file: string
  readonly line: number
  readonly code: RuleProblemCode
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
}

/** Collects the problems of one definition, each with its place and name. */
export type Report = {
  readonly error: (code: RuleProblemCode, message: string) => void
  readonly warning: (code: RuleProblemCode, message: string) => void
}

/** A report that adds to `problems` what is said of the definition `title`, written at `place`. */
export function reportAt(problems: RuleProblem[], place: SourcePlace, title: string): Report {
  const add = (severity: RuleProblem['severity']) => (code: RuleProblemCode, message: string) => {
    problems.push({ ...place, code, severity, message: `${title}: ${message}` })
  }
  return { error: add('error'), warning: add('warning') }
}

/** The name people see of a percent-encoded one; as it stands when it is encoded badly. */
export function decodeFullName(fullName: string): string {
  try {
    return decodeURIComponent(fullName)
  } catch {
    return fullName
  }
}
