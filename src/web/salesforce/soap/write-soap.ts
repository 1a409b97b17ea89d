import { escapeXmlText } from '../../../base/xml.ts'

/** `u`: Partner, records of any object. `c`: Enterprise, records typed by their object. */
export type SoapApi = 'u' | 'c'

const API_WORD = { u: 'partner', c: 'enterprise' } as const

/**
 * The answer's envelope. jsforce finds nothing, and says nothing, unless Envelope and Body are prefixed, the
 * Body has no attributes and the answer's own elements have no prefix; PHP needs the prefix `sf` for fields.
 */
export function writeEnvelope(api: SoapApi, operation: string, results: string): string {
  const word = API_WORD[api]
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ` xmlns="urn:${word}.soap.sforce.com" xmlns:sf="urn:sobject.${word}.soap.sforce.com"` +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<soapenv:Body><${operation}Response>${results}</${operation}Response></soapenv:Body></soapenv:Envelope>`
  )
}

export type SoapFault = {
  /** Salesforce's exception code, as INVALID_SESSION_ID. */
  readonly errorCode: string
  readonly message: string
  /** Where in a query, from 1; null when no place is known. */
  readonly row: number | null
  readonly column: number | null
}

/** The fault's type in the detail, by code: its elements differ. */
const QUERY_FAULTS: ReadonlyMap<string, string> = new Map([
  ['MALFORMED_QUERY', 'MalformedQueryFault'],
  ['INVALID_FIELD', 'InvalidFieldFault'],
  ['INVALID_TYPE', 'InvalidSObjectFault'],
])
const OTHER_FAULTS: ReadonlyMap<string, string> = new Map([
  ['INVALID_LOGIN', 'LoginFault'],
  ['INVALID_QUERY_LOCATOR', 'InvalidQueryLocatorFault'],
  ['MALFORMED_ID', 'InvalidIdFault'],
])

/** A fault as Salesforce writes it; its status is always 500. */
export function writeSalesforceFault(api: SoapApi, fault: SoapFault): string {
  const { errorCode } = fault
  const message = escapeXmlText(fault.message)
  const queryFault = QUERY_FAULTS.get(errorCode)
  const type = queryFault ?? OTHER_FAULTS.get(errorCode) ?? 'UnexpectedErrorFault'
  const place = queryFault
    ? `<sf:row>${fault.row ?? -1}</sf:row><sf:column>${fault.column ?? -1}</sf:column>`
    : ''
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ` xmlns:sf="urn:fault.${API_WORD[api]}.soap.sforce.com"` +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>' +
    `<faultcode>sf:${errorCode}</faultcode><faultstring>${errorCode}: ${message}</faultstring>` +
    `<detail><sf:${type} xsi:type="sf:${type}"><sf:exceptionCode>${errorCode}</sf:exceptionCode>` +
    `<sf:exceptionMessage>${message}</sf:exceptionMessage>${place}</sf:${type}></detail>` +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  )
}

/** `<name>text</name>`, or a nil element for null. */
export function writeText(name: string, value: string | number | boolean | null): string {
  if (value === null) return `<${name} xsi:nil="true"/>`
  return `<${name}>${typeof value === 'string' ? escapeXmlText(value) : value}</${name}>`
}
