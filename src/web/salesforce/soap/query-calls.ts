import { tryRecordId } from '../../../schema/record-id.ts'
import { ApiError } from '../../api-error.ts'
import type { QueryPage } from '../query-locators.ts'
import { requireAtMost } from '../rest/collections.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { missingArgument, type SoapCall, soapUser } from './soap-call.ts'
import { childrenOf, childText } from './soap-element.ts'
import { writeSobject } from './sobject-xml.ts'
import { type SoapApi, writeText } from './write-soap.ts'

/** Ids of one `retrieve`. */
const RETRIEVE_MAX = 2000

export async function query(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  return runQuery(ports, call, false)
}

/** `queryAll`: deleted records too. */
export async function queryAll(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  return runQuery(ports, call, true)
}

export async function queryMore(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const { userId } = await soapUser(ports, call)
  const page = ports.locators.page(userId, childText(call.call, 'queryLocator') ?? '')
  if (!page) throw new ApiError(500, 'INVALID_QUERY_LOCATOR', 'Invalid Query Locator')
  return writePage(page, call.api)
}

/** `retrieve`: one result for each id, nil for what is not there. */
export async function retrieve(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const { userId } = await soapUser(ports, call)
  const objectName = childText(call.call, 'sObjectType')
  const fieldList = childText(call.call, 'fieldList')
  if (!objectName) throw missingArgument('sObjectType')
  if (!fieldList) throw missingArgument('fieldList')
  const ids = childrenOf(call.call, 'ids')
  requireAtMost(ids.length, RETRIEVE_MAX)
  const recordIds = ids.map(({ text }) => {
    const recordId = tryRecordId(text.trim())
    if (recordId === null) throw new ApiError(500, 'MALFORMED_ID', `malformed id ${text.trim()}`)
    return recordId
  })
  const fields = fieldList.split(',').map((name) => name.trim())
  const records = await ports.org.retrieve({ userId, objectName, recordIds, fields })
  return records
    .map((record) =>
      record ? writeSobject('result', record, call.api) : writeText('result', null),
    )
    .join('')
}

async function runQuery(
  ports: SalesforcePorts,
  call: SoapCall,
  includeDeleted: boolean,
): Promise<string> {
  const { userId } = await soapUser(ports, call)
  const soql = childText(call.call, 'queryString')
  if (!soql) throw missingArgument('queryString')
  const answer = await ports.org.query(soql, { userId, includeDeleted })
  return writePage(ports.locators.firstPage(userId, answer, call.pageSize), call.api)
}

function writePage({ records, totalSize, nextLocator }: QueryPage, api: SoapApi): string {
  return (
    `<result xsi:type="QueryResult">${writeText('done', nextLocator === null)}` +
    writeText('queryLocator', nextLocator) +
    records.map((record) => writeSobject('records', record, api)).join('') +
    `${writeText('size', totalSize)}</result>`
  )
}
