import type { LiteralType, Query } from '@jetstreamapp/soql-parser-js'
import type { Instant } from '../../base/clock.ts'
import { dateCustomsOf, readRelativeDate } from '../../rules/criteria/relative-dates.ts'
import { writeDay, writeInstant } from '../../rules/formula/values/calendar.ts'
import { localDay, startOfDay } from '../../rules/formula/values/zone.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { isStored } from '../../schema/stored-fields.ts'
import type { Comparison, Select, SelectCondition } from '../select.ts'
import type { ConditionNode, Leaf } from './condition-tree.ts'
import { type Literal, literalValue, unescapePattern, unescapeString } from './literal.ts'
import { type NameScope, pathOf, resolvePath, type Target } from './resolve-path.ts'
import { malformed, soqlError, unsupported } from './soql-error.ts'

/** What conditions are compiled in. */
export type ConditionScope = NameScope & {
  readonly now: Instant
  /** Compiles the query of a semi-join: one field, of ids. */
  readonly compileInner: (query: Query) => Select
}

/** Names resolved, values typed, date literals made ranges. Throws SoqlError. */
export function compileCondition(scope: ConditionScope, node: ConditionNode): SelectCondition {
  switch (node.kind) {
    case 'and':
    case 'or':
      return joined(
        node.kind,
        node.nodes.map((each) => compileCondition(scope, each)),
      )
    case 'not':
      return { kind: 'not', condition: compileCondition(scope, node.node) }
    case 'leaf':
      return compileLeaf(scope, node.leaf)
  }
}

/** Databases read a chain of conditions as a tree as deep as the chain is long; SQLite allows 1000 levels. */
const CHAIN_MAX = 100

/** The conditions as one: a long chain becomes a chain of chains. */
function joined(kind: 'and' | 'or', conditions: readonly SelectCondition[]): SelectCondition {
  const [only] = conditions
  if (conditions.length === 1 && only) return only
  if (conditions.length <= CHAIN_MAX) return { kind, conditions }
  return joined(
    kind,
    slices(conditions).map((some) => ({ kind, conditions: some })),
  )
}

function slices<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(list.length / CHAIN_MAX))
  return Array.from({ length: count }, (_, place) =>
    list.slice(place * CHAIN_MAX, (place + 1) * CHAIN_MAX),
  )
}

/** A field that can be filtered or sorted by, once for each object a path can end at. */
export function filterable(
  scope: NameScope,
  written: string,
  verb: 'filtered' | 'sorted',
): readonly Target[] {
  const targets = resolvePath(scope, written)
  for (const { field, object } of targets) {
    const why = whyNot(field)
    if (why) {
      const message = `field '${field.name}' of ${object.name} can not be ${verb} in a query call: ${why}`
      throw soqlError(scope.soql, 'INVALID_FIELD', written, message)
    }
  }
  return targets
}

/** Longer texts have no form to compare by, as at Salesforce. */
const FILTERED_LENGTH_MAX = 255

function whyNot(field: FieldDefinition): string | null {
  if (field.formula !== undefined) return 'it is a formula, which is computed when it is read'
  if (!isStored(field)) return `it is a ${field.type} field: use its parts`
  if (field.secret) return 'it holds a secret'
  const isLong = field.type === 'textarea' && (field.length ?? 0) > FILTERED_LENGTH_MAX
  return isLong ? 'it is a long text' : null
}

function compileLeaf(scope: ConditionScope, leaf: Leaf): SelectCondition {
  if ('fn' in leaf)
    throw unsupported(scope.soql, leaf.fn.functionName ?? '(', `${leaf.fn.functionName} in WHERE`)
  if (!('field' in leaf)) throw malformed(scope.soql, null, 'expecting a condition')
  const targets = filterable(scope, leaf.field, 'filtered')
  const each = targets.map((target) => compareTarget(scope, leaf, target))
  const [only] = each
  if (each.length === 1 && only) return only
  // Of an owner's two kinds one is always blank: what is denied must hold for both, the rest for either.
  const isNull = 'value' in leaf && leaf.literalType === 'NULL'
  const isDenial =
    leaf.operator === '!=' || leaf.operator === 'NOT IN' || leaf.operator === 'EXCLUDES'
  return { kind: isDenial !== isNull ? 'and' : 'or', conditions: each }
}

type FieldLeaf = Extract<Leaf, { field: string }>

