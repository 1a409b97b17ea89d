import type { EvaluationContext } from '../evaluation-context.ts'
import type { FilterItem } from '../workflow-rule.ts'
import { type CompareValue, compareValue } from './compare-values.ts'
import { CriteriaError, type CriteriaErrorCode } from './criteria-error.ts'
import type { CriteriaSettings } from './criteria-settings.ts'
import { type CriterionField, criterionField, type FieldScope } from './criterion-field.ts'
import { FilterLogicError, joinCriteria, type Test } from './filter-logic.ts'
import { operationOf, oppositeOf } from './operation.ts'
import { readValueList } from './value-list.ts'

export type CriteriaProblemCode = CriteriaErrorCode | FilterLogicError['errorCode']

/** What is wrong with criteria, or what they were compiled in spite of. */
export type CriteriaProblem = { readonly code: CriteriaProblemCode; readonly message: string }

export type CompiledCriteria =
  | {
      readonly kind: 'compiled'
      readonly holds: Test<EvaluationContext>
      /** Each item by itself, in their order: for those who want to know which was met. */
      readonly criteria: readonly Criterion[]
      readonly paths: readonly (readonly string[])[]
      readonly warnings: readonly CriteriaProblem[]
    }
  | { readonly kind: 'broken'; readonly problem: CriteriaProblem }

/** One filter item, ready to be tested. */
export type Criterion = {
  readonly item: FilterItem
  readonly test: Test<EvaluationContext>
  /** Null: the definitions do not have it, and it is never met. */
  readonly field: CriterionField | null
}

/** Compiles a rule's filter items and their filter logic into one test. */
export function compileCriteria(
  items: readonly FilterItem[],
  booleanFilter: string | null,
  scope: FieldScope & { readonly settings: CriteriaSettings },
): CompiledCriteria {
  const warnings: CriteriaProblem[] = []
  try {
    const criteria = items.map((each, index) => compileItem(each, index + 1, { scope, warnings }))
    const holds = joinCriteria(
      booleanFilter,
      criteria.map((each) => each.test),
    )
    const paths = criteria.flatMap((each) => each.field?.paths ?? [])
    return { kind: 'compiled', holds, criteria, paths, warnings }
  } catch (error) {
    if (error instanceof CriteriaError || error instanceof FilterLogicError) {
      return { kind: 'broken', problem: { code: error.errorCode, message: error.message } }
    }
    throw error
  }
}

type ItemScope = {
  readonly scope: FieldScope & { readonly settings: CriteriaSettings }
  readonly warnings: CriteriaProblem[]
}

/** What a project that holds a part of an org cannot know. */
const MISSING: ReadonlySet<CriteriaErrorCode> = new Set([
  'CRITERIA_UNKNOWN_FIELD',
  'CRITERIA_UNKNOWN_OBJECT',
  'CRITERIA_UNKNOWN_PARENT',
])

/** A field, an object or a way to a parent that the definitions do not have is a warning: it is never met. */
function compileItem(item: FilterItem, number: number, { scope, warnings }: ItemScope): Criterion {
  try {
    const field = criterionField(item.field, scope)
    return { item, test: compileTest(item, field, scope.settings), field }
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error
    const message = `criterion ${number}: ${error.message}`
    if (!MISSING.has(error.errorCode)) throw new CriteriaError(error.errorCode, message)
    warnings.push({ code: error.errorCode, message: `${message}: it is never met` })
    return { item, test: () => false, field: null }
  }
}

function compileTest(
  item: FilterItem,
  field: CriterionField,
  settings: CriteriaSettings,
): Test<EvaluationContext> {
  const operation = operationOf(item.operation)
  const opposite = oppositeOf(operation)
  const alternatives = readValueList(item.value)
  const asksBlank = alternatives.includes('')
  const compares = alternatives
    .filter((each) => each !== '')
    .map((each) =>
      compareValue(field.definition, opposite ?? operation, field.spelled(each), settings),
    )
  const blankMeets = whenBlank(operation, asksBlank, settings)
  const blankContained =
    asksBlank && (opposite ?? operation) !== 'equals' && isTextSearch(operation)
  const { read, isBlank } = field

  return (context) => {
    const value = read(context)
    if (value === undefined || value === null) {
      // A reference that is set but was not found has no name: it is neither blank nor equal.
      const blank = isBlank(context)
      if (value === undefined && !(asksBlank && blank !== undefined)) return false
      if (blank === true) return blankMeets
      return opposite !== null && (asksBlank || value === null)
    }
    const met = blankContained || anyMeets(compares, value, context)
    return opposite === null ? met : !met
  }
}

function isTextSearch(operation: string): boolean {
  return operation === 'contains' || operation === 'notContain' || operation === 'startsWith'
}

function anyMeets(
  compares: readonly CompareValue[],
  value: string | boolean,
  context: EvaluationContext,
): boolean {
  for (const compare of compares) if (compare(value, context)) return true
  return false
}

/** Whether a blank field meets the operation; ordered comparisons are never met. */
function whenBlank(operation: string, asksBlank: boolean, settings: CriteriaSettings): boolean {
  switch (operation) {
    case 'equals':
    case 'contains':
    case 'startsWith':
    case 'includes':
      return asksBlank
    case 'notEqual':
    case 'notContain':
      return !asksBlank && settings.rules?.strictBlankNotEqual !== true
    case 'excludes':
      return !asksBlank && settings.rules?.blankIsExcluded !== false
    default:
      return false
  }
}
