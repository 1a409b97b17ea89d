import { unreachable } from '../../../../base/unreachable.ts'
import type { Comparison, FieldPath, SelectCondition } from '../../../../org/select.ts'
import type { FieldValue } from '../../../../schema/field-value.ts'
import type { SqlValue } from '../../op.ts'
import { scaled } from '../tables/column-values.ts'
import { fold, type ObjectColumn, quoteName } from '../tables/columns.ts'
import { buildSelect, type SelectBuild, sortExpression } from './select-sql.ts'

/** A condition as SQL; its values go to the build's parameters. */
export function conditionSql(build: SelectBuild, condition: SelectCondition): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.conditions.map((each) => conditionSql(build, each))
      return `(${parts.join(condition.kind === 'and' ? ' AND ' : ' OR ')})`
    }
    case 'not':
      return `NOT coalesce(${conditionSql(build, condition.condition)}, ${falsehood(build)})`
    case 'compare':
      return compareSql(build, condition.path, condition.comparison, condition.value)
    case 'in':
      return inSql(build, condition)
    case 'inSelect': {
      const { column, alias } = build.locate(condition.path)
      const { sql } = buildSelect(build, condition.select)
      const name = `${alias}.${quoteName(column.name)}`
      return condition.isNegated
        ? `(${name} IS NULL OR ${name} NOT IN (SELECT v0 FROM (${sql}) q WHERE v0 IS NOT NULL))`
        : `${name} IN (${sql})`
    }
    default:
      return unreachable(condition)
  }
}

/** As a list: PostgreSQL plans long chains of comparisons with what an index has in the square of their length. */
function inSql(
  build: SelectBuild,
  { path, values, isNegated }: Extract<SelectCondition, { kind: 'in' }>,
): string {
  if (values.length === 0) return isNegated ? '1 = 1' : '1 = 0'
  const { column, alias } = build.locate(path)
  const name = sortExpression(build.dialect, column, alias)
  const given = values.filter((value) => value !== null)
  for (const value of given) build.params.push(parameter(build, column, value))
  const marks = given.map(() => '?').join(', ')
  const hasBlank = given.length < values.length
  if (given.length === 0) return `${name} IS ${isNegated ? 'NOT ' : ''}NULL`
  if (!isNegated)
    return hasBlank ? `(${name} IN (${marks}) OR ${name} IS NULL)` : `${name} IN (${marks})`
  // As with `!=`, a blank is unequal to any value.
  return hasBlank ? `${name} NOT IN (${marks})` : `(${name} NOT IN (${marks}) OR ${name} IS NULL)`
}

function falsehood(build: SelectBuild): string {
  return build.dialect.name === 'sqlite' ? '0' : 'FALSE'
}

function compareSql(
  build: SelectBuild,
  path: FieldPath,
  comparison: Comparison,
  value: FieldValue,
): string {
  const { column, alias } = build.locate(path)
  const name = sortExpression(build.dialect, column, alias)
  switch (comparison) {
    case 'includes':
    case 'excludes':
      return listSql(build, name, comparison, String(value ?? ''))
    case 'like':
      build.params.push(fold(String(value ?? '')))
      return `${name} LIKE ? ESCAPE '\\'`
    case '=':
      if (value === null) return `${name} IS NULL`
      build.params.push(parameter(build, column, value))
      return `${name} = ?`
    case '!=':
      if (value === null) return `${name} IS NOT NULL`
      build.params.push(parameter(build, column, value))
      return `(${name} <> ? OR ${name} IS NULL)` // as at Salesforce: a blank is unequal to any value
    default:
      if (value === null) return '1 = 0'
      build.params.push(parameter(build, column, value))
      return `${name} ${comparison} ?`
  }
}

/** Of a multi-select picklist: every one of the values joined with `;` is selected. */
function listSql(
  build: SelectBuild,
  name: string,
  comparison: 'includes' | 'excludes',
  value: string,
): string {
  const parts = value.split(';').map((each) => {
    build.params.push(`%;${fold(each).replaceAll(/[\\%_]/g, '\\$&')};%`)
    return `(';' || ${name} || ';') LIKE ? ESCAPE '\\'`
  })
  const all = `(${parts.join(' AND ')})`
  return comparison === 'includes' ? all : `(${name} IS NULL OR NOT ${all})`
}

function parameter(build: SelectBuild, column: ObjectColumn, value: FieldValue): SqlValue {
  if (column.folded) return fold(String(value))
  if (column.kind !== 'number' || build.dialect.name === 'postgres') return value
  // An integer column against what lies between two of its steps: SQLite compares the two kinds exactly.
  const text = String(value)
  const isWhole = (text.split('.')[1] ?? '').length <= column.scale
  return isWhole ? scaled(text, column.scale) : Number(text) * 10 ** column.scale
}
