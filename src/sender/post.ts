import { remembered } from '../base/cache/remembered.ts'
import { URL_LENGTH_MAX } from '../base/endpoint-url.ts'
import type { HttpReply } from '../egress/http-reply.ts'
import type { Http } from '../egress/post.ts'
import type { HttpTimeouts } from '../egress/timeouts.ts'
import type { TlsIdentity } from '../egress/tls/tls-identity.ts'
import { keepHeaders } from './keep-headers.ts'

/**
 * Posts one envelope. Trouble on the network is a reply too; the signal cancels what is in flight, and the outbound
 * message's key, `Account.Notify_ERP`, says which client certificate is shown.
 */
export type Post = (
  url: string,
  body: string,
  signal: AbortSignal,
  messageKey: string,
) => Promise<HttpReply>

/** Which certificate is shown on behalf of an outbound message. */
export type IdentityOf = (messageKey: string) => TlsIdentity

/** Salesforce's headers (wire captures: both quotes of SOAPAction are sent). */
const HEADERS = {
  'Content-Type': 'text/xml; charset=UTF-8',
  SOAPAction: '""',
  Accept: 'text/xml',
  'User-Agent': 'OBM',
}

/** Posts through the guarded client. */
export function openPost(
  http: Pick<Http, 'request'>,
  timeouts: HttpTimeouts,
  identityOf?: IdentityOf,
): Post {
  return (url, body, signal, messageKey) =>
    http.request({
      method: 'POST',
      url,
      headers: HEADERS,
      body,
      timeouts,
      identity: identityOf?.(messageKey),
      signal,
    })
}

/** The headers of a POST of so many bytes, as the attempt log keeps them. */
export function headersOfPost(endpointUrl: string, bytes: number): string {
  return `${headersTo(endpointUrl)}${keepHeaders([['content-length', String(bytes)]])}`
}

const headersTo = remembered(
  (endpointUrl) => {
    const url = URL.parse(endpointUrl)
    const hasCredentials = url !== null && (url.username !== '' || url.password !== '')
    return keepHeaders([
      ['host', url?.host ?? ''],
      ...Object.entries(HEADERS),
      ...(hasCredentials ? ([['authorization', 'Basic']] as const) : []),
    ])
  },
  { countMax: 1000, lengthMax: URL_LENGTH_MAX },
)
