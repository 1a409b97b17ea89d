import { decodeXml } from '../../base/encoding/xml-decoder.ts'
import {
  attributeOf,
  escapeXmlText,
  parseXmlTree,
  type XmlElement,
  XmlError,
} from '../../base/xml.ts'
import type { HttpAnswer } from '../../egress/http-reply.ts'
import type { Http } from '../../egress/post.ts'
import { XSI_NAMESPACE } from '../../wire/envelope.ts'

const PARTNER_NAMESPACE = 'urn:partner.soap.sforce.com'

/** Answers of three rows are small; more is not read. */
const ANSWER_BYTES_MAX = 1024 * 1024

/** What an org said to a call. */
export type PartnerAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** It refused; `code` is Salesforce's, without prefix: INVALID_SESSION_ID … */
  | { readonly kind: 'fault'; readonly code: string; readonly text: string }
  /** No answer, or none that we can read: it may do later. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** The operator lets nothing go to this address. */
  | { readonly kind: 'not allowed'; readonly reason: string }

export type UserInfo = {
  readonly userId: string
  readonly profileId: string
  readonly organizationId: string
}

/** A row's fields by lower-case name; null and empty are both null. */
export type PartnerRow = ReadonlyMap<string, string | null>

/** The two calls of Salesforce's SOAP Partner API that Actian's recipe needs. */
export type PartnerClient = {
  getUserInfo(): Promise<PartnerAnswer<UserInfo>>
  query(soql: string): Promise<PartnerAnswer<readonly PartnerRow[]>>
}

/** Speaks to one org with one session id, until `signal` aborts. */
export function openPartnerClient(
  http: Pick<Http, 'request'>,
  session: { readonly url: string; readonly sessionId: string; readonly signal: AbortSignal },
): PartnerClient {
  const call = async (inner: string): Promise<PartnerAnswer<XmlElement>> => {
    const reply = await http.request({
      method: 'POST',
      url: session.url,
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: requestOf(session.sessionId, inner),
      maxBytes: ANSWER_BYTES_MAX,
      signal: session.signal,
    })
    if (reply.kind === 'answered') return readReply(reply)
    const kind = reply.code.startsWith('EGRESS_') ? 'not allowed' : 'unanswered'
    return { kind, reason: reply.reason }
  }

  return {
    getUserInfo: async () =>
      mapAnswer(await call('<u:getUserInfo/>'), (result) => ({
        userId: textOf(result, 'userId') ?? '',
        profileId: textOf(result, 'profileId') ?? '',
        organizationId: textOf(result, 'organizationId') ?? '',
      })),
    query: async (soql) => {
      const inner = `<u:query><u:queryString>${escapeXmlText(soql)}</u:queryString></u:query>`
      return mapAnswer(await call(inner), (result) =>
        result.children.filter(({ local }) => local === 'records').map(rowOf),
      )
    },
  }
}

function requestOf(sessionId: string, inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="${PARTNER_NAMESPACE}"><e:Header><u:SessionHeader><u:sessionId>${escapeXmlText(sessionId)}</u:sessionId></u:SessionHeader></e:Header><e:Body>${inner}</e:Body></e:Envelope>`
}

function readReply(reply: HttpAnswer): PartnerAnswer<XmlElement> {
  const content = soapBodyOf(reply.body)
  if (content?.local === 'Fault') {
    const code = textOf(content, 'faultcode') ?? ''
    const text = textOf(content, 'faultstring') ?? ''
    return { kind: 'fault', code: code.slice(code.indexOf(':') + 1).trim(), text }
  }
  const result = content?.children.find(({ local }) => local === 'result')
  if (reply.status !== 200 || !result) {
    return { kind: 'unanswered', reason: `HTTP ${reply.status} without a SOAP result` }
  }
  return { kind: 'answered', value: result }
}

function soapBodyOf(body: Uint8Array): XmlElement | undefined {
  try {
    const envelope = parseXmlTree(decodeXml(body))
    return envelope.children.find(({ local }) => local === 'Body')?.children[0]
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

function mapAnswer<A, B>(answer: PartnerAnswer<A>, map: (value: A) => B): PartnerAnswer<B> {
  return answer.kind === 'answered' ? { kind: 'answered', value: map(answer.value) } : answer
}

function rowOf(record: XmlElement): PartnerRow {
  return new Map(record.children.map((field) => [field.local.toLowerCase(), contentOf(field)]))
}

function textOf(element: XmlElement, local: string): string | null {
  const child = element.children.find((each) => each.local === local)
  return child ? contentOf(child) : null
}

function contentOf(element: XmlElement): string | null {
  const isNil = attributeOf(element, XSI_NAMESPACE, 'nil') === 'true'
  return isNil || element.text === '' ? null : element.text
}
