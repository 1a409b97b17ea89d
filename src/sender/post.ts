import type { HttpReply } from '../egress/http-reply.ts'
import type { Http } from '../egress/post.ts'
import type { HttpTimeouts } from '../egress/timeouts.ts'
import { keepHeaders } from './keep-headers.ts'

/** Posts one envelope. Trouble on the network is a reply too; the signal cancels what is in flight. */
export type Post = (url: string, body: string, signal: AbortSignal) => Promise<HttpReply>

/** Salesforce's headers (wire captures: both quotes of SOAPAction are sent). */
const HEADERS = {
  'Content-Type': 'text/xml; charset=UTF-8',
  SOAPAction: '""',
  Accept: 'text/xml',
  'User-Agent': 'OBM',
}

/** Posts through the guarded client. */
export function openPost(http: Pick<Http, 'request'>, timeouts: HttpTimeouts): Post {
  return (url, body, signal) =>
    http.request({
      method: 'POST',
      url,
      headers: HEADERS,
      body,
      timeouts,
      signal,
    })
}

/** The headers of a POST of so many bytes, as the attempt log keeps them. */
export function headersOfPost(endpointUrl: string, bytes: number): string {
  const url = URL.parse(endpointUrl)
  const hasCredentials = url !== null && (url.username !== '' || url.password !== '')
  return keepHeaders([
    ['host', url?.host ?? ''],
    ...Object.entries(HEADERS),
    ...(hasCredentials ? ([['authorization', 'Basic']] as const) : []),
    ['content-length', String(bytes)],
  ])
}
