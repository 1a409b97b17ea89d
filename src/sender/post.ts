import type { HttpReply } from '../egress/http-reply.ts'
import type { Http } from '../egress/post.ts'

/** Posts one envelope. Trouble on the network is a reply too; the signal cancels what is in flight. */
export type Post = (url: string, body: string, signal: AbortSignal) => Promise<HttpReply>

/** Salesforce's headers (wire captures: both quotes of SOAPAction are sent). */
const HEADERS = {
  'content-type': 'text/xml; charset=UTF-8',
  soapaction: '""',
  accept: 'text/xml',
  'user-agent': 'OBM',
}

/** Posts through the guarded client. `timeoutMs` is for the whole, 20 s at Salesforce. */
export function openPost(http: Pick<Http, 'request'>, timeoutMs: number): Post {
  return (url, body, signal) =>
    http.request({
      method: 'POST',
      url,
      headers: HEADERS,
      body,
      timeouts: { totalMs: timeoutMs },
      signal,
    })
}
