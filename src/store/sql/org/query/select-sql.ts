import type { FieldPath, Select } from '../../../../org/select.ts'
import type { Dialect, SqlValue } from '../../op.ts'
import { readExpression } from '../tables/column-values.ts'
import {
  DELETED_COLUMN,
  type ObjectColumn,
  type ObjectTable,
  quoteName,
} from '../tables/columns.ts'
import { conditionSql } from './condition-sql.ts'

/** A query as SQL, with the columns that its rows give in order. */
export type SelectSql = {
  readonly sql: string
  readonly params: readonly SqlValue[]
  readonly columns: readonly ObjectColumn[]
}

/** What turning a query into SQL goes by; joins and parameters are collected on the way. */
export type SelectBuild = {
  readonly dialect: Dialect
  tableOf(objectName: string): ObjectTable
  /** The column a path ends in and its table's alias; joins what is on the way. */
  locate(path: FieldPath): { readonly column: ObjectColumn; readonly alias: string }
  readonly params: SqlValue[]
  /** Deeper queries take their aliases from the same count. */
  readonly aliases: { count: number }
}

type Surroundings = Pick<SelectBuild, 'dialect' | 'tableOf'>

/** Compiles a query: names are columns already, values are parameters. */
export function selectSql(surroundings: Surroundings, select: Select): SelectSql {
  const params: SqlValue[] = []
  const { sql, columns } = buildSelect({ ...surroundings, params, aliases: { count: 0 } }, select)
  return { sql, params, columns }
}

/** The SELECT itself; parameters go to the given list, in the order of their marks. */
export function buildSelect(
  outer: Omit<SelectBuild, 'locate'>,
  select: Select,
): { readonly sql: string; readonly columns: readonly ObjectColumn[] } {
  const root = nextAlias(outer.aliases)
  const joins: string[] = []
  const build = { ...outer, locate: locator({ ...outer, root, joins }, select) }

  const located = select.fields.map(build.locate)
  const list = select.isCount
    ? 'count(*) AS v0'
    : located
        .map(
          ({ column, alias }, index) =>
            `${readExpression(column, alias, outer.dialect)} AS v${index}`,
        )
        .join(', ')
  const where = select.condition ? conditionSql(build, select.condition) : null
  const alive = select.includeDeleted ? null : `${root}.${quoteName(DELETED_COLUMN)} = 0`
  const conditions = [alive, where].filter((each) => each !== null)
  const order = select.isCount ? '' : orderSql(build, select, root)
  const table = quoteName(outer.tableOf(select.objectName).name)
  const sql = [
    `SELECT ${list} FROM ${table} ${root}`,
    ...joins,
    conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    order,
    limitSql(build, select),
  ].filter((part) => part !== '')
  return { sql: sql.join(' '), columns: located.map(({ column }) => column) }
}

function nextAlias(aliases: { count: number }): string {
  aliases.count += 1
  return `t${aliases.count}`
}

type Joining = Omit<SelectBuild, 'locate'> & { readonly root: string; readonly joins: string[] }

function locator(joining: Joining, select: Select): SelectBuild['locate'] {
  const known = new Map<string, string>()
  return (path) => {
    let objectName = select.objectName
    let alias = joining.root
    let walked = ''
    for (const hop of path.hops) {
      walked += `/${hop.field}>${hop.objectName}`.toLowerCase()
      const from = columnIn(joining.tableOf(objectName), hop.field)
      let next = known.get(walked)
      if (!next) {
        next = nextAlias(joining.aliases)
        const table = quoteName(joining.tableOf(hop.objectName).name)
        joining.joins.push(
          `LEFT JOIN ${table} ${next} ON ${next}."id" = ${alias}.${quoteName(from.name)}`,
        )
        known.set(walked, next)
      }
      alias = next
      objectName = hop.objectName
    }
    return { column: columnIn(joining.tableOf(objectName), path.field), alias }
  }
}

function columnIn(table: ObjectTable, field: string): ObjectColumn {
  const column = table.byField.get(field.toLowerCase())
  if (!column) throw new Error(`${table.object.name} keeps no field ${field}`)
  return column
}

function orderSql(build: SelectBuild, select: Select, root: string): string {
  const terms = select.orderBy.map(({ path, descending, nullsLast }) => {
    const { column, alias } = build.locate(path)
    const way = descending ? 'DESC' : 'ASC'
    return `${sortExpression(build.dialect, column, alias)} ${way} NULLS ${nullsLast ? 'LAST' : 'FIRST'}`
  })
  // Ids last, so that both stores give rows that are equal otherwise in one order.
  return `ORDER BY ${[...terms, `${root}."id"`].join(', ')}`
}

/** What a column sorts and compares by: bytes of the folded text, so that both stores agree. */
export function sortExpression(dialect: Dialect, column: ObjectColumn, alias: string): string {
  const name = `${alias}.${quoteName(column.folded ?? column.name)}`
  return column.kind === 'text' && dialect.name === 'postgres' ? `${name} COLLATE "C"` : name
}

function limitSql(build: SelectBuild, select: Select): string {
  if (select.limit === null && select.offset === 0) return ''
  build.params.push(String(select.limit ?? 2_000_000_000), String(select.offset))
  return 'LIMIT CAST(? AS BIGINT) OFFSET CAST(? AS BIGINT)'
}
