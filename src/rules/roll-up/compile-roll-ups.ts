import { Decimal } from 'decimal.js'
import { isNumberType } from '../../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  type SourcePlace,
  type Summary,
} from '../../schema/object-definition.ts'
import { compileCriteria } from '../criteria/compile-criteria.ts'
import { CriteriaError } from '../criteria/criteria-error.ts'
import type { CriteriaSettings } from '../criteria/criteria-settings.ts'
import { criterionField, type FieldScope } from '../criteria/criterion-field.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import { type Report, type RuleProblem, reportAt } from '../rule-problem.ts'
import { fieldsUnder, isLasting, storedUnder } from './lasting-fields.ts'
import type { Contribution, RollUpKind } from './roll-up.ts'

/** A roll-up summary, ready to be calculated. */
export type CompiledRollUp = RollUpKind & {
  /** The master's object, and its field. */
  readonly objectName: string
  readonly fieldName: string
  readonly childObject: string
  readonly foreignKey: string
  /** What a detail brings in, whoever its master is. */
  readonly contribution: (context: EvaluationContext) => Contribution
  /** The detail's stored fields that this looks at. */
  readonly reads: readonly string[]
  /** Ways to the records whose names the filter compares, to be read beforehand. */
  readonly paths: readonly (readonly string[])[]
  /** Says what is calculated: where it differs from before, all masters are calculated anew. */
  readonly signature: string
}

/** All roll-up summaries of an org. */
export type CompiledRollUps = {
  /** Those that a change of a record of this object may concern. */
  readonly ofDetail: (objectName: string) => readonly CompiledRollUp[]
  readonly ofMaster: (objectName: string) => readonly CompiledRollUp[]
  /** Those below others come before them. */
  readonly all: readonly CompiledRollUp[]
  readonly problems: readonly RuleProblem[]
}

/** What roll-ups are compiled in. */
export type RollUpScope = Omit<FieldScope, 'object'> & {
  readonly settings: CriteriaSettings
  /** Where a field is defined, for problems. */
  readonly placeOf: (objectName: string, fieldName: string) => SourcePlace
}

/** Compiles the roll-up summaries of all objects; one that cannot be calculated is reported and left out. */
export function compileRollUps(
  objects: Iterable<ObjectDefinition>,
  scope: RollUpScope,
): CompiledRollUps {
  const problems: RuleProblem[] = []
  const all: CompiledRollUp[] = []
  for (const object of objects) {
    for (const field of object.fields) {
      if (!field.summary) continue
      const place = scope.placeOf(object.name, field.name)
      const report = reportAt(problems, place, `roll-up ${object.name}.${field.name}`)
      const compiled = compile(object, field, field.summary, { scope, report })
      if (compiled) all.push(compiled)
    }
  }
  const levels = new Map(all.map((each) => [each, levelOf(each, all)]))
  all.sort((one, other) => (levels.get(one) ?? 0) - (levels.get(other) ?? 0))
  const byDetail = Map.groupBy(all, ({ childObject }) => childObject.toLowerCase())
  const byMaster = Map.groupBy(all, ({ objectName }) => objectName.toLowerCase())
  return {
    ofDetail: (objectName) => byDetail.get(objectName.toLowerCase()) ?? NONE,
    ofMaster: (objectName) => byMaster.get(objectName.toLowerCase()) ?? NONE,
    all,
    problems,
  }
}

const NONE: readonly never[] = []

function compile(
  object: ObjectDefinition,
  field: FieldDefinition,
  summary: Summary,
  { scope, report }: { scope: RollUpScope; report: Report },
): CompiledRollUp | null {
  const child = scope.objects(summary.childObject)
  const why = child ? whyNot(child, summary) : `there is no object ${summary.childObject}`
  if (!child || why !== null) {
    report.warning('ROLLUP_NOT_COMPUTED', `${why}: its value stays blank`)
    return null
  }
  const filter = compileCriteria(summary.filters, null, { ...scope, object: child })
  if (filter.kind === 'broken') {
    report.warning('ROLLUP_NOT_COMPUTED', `${filter.problem.message}: its value stays blank`)
    return null
  }
  for (const { code, message } of filter.warnings) report.warning(code, message)
  const contribution = contributionOf(child, field, summary, { scope, report })
  if (contribution === null) return null
  return {
    objectName: object.name,
    fieldName: field.name,
    operation: summary.operation,
    type: field.type,
    childObject: child.name,
    foreignKey: summary.foreignKey,
    contribution: (context) => {
      const counts = summary.filters.length === 0 || filter.holds(context)
      return counts ? contribution(context) : undefined
    },
    reads: [...new Set(fieldsOf(child, summary).flatMap((each) => storedUnder(child, each)))],
    paths: filter.paths,
    signature: signatureOf(child, field, scope),
  }
}

