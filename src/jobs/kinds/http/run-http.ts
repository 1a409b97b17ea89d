import type { Clock } from '../../../base/clock.ts'
import { maskUrl } from '../../../base/secrets/mask-url.ts'
import type { HttpAnswer, TransportFailure } from '../../../egress/http-reply.ts'
import type { Http } from '../../../egress/post.ts'
import { retryAfterMs } from '../../../egress/retry-after.ts'
import type { JobRun } from '../../job-run.ts'
import type { RunOutcome } from '../../settle-run.ts'
import type { HttpJob } from '../job-kind.ts'
import { outputOf } from '../output.ts'
import { signWebhook } from './sign-webhook.ts'
import { writeRequest } from './write-request.ts'

/** What posting asks of the house. */
export type HttpJobPorts = {
  readonly http: Pick<Http, 'request'>
  readonly clock: Pick<Clock, 'real'>
}

/** What of an answer a run's log keeps, in characters. */
export const ANSWER_LOG_MAX = 64 * 1024

/** Shorter ones would blot out words that are no secrets. */
const SECRET_LENGTH_MIN = 6

/** The receiver has the message: it said so before the rest of its answer went wrong. */
const TAKEN_ANYWAY = ['ANSWER_TOO_LARGE', 'BAD_PACKING']

/**
 * Posts a run's message through the guarded client: any 2xx is success, 410 ends the run, all else is tried again,
 * later where the answer asks for it. Redirects are not followed. Never throws.
 */
export async function runHttp(
  { http, clock }: HttpJobPorts,
  ask: { readonly job: HttpJob; readonly run: JobRun; readonly json: string },
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { job, run, json } = ask
  const { headers, body } = writeRequest(job.format, { ...run, json, eventType: job.eventType })
  const signature = signWebhook(
    { webhookId: run.runId, atMs: clock.real(), body },
    job.signingSecrets,
  )
  const reply = await http.request({
    method: 'POST',
    url: job.url,
    headers: { 'user-agent': 'OBM', ...job.headers, ...headers, ...signature },
    body,
    timeouts: { totalMs: job.timeoutMs },
    signal,
  })
  const tell = (text: string) => withoutSecrets(job, text).replaceAll('\0', '\uFFFD')
  const head = `POST ${maskUrl(job.url)} (${job.format}, ${Buffer.byteLength(body)} bytes)\n`
  if (reply.kind === 'answered') return judgeAnswer(reply, { head, tell })
  if (signal.aborted) return { kind: 'interrupted', log: head }
  return judgeFailure(reply, { head, tell })
}

type Telling = {
  /** The log's first line. */
  readonly head: string
  readonly tell: (text: string) => string
}

function judgeAnswer(answer: HttpAnswer, { head, tell }: Telling): RunOutcome {
  const { status } = answer
  const text = Buffer.from(answer.body).toString('utf8')
  const shown =
    text.length > ANSWER_LOG_MAX ? `${text.slice(0, ANSWER_LOG_MAX)}\n[… shortened …]` : text
  const log = tell(`${head}HTTP ${status} in ${Math.round(answer.timings.totalMs)} ms\n${shown}`)
  if (isTaken(status)) {
    const output = outputOf(tell(text), answer.headers.get('content-type'))
    return { kind: 'succeeded', returnCode: status, log, output }
  }
  if (status === 410) {
    const reason = 'HTTP 410: the receiver wants no more of this, and is not asked again'
    return { kind: 'failed', returnCode: status, reason, log, isFinal: true }
  }
  const asked = retryAfterMs(answer.headers)
  const reason = tell(reasonOf(answer))
  const wait = asked === null ? {} : { retryAfterMs: asked }
  return { kind: 'failed', returnCode: status, reason, log, ...wait }
}

function reasonOf({ status, headers }: HttpAnswer): string {
  const location = headers.get('location')
  if (status < 300 || status > 399 || location === undefined) return `HTTP ${status}`
  return `HTTP ${status}: redirects are not followed; it points to ${maskUrl(location)}`
}

/** ERROR and not FAILED: whether the receiver did its work is not known. */
function judgeFailure(failure: TransportFailure, { head, tell }: Telling): RunOutcome {
  const { code, status } = failure
  const reason = tell(`${code}: ${failure.reason}`)
  const log = tell(`${head}${reason}\n`)
  if (status !== undefined && isTaken(status) && TAKEN_ANYWAY.includes(code)) {
    return { kind: 'succeeded', returnCode: status, log: `${log}HTTP ${status}\n` }
  }
  return { kind: 'errored', reason, log }
}

function isTaken(status: number): boolean {
  return status >= 200 && status <= 299
}

/** A receiver may send back what it was sent. */
function withoutSecrets(job: HttpJob, text: string): string {
  const url = URL.parse(job.url)
  const secrets = [
    ...Object.values(job.headers),
    ...Object.values(job.headers).map((value) => value.replace(/^\S+ +/, '')), // without `Bearer`
    ...job.signingSecrets,
    ...(url ? [url.password, ...url.searchParams.values()] : []),
  ].filter((secret) => secret.length >= SECRET_LENGTH_MIN)
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}
