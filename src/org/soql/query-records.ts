import type { RecordId } from '../../schema/record-id.ts'
import { knownUser } from '../known-names.ts'
import type { Org } from '../open-org.ts'
import { OrgRefusal } from '../refusal.ts'
import type { SelectRow } from '../select.ts'
import { type CompiledQuery, compileSoql } from './compile-soql.ts'
import { computeFormulas } from './compute-formulas.ts'
import type { QueryAnswer } from './queried-record.ts'
import { columnsOf, shapeRow } from './shape-rows.ts'

/** A query that takes longer is ended with QUERY_TIMEOUT. */
const QUERY_DEADLINE_MS = 30_000
/** Records one query answers; they are held in memory until they are fetched. */
export const QUERY_ROWS_MAX = 50_000

export type QueryOptions = {
  /** Fields that this user's profile may not read are unknown to the query. */
  readonly userId: RecordId
  /** Also deleted records: queryAll. */
  readonly includeDeleted: boolean
}

/**
 * Answers a SOQL query. Throws SoqlError for what is wrong with its text, and an OrgRefusal with
 * OPERATION_TOO_LARGE when it finds more than 50,000 records.
 */
export async function queryRecords(
  org: Org,
  soql: string,
  { userId, includeDeleted }: QueryOptions,
): Promise<QueryAnswer> {
  const user = await knownUser(org, userId)
  const definitions = await org.latest()
  const { permissions } = user
  const query = compileSoql(soql, {
    definitions,
    permissions,
    now: org.clock.now(),
    includeDeleted,
  })
  const { object, shape } = query
  const about = { objectName: object.name, keyPrefix: object.keyPrefix, isGrouped: false }
  const rows = await readRows(org, query)
  if (shape === null) {
    const count = Math.min(
      Number(rows[0]?.[0] ?? 0),
      query.select.limit ?? Number.POSITIVE_INFINITY,
    )
    return { ...about, totalSize: count, records: [], columns: [] }
  }
  const formulas = await computeFormulas(org, user, { shape, rows, definitions })
  const records = rows.flatMap((row) => shapeRow(shape, row, formulas) ?? [])
  return { ...about, totalSize: records.length, records, columns: columnsOf(shape) }
}

async function readRows(org: Org, { select }: CompiledQuery): Promise<readonly SelectRow[]> {
  const { limit } = select
  // Salesforce's LIMIT 0 answers nothing; of what has no limit one more than allowed is asked for, to know.
  const asked = limit === null || limit > QUERY_ROWS_MAX ? QUERY_ROWS_MAX + 1 : limit
  const bounded = select.isCount
    ? { ...select, limit: null, offset: 0 }
    : { ...select, limit: asked }
  const rows = await org.store.select(bounded, QUERY_DEADLINE_MS)
  if (rows.length <= QUERY_ROWS_MAX) return rows
  throw new OrgRefusal(
    'OPERATION_TOO_LARGE',
    `the query finds more than ${QUERY_ROWS_MAX} records: narrow its WHERE or give it a LIMIT`,
  )
}