/** Why details cannot be rolled up by these fields, or null. */
function whyNot(child: ObjectDefinition, { summarized, filters }: Summary): string | null {
  const paths = [
    ...filters.map(({ field }) => field),
    ...(summarized ? [`${child.name}.${summarized}`] : []),
  ]
  for (const path of paths) {
    const [objectName = '', fieldName = ''] = path.split('.')
    if (objectName.toLowerCase() !== child.name.toLowerCase())
      return `${path} is no field of ${child.name}`
    const field = fieldOf(child, fieldName)
    if (field && !isLasting(child, field)) {
      return `the formula field ${path} changes without its record being saved`
    }
  }
  return null
}

type Contribute = (context: EvaluationContext) => Contribution

function contributionOf(
  child: ObjectDefinition,
  field: FieldDefinition,
  { summarized }: Summary,
  { scope, report }: { scope: RollUpScope; report: Report },
): Contribute | null {
  if (summarized === null) return () => null
  try {
    const { read } = criterionField(`${child.name}.${summarized}`, { ...scope, object: child })
    const isNumber = isNumberType(field.type)
    return (context) => {
      const value = withoutFailure(() => read(context))
      if (typeof value !== 'string') return null
      // A formula's further digits are not kept: what is added now can be taken away exactly.
      return isNumber ? rounded(value, field.scale ?? 0) : value
    }
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error
    report.warning('ROLLUP_NOT_COMPUTED', `${error.message}: its value stays blank`)
    return null
  }
}

/** A formula without a result counts as blank. */
function withoutFailure<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return null
    throw error
  }
}

const HalfUp = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP })

function rounded(value: string, scale: number): string {
  const number = new HalfUp(value).toDecimalPlaces(scale)
  return number.isZero() ? '0' : number.toFixed()
}

/** Masters of masters of masters are the most that Salesforce has. */
const LEVELS_MAX = 5

/** With all that lies below it: formulas and roll-ups of the details. */
function signatureOf(
  child: ObjectDefinition,
  field: FieldDefinition,
  { objects, level = 0 }: Pick<RollUpScope, 'objects'> & { level?: number },
): string {
  const { summary } = field
  if (!summary || level === LEVELS_MAX) return ''
  const below = fieldsOf(child, summary).flatMap((each) => [...fieldsUnder(child, each)])
  const parts = below.map((each) => {
    const under = each.summary && objects(each.summary.childObject)
    return under ? signatureOf(under, each, { objects, level: level + 1 }) : (each.formula ?? null)
  })
  return JSON.stringify([summary, field.type, field.scale ?? 0, parts])
}

/** How many roll-ups lie below it: those are calculated first. */
function levelOf(rollUp: CompiledRollUp, all: readonly CompiledRollUp[], level = 0): number {
  if (level === LEVELS_MAX) return level
  const below = all.filter(({ objectName, fieldName }) => {
    return objectName === rollUp.childObject && rollUp.reads.includes(fieldName)
  })
  return Math.max(level, ...below.map((each) => levelOf(each, all, level + 1)))
}

/** The detail's fields that the summary names. */
function fieldsOf(child: ObjectDefinition, summary: Summary): readonly FieldDefinition[] {
  const filtered = summary.filters.map(({ field }) => field.split('.')[1] ?? '')
  const names = summary.summarized === null ? filtered : [summary.summarized, ...filtered]
  return names.flatMap((name) => fieldOf(child, name) ?? [])
}