function compareTarget(scope: ConditionScope, leaf: FieldLeaf, target: Target): SelectCondition {
  const path = pathOf(target)
  const { operator } = leaf
  if ('valueQuery' in leaf) {
    const isNegated = operator === 'NOT IN'
    return { kind: 'inSelect', path, isNegated, select: scope.compileInner(leaf.valueQuery) }
  }
  const literals = literalsOf(leaf.value, leaf.literalType)
  switch (operator) {
    case 'IN':
    case 'NOT IN':
      return compileIn(scope, target, literals, operator === 'NOT IN')
    case 'INCLUDES':
    case 'EXCLUDES': {
      if (target.field.type !== 'multipicklist') throw wrongOperator(scope, target.field, operator)
      const comparison = operator === 'INCLUDES' ? 'includes' : 'excludes'
      const conditions = literals.map(
        ({ text }): SelectCondition => ({
          kind: 'compare',
          path,
          comparison,
          value: unescapeString(text),
        }),
      )
      return { kind: operator === 'INCLUDES' ? 'or' : 'and', conditions }
    }
    case 'LIKE': {
      const [literal] = literals
      if (literal?.type !== 'STRING' || !isText(target.field))
        throw wrongOperator(scope, target.field, operator)
      return { kind: 'compare', path, comparison: 'like', value: unescapePattern(literal.text) }
    }
    default: {
      const [literal] = literals
      if (!literal) throw malformed(scope.soql, leaf.field, 'expecting a value')
      return compare(scope, target, operator, literal)
    }
  }
}

function compare(
  scope: ConditionScope,
  target: Target,
  operator: Comparison,
  literal: Literal,
): SelectCondition {
  const path = pathOf(target)
  const isOrdering = operator !== '=' && operator !== '!='
  if (isOrdering && target.field.type === 'boolean')
    throw wrongOperator(scope, target.field, operator)
  const range = dateRange(scope, target.field, literal)
  if (range) return compareWithRange(path, operator, range)
  const value = literalValue(scope.soql, target.field, literal)
  return { kind: 'compare', path, comparison: operator, value }
}

function compileIn(
  scope: ConditionScope,
  target: Target,
  literals: readonly Literal[],
  isNegated: boolean,
): SelectCondition {
  const isRelative = literals.some(
    (each) => each.type === 'DATE_LITERAL' || each.type === 'DATE_N_LITERAL',
  )
  if (!isRelative) {
    const values = literals.map((each) => literalValue(scope.soql, target.field, each))
    const path = pathOf(target)
    const lists = slices(values).map(
      (some): SelectCondition => ({ kind: 'in', path, isNegated, values: some }),
    )
    return joined(isNegated ? 'and' : 'or', lists)
  }
  const conditions = literals.map((each) => compare(scope, target, isNegated ? '!=' : '=', each))
  return { kind: isNegated ? 'and' : 'or', conditions }
}

type DateRange = { readonly from: FieldValue; readonly before: FieldValue }

/** From the first moment to before the one that follows; null when the literal is no relative date. */
function dateRange(
  scope: ConditionScope,
  field: FieldDefinition,
  literal: Literal,
): DateRange | null {
  if (literal.type !== 'DATE_LITERAL' && literal.type !== 'DATE_N_LITERAL') return null
  const { settings } = scope.definitions
  const { timeZone } = settings
  const relative = readRelativeDate(literal.text, dateCustomsOf(settings))
  const isDate = field.type === 'date'
  if (!relative || (!isDate && field.type !== 'datetime')) {
    const message = `${literal.text} is no value for the ${field.type} field '${field.name}'`
    throw soqlError(scope.soql, 'INVALID_FIELD', literal.text, message)
  }
  const { start, end } = relative(localDay(timeZone, scope.now))
  const write = (day: number) => (isDate ? writeDay(day) : writeInstant(startOfDay(timeZone, day)))
  return { from: write(start), before: write(end + 1) }
}

function compareWithRange(
  path: Select['fields'][number],
  operator: Comparison,
  { from, before }: DateRange,
): SelectCondition {
  const bound = (comparison: Comparison, value: FieldValue): SelectCondition => ({
    kind: 'compare',
    path,
    comparison,
    value,
  })
  switch (operator) {
    case '=':
      return { kind: 'and', conditions: [bound('>=', from), bound('<', before)] }
    case '!=':
      return { kind: 'or', conditions: [bound('<', from), bound('>=', before), bound('=', null)] }
    case '<':
      return bound('<', from)
    case '<=':
      return bound('<', before)
    case '>':
      return bound('>=', before)
    default:
      return bound('>=', from)
  }
}

function literalsOf(
  value: string | readonly string[],
  types: LiteralType | readonly LiteralType[] | undefined,
): readonly Literal[] {
  const texts = typeof value === 'string' ? [value] : value
  return texts.map((text, index) => ({
    text,
    type: typeof types === 'object' ? types[index] : types,
  }))
}

function isText({ type }: FieldDefinition): boolean {
  return ![
    'boolean',
    'int',
    'double',
    'currency',
    'percent',
    'date',
    'datetime',
    'time',
    'id',
    'reference',
  ].includes(type)
}

function wrongOperator(scope: ConditionScope, field: FieldDefinition, operator: string) {
  const message = `invalid operator on ${field.type} field '${field.name}': ${operator}`
  return soqlError(scope.soql, 'INVALID_QUERY_FILTER_OPERATOR', field.name, message)
}
