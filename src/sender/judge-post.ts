import { hostOf } from '../base/endpoint-url.ts'
import { maskUrl } from '../base/secrets/mask-url.ts'
import type { HttpReply, TransportFailure } from '../egress/http-reply.ts'
import { retryAfterMs } from '../egress/retry-after.ts'
import { judgeReply } from '../wire/ack.ts'
import { MISSED_CERTIFICATE, transportFailureText } from '../wire/failure-text.ts'
import type { Attempt } from './attempt-log.ts'

/** What a POST came to: what the answer says, or what the network did, in the words administrators know. */
export function judgePost(
  reply: HttpReply,
  endpointUrl: string,
  mask: Attempt['mask'],
): Pick<Attempt, 'outcome' | 'tolerances'> {
  if (reply.kind === 'failed') {
    const host = URL.canParse(endpointUrl) ? hostOf(new URL(endpointUrl)) : maskUrl(endpointUrl)
    const reason = transportFailureText(reply.code, host, reply.missedCertificate)
    return { outcome: { kind: failedKind(reply), reason }, tolerances: [] }
  }
  const judgement = judgeReply(reply)
  if (judgement.kind === 'acknowledged') {
    return { outcome: { kind: 'acknowledged' }, tolerances: judgement.tolerances }
  }
  const isMissed = reply.missedCertificate === true && reply.status >= 400
  const missed = isMissed ? ` ${MISSED_CERTIFICATE}` : ''
  // A listener's fault may quote what it was sent.
  const reason = `${mask(judgement.reason)}${missed}`
  const asked = isPauseAsked(reply.status) ? retryAfterMs(reply.headers) : null
  if (judgement.kind === 'unanswered' && asked !== null) {
    return { outcome: { ...judgement, reason, retryAfterMs: asked }, tolerances: [] }
  }
  return { outcome: { ...judgement, reason }, tolerances: [] }
}

/** Too Many Requests, Service Unavailable. */
function isPauseAsked(status: number): boolean {
  return status === 429 || status === 503
}

/** A listener that answers too much, or packs it wrongly, did answer: like a page without an Ack, it refuses. */
function failedKind({ code, status = 0 }: TransportFailure): 'refused' | 'unanswered' {
  const isAnswer = code === 'ANSWER_TOO_LARGE' || code === 'BAD_PACKING'
  const isListeners = status >= 200 && status < 500 && status !== 429
  return isAnswer && isListeners ? 'refused' : 'unanswered'
}
