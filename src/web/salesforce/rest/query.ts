import type { FastifyInstance } from 'fastify'
import type { QueryAnswer, QueryColumn } from '../../../org/soql/queried-record.ts'
import { isNumberType } from '../../../schema/field-value.ts'
import { ApiError } from '../../api-error.ts'
import { PAGE_SIZE_MAX, pageSizeWithin, type QueryPage } from '../query-locators.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { recordJson } from './record-json.ts'
import { addResource, type RestAnswer, type RestCall } from './rest-call.ts'

/** `/query?q=`, `/queryAll?q=` (deleted records too) and `/query/LOCATOR` for the pages that follow. */
export function addQueryResources(app: FastifyInstance, ports: SalesforcePorts): void {
  addResource(app, ports, '/query', { GET: (call) => answerQuery(ports, call, false) })
  addResource(app, ports, '/queryAll', { GET: (call) => answerQuery(ports, call, true) })
  addResource(app, ports, '/query/:locator', { GET: (call) => answerPage(ports, call) })
  addResource(app, ports, '/queryAll/:locator', { GET: (call) => answerPage(ports, call) })
}

async function answerQuery(
  { org, locators }: SalesforcePorts,
  call: RestCall,
  includeDeleted: boolean,
): Promise<RestAnswer> {
  const soql = call.query.get('q')
  if (!soql) throw malformed('the query parameter q, a SOQL statement, is missing')
  const { userId } = call.user
  const answer = await org.query(soql, { userId, includeDeleted })
  if (call.query.get('columns')?.toLowerCase() === 'true') {
    return { status: 200, body: columnsJson(answer) }
  }
  const pageSize = pageSizeOf(call.header('sforce-query-options'))
  return { status: 200, body: pageJson(locators.firstPage(userId, answer, pageSize), call.version) }
}

async function answerPage({ locators }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const page = locators.page(call.user.userId, call.part('locator'))
  if (!page) {
    throw new ApiError(
      400,
      'INVALID_QUERY_LOCATOR',
      'invalid query locator: it is over after 15 minutes, run the query again',
    )
  }
  return { status: 200, body: pageJson(page, call.version) }
}

function pageJson({ records, totalSize, nextLocator }: QueryPage, version: string): unknown {
  const next = nextLocator !== null && {
    nextRecordsUrl: `/services/data/${version}/query/${nextLocator}`,
  }
  return {
    totalSize,
    done: nextLocator === null,
    ...next,
    records: records.map((record) => recordJson(record, version)),
  }
}

/** The header `Sforce-Query-Options: batchSize=500`. */
function pageSizeOf(header: string | null): number {
  const [, size] = /\bbatchSize\s*=\s*(\d{1,9})\b/i.exec(header ?? '') ?? []
  return size === undefined ? PAGE_SIZE_MAX : pageSizeWithin(Number(size))
}

/** What `&columns=true` answers instead of records: `sf` draws its table by it. */
function columnsJson({ objectName, keyPrefix, isGrouped, columns }: QueryAnswer): unknown {
  return {
    columnMetadata: columns.map(columnJson),
    entityName: objectName,
    groupBy: isGrouped,
    idSelected: columns.some(({ name }) => name === 'Id'),
    keyPrefix,
  }
}

function columnJson(column: QueryColumn): unknown {
  const { name, label, type } = column
  const isNumber = type !== null && isNumberType(type)
  const isBoolean = type === 'boolean'
  return {
    aggregate: column.isAggregate,
    apexType: isNumber ? 'Double' : isBoolean ? 'Boolean' : 'String',
    booleanType: isBoolean,
    columnName: name,
    custom: column.isCustom,
    displayName: label,
    foreignKeyName: null,
    insertable: true,
    joinColumns: column.joinColumns.map(columnJson),
    numberType: isNumber,
    textType: !isNumber && !isBoolean,
    updatable: true,
  }
}

function malformed(message: string): ApiError {
  return new ApiError(400, 'MALFORMED_QUERY', message)
}
