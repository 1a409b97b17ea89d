import { decodeXml } from '../../../base/encoding/xml-decoder.ts'
import { ApiError } from '../../api-error.ts'
import { pageSizeWithin } from '../query-locators.ts'
import {
  childOf,
  childText,
  readSoapTree,
  readSoapTreeUntil,
  type SoapElement,
} from './soap-element.ts'

/** What a SOAP request asks, whatever prefixes it was written with. */
export type SoapRequest = {
  readonly sessionId: string | null
  readonly allOrNone: boolean
  readonly pageSize: number
  /** The element in the Body: its local name is the operation's. */
  readonly call: SoapElement
}

/** The text of a request's body. Throws XmlError for bytes that are none. */
export function soapText(body: unknown): string {
  if (!Buffer.isBuffer(body)) throw noEnvelope('nothing')
  return decodeXml(body)
}

/** The session that the Header names, without reading the Body. Throws as `readSoapRequest`. */
export function peekSessionId(text: string): string | null {
  return sessionIdOf(readSoapTreeUntil(text, 'Body'))
}

/** Reads an envelope. Throws XmlError for what is no XML and ApiError for what is no envelope. */
export function readSoapRequest(text: string): SoapRequest {
  const envelope = readSoapTree(text)
  if (envelope.local !== 'Envelope') throw noEnvelope(envelope.local)
  const call = childOf(envelope, 'Body')?.children[0]
  if (!call) throw noEnvelope('an envelope without an operation in its Body')

  const header = childOf(envelope, 'Header')
  const batchSize = childText(childOf(header, 'QueryOptions'), 'batchSize')
  return {
    sessionId: sessionIdOf(envelope),
    allOrNone: childText(childOf(header, 'AllOrNoneHeader'), 'allOrNone') === 'true',
    pageSize: pageSizeWithin(batchSize === null ? Number.NaN : Number(batchSize)),
    call,
  }
}

function sessionIdOf(envelope: SoapElement): string | null {
  const header = childOf(envelope, 'Header')
  return childText(childOf(header, 'SessionHeader'), 'sessionId') || null
}

function noEnvelope(found: string): ApiError {
  return new ApiError(
    500,
    'INVALID_SOAP',
    `expected a SOAP 1.1 Envelope with a Body that holds one operation, found ${found}`,
  )
}
