import type { OrderByClause, Query } from '@jetstreamapp/soql-parser-js'
import type { Instant } from '../../base/clock.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { Permissions } from '../people/permissions.ts'
import type { Select } from '../select.ts'
import { compileCondition, filterable } from './compile-condition.ts'
import { conditionTree } from './condition-tree.ts'
import { parseSoql } from './parse-soql.ts'
import { type NameScope, pathOf } from './resolve-path.ts'
import { compileSelectList, type OutputBranch } from './select-list.ts'
import { malformed, noSuchType, unsupported } from './soql-error.ts'

/** What a query is compiled for. */
export type SoqlScope = {
  readonly definitions: OrgDefinitions
  /** Fields that these do not show are unknown to the query. */
  readonly permissions: Permissions
  /** What TODAY and its like go by. */
  readonly now: Instant
  /** Also deleted records: queryAll. */
  readonly includeDeleted: boolean
}

/** A query, ready for the store; `shape` is null when it only counts. */
export type CompiledQuery = {
  readonly object: ObjectDefinition
  readonly select: Select
  readonly shape: OutputBranch | null
}

/** Salesforce's limits. */
const OFFSET_MAX = 2000
const SEMI_JOIN_DEPTH_MAX = 2

/** Compiles a query's text against the definitions. Throws SoqlError with Salesforce's codes, and its place. */
export function compileSoql(soql: string, scope: SoqlScope): CompiledQuery {
  return compileQuery(parseSoql(soql), soql, scope, 0)
}

function compileQuery(query: Query, soql: string, scope: SoqlScope, depth: number): CompiledQuery {
  refuseUnsupported(query, soql)
  const object = scope.definitions.objectOf(query.sObject ?? '')
  if (!object) throw noSuchType(soql, query.sObject ?? '')
  const { definitions, permissions, now, includeDeleted } = scope
  const names: NameScope = {
    soql,
    definitions,
    permissions,
    object,
    alias: query.sObjectAlias ?? null,
  }
  const isCount = isCountQuery(query, soql)
  const list = isCount ? null : compileSelectList(names, query)
  const compileInner = (inner: Query) => innerSelect(inner, soql, scope, depth + 1)
  const condition = query.where
    ? compileCondition({ ...names, now, compileInner }, conditionTree(query.where, soql))
    : null
  if ((query.offset ?? 0) > OFFSET_MAX) {
    throw malformed(soql, 'OFFSET', `Maximum SOQL offset allowed is ${OFFSET_MAX}`)
  }
  const select: Select = {
    objectName: object.name,
    fields: list?.paths ?? [],
    isCount,
    condition,
    orderBy: isCount ? [] : orderTerms(names, query.orderBy),
    limit: query.limit ?? null,
    offset: query.offset ?? 0,
    includeDeleted,
  }
  return { object, select, shape: list?.root ?? null }
}

/** A semi-join's query gives the one id field it names. */
function innerSelect(query: Query, soql: string, scope: SoqlScope, depth: number): Select {
  if (depth > SEMI_JOIN_DEPTH_MAX) {
    throw malformed(
      soql,
      null,
      `semi join sub-selects inside each other are limited to ${SEMI_JOIN_DEPTH_MAX}`,
    )
  }
  const { select, shape } = compileQuery(query, soql, scope, depth)
  const [only] = shape?.fields ?? []
  const source = only?.kind === 'field' ? only.sources[0] : undefined
  const path = source?.kind === 'row' ? select.fields[source.index] : undefined
  if (shape?.fields.length !== 1 || only?.kind !== 'field' || !path) {
    throw malformed(soql, query.sObject ?? null, 'semi join sub-selects must select one ID field')
  }
  if (only.field.type !== 'id' && only.field.type !== 'reference') {
    const message = `The inner select field '${only.field.name}' must be an ID field`
    throw malformed(soql, only.field.name, message)
  }
  return { ...select, fields: [path], orderBy: [] }
}

function isCountQuery(query: Query, soql: string): boolean {
  const counts = (query.fields ?? []).filter(
    (each) =>
      each.type === 'FieldFunctionExpression' &&
      each.functionName.toUpperCase() === 'COUNT' &&
      each.parameters.length === 0,
  )
  if (counts.length === 0) return false
  if (query.fields?.length === 1) return true
  throw malformed(soql, 'COUNT', 'Grouped field should not be aggregated: COUNT() must stand alone')
}

function orderTerms(names: NameScope, orderBy: Query['orderBy']): Select['orderBy'] {
  const clauses: readonly OrderByClause[] = orderBy === undefined ? [] : [orderBy].flat()
  return clauses.flatMap((clause) => {
    if (!('field' in clause)) throw unsupported(names.soql, 'ORDER', 'a function in ORDER BY')
    const descending = clause.order === 'DESC'
    // Nulls come first unless the query says otherwise, whichever way it sorts.
    const nullsLast = clause.nulls === 'LAST'
    return filterable(names, clause.field, 'sorted').map((target) => ({
      path: pathOf(target),
      descending,
      nullsLast,
    }))
  })
}

function refuseUnsupported(query: Query, soql: string): void {
  if (query.groupBy) throw unsupported(soql, 'GROUP', 'GROUP BY')
  if (query.having) throw unsupported(soql, 'HAVING', 'HAVING')
  if (query.usingScope) throw unsupported(soql, 'USING', 'USING SCOPE')
  if (query.withDataCategory) throw unsupported(soql, 'WITH', 'WITH DATA CATEGORY')
}
