import { SECOND_MS } from '../../src/base/clock.ts'
import type { HttpReply } from '../../src/egress/http-reply.ts'
import { writeAck } from '../../src/wire/ack.ts'
import type { Answer } from './ledger.ts'
import type { Random } from './random.ts'

/** How a simulated listener behaves for a while. */
export type Mood =
  | 'acknowledges'
  | 'is slow'
  | 'refuses'
  | 'faults'
  | 'moved'
  | 'answers nonsense'
  | 'is out of service'
  | 'is throttled'
  | 'hangs up'
  | 'is gone'
  | 'hangs'
  | 'loses its Ack' // it keeps what came, and the connection breaks before its answer

/** A listener of the simulated world. */
export type Endpoint = {
  readonly url: string
  /** Nothing ever happens to it: what it is owed must come soon. */
  readonly isHealthy: boolean
  mood: Mood
  /** Records that it refuses, whatever its mood. */
  readonly poison: Set<string>
}

/** What becomes of one POST, and whether the listener keeps what came. */
export type Course = {
  readonly answer: Answer
  readonly isKept: boolean
  readonly afterMs: number
  readonly reply: HttpReply
}

/** Which moods are told by which kind of chance. */
export const REFUSING: readonly Mood[] = ['refuses', 'faults', 'moved', 'answers nonsense']
export const UNREACHABLE: readonly Mood[] = [
  'is out of service',
  'is throttled',
  'hangs up',
  'is gone',
  'hangs',
  'loses its Ack',
]

const TOTAL_MS = 20 * SECOND_MS

const FAULT = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>
  <faultcode>e:Server</faultcode><faultstring>out of order</faultstring></e:Fault></e:Body></e:Envelope>`

/** What the endpoint does with a POST that names these records. */
export function courseOf(endpoint: Endpoint, recordIds: readonly string[], random: Random): Course {
  const afterMs = random.int(1, 300)
  if (recordIds.some((id) => endpoint.poison.has(id))) return refusal('faults', afterMs)
  const { mood } = endpoint
  switch (mood) {
    case 'acknowledges':
      return { answer: 'acknowledged', isKept: true, afterMs, reply: answered(200, writeAck(true)) }
    case 'is slow':
      return {
        answer: 'acknowledged',
        isKept: true,
        afterMs: random.int(1, 19) * SECOND_MS,
        reply: answered(200, writeAck(true)),
      }
    case 'refuses':
    case 'faults':
    case 'moved':
    case 'answers nonsense':
      return refusal(mood, afterMs)
    case 'is out of service':
      return { ...unanswered(afterMs), reply: answered(503, '<html>later</html>') }
    case 'is throttled':
      return { ...unanswered(afterMs), reply: answered(429, 'too many') }
    case 'hangs up':
      return { ...unanswered(afterMs), reply: failed('CLOSED_BY_PEER', afterMs) }
    case 'is gone':
      return { ...unanswered(afterMs), reply: failed('ECONNREFUSED', afterMs) }
    case 'hangs':
      return { ...unanswered(TOTAL_MS), reply: failed('TOTAL_TIMEOUT', TOTAL_MS) }
    case 'loses its Ack':
      return { ...unanswered(afterMs), isKept: true, reply: failed('CLOSED_BY_PEER', afterMs) }
  }
}

function refusal(mood: Mood, afterMs: number): Course {
  const replies: Partial<Record<Mood, HttpReply>> = {
    refuses: answered(200, writeAck(false)),
    faults: answered(500, FAULT),
    moved: answered(302, ''),
    'answers nonsense': answered(200, 'thank you'),
  }
  const reply = replies[mood] ?? answered(404, '')
  return { answer: 'refused', isKept: false, afterMs, reply }
}

function unanswered(afterMs: number) {
  return { answer: 'unanswered' as const, isKept: false, afterMs }
}

function answered(status: number, body: string): HttpReply {
  const timings = { startedMs: 0, headersMs: 1, totalMs: 1 }
  return { kind: 'answered', status, headers: new Map(), body: Buffer.from(body), timings }
}

function failed(code: string, atMs: number): HttpReply {
  return { kind: 'failed', code, reason: code, atMs }
}
