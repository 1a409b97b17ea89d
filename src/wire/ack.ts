import { STATUS_CODES } from 'node:http'
import { OUTBOUND_NAMESPACE, SOAP_NAMESPACE } from './envelope.ts'
import { type ReplyReading, readReply } from './read-reply.ts'

/** The listener's answer for all notifications of a message: the same bytes every time. */
export function writeAck(acknowledged: boolean): string {
  return acknowledged ? ACK_TRUE : ACK_FALSE
}

/** What came back for one POST. `headers` by lower-case name. */
export type Reply = {
  readonly status: number
  readonly headers?: ReadonlyMap<string, string>
  readonly body: string | Uint8Array
}

/** What an answer means for the notifications of its POST, and for their lane. */
export type Judgement =
  /** Delivered. `tolerances` names what Salesforce's documentation does not promise to accept. */
  | { readonly kind: 'acknowledged'; readonly tolerances: readonly string[] }
  /** The listener answered, but took nothing: these notifications are retried, the lane stays open. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No listener spoke: counts towards the lane's breaker. */
  | { readonly kind: 'unanswered'; readonly reason: string }

/** What Salesforce's administrators see when `Ack` is false (KB 000381752). */
export const NACK_REASON = 'SOAP response was a nack'

/** Judges an answer; `reason` is the Delivery Failure Reason, in the words administrators know. */
export function judgeReply({ status, headers, body }: Reply): Judgement {
  if (status === 429) return { kind: 'unanswered', reason: statusText(status) }
  if (status >= 300 && status < 400) return { kind: 'refused', reason: statusText(status) }
  const reading = readReply(body)
  if (status < 200 || status >= 400) return judgeHttpError(status, reading)
  return judgeSuccess(status, reading, headers?.get('content-type'))
}

function writeAckText(acknowledged: boolean): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE}">
 <soapenv:Body>
  <notificationsResponse xmlns="${OUTBOUND_NAMESPACE}"><Ack>${acknowledged}</Ack></notificationsResponse>
 </soapenv:Body>
</soapenv:Envelope>`
}

const ACK_TRUE = writeAckText(true)
const ACK_FALSE = writeAckText(false)

function judgeHttpError(status: number, reading: ReplyReading): Judgement {
  const soap = reading.kind === 'soap'
  const reason = (soap && reading.faultstring) || statusText(status)
  return { kind: status >= 500 && !soap ? 'unanswered' : 'refused', reason }
}

function judgeSuccess(
  status: number,
  reading: ReplyReading,
  contentType: string | undefined,
): Judgement {
  if (reading.kind === 'unreadable') return { kind: 'refused', reason: reading.reason }
  const { faultstring, acks, tolerances } = reading
  if (faultstring !== null) return { kind: 'refused', reason: faultstring || 'SOAP fault' }
  const [first] = acks
  if (first === undefined) {
    return { kind: 'refused', reason: 'SOAP response holds no Ack: expected <Ack>true</Ack>' }
  }
  if (!acks.every(isTrue)) return { kind: 'refused', reason: NACK_REASON }
  const used = [...tolerances]
  if (status !== 200) used.push(`status ${status}`)
  if (contentType !== undefined && !/^\s*text\/xml\s*(;|$)/i.test(contentType)) {
    used.push('content type')
  }
  if (acks.length > 1) used.push('several Acks')
  if (acks.some((ack) => ack.trim() === '1')) used.push('Ack is 1')
  if (acks.some((ack) => ack !== ack.trim())) used.push('white space in Ack')
  return { kind: 'acknowledged', tolerances: used }
}

function isTrue(ack: string): boolean {
  const text = ack.trim()
  return text === 'true' || text === '1'
}

/** As Axis words it: `(404)Not Found`. */
function statusText(status: number): string {
  return `(${status})${STATUS_CODES[status] ?? ''}`
}
