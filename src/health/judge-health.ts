import type { Instant } from '../base/clock.ts'
import { MINUTE_MS } from '../base/clock.ts'
import { durationText } from '../base/duration-text.ts'
import type { HealthFacts, LaneHealth, ProcessView } from './health-store.ts'

/** A process that said nothing for so long is taken for dead: it says so each `BEAT_MS`. */
export const SEEN_WITHIN_MS = MINUTE_MS
/** A sender of which no turn has ended for so long hangs. */
export const TURNED_WITHIN_MS = 2 * MINUTE_MS

/** One thing that goes well or does not. */
export type HealthPart = {
  readonly name: 'sender' | 'outbox' | 'endpoints' | 'email' | 'timeQueue' | 'jobs'
  readonly status: 'green' | 'red'
  /** A sentence: why it is red, or what there is to know. */
  readonly reason: string
  /** For how long the oldest of what could be done has been due; 0 when nothing is. */
  readonly lateMs: number
}

export type Health = {
  /** Red when a part is. */
  readonly status: 'green' | 'red'
  readonly parts: readonly HealthPart[]
}

/** What health is judged by. */
export type HealthRules = {
  readonly now: Instant
  /** What could be done and is not for so long is late. */
  readonly lateAfterMs: number
}

/**
 * Judges how things go by the age of what waits, not by errors: a sender that does nothing makes none. An endpoint
 * that does not answer is told, and is no fault of ours.
 */
export function judgeHealth(facts: HealthFacts, rules: HealthRules): Health {
  const parts = [
    senderPart(facts, rules),
    outboxPart(facts, rules),
    endpointsPart(facts),
    queuePart(facts, rules, {
      name: 'email',
      what: 'e-mail',
      role: 'sender',
      dueAt: facts.emailDueAt,
    }),
    queuePart(facts, rules, {
      name: 'timeQueue',
      what: 'entry of the time queue',
      role: 'org',
      dueAt: facts.timeEntryDueAt,
    }),
    queuePart(facts, rules, { name: 'jobs', what: 'job run', role: 'jobs', dueAt: facts.runDueAt }),
  ]
  return { status: parts.some((part) => part.status === 'red') ? 'red' : 'green', parts }
}

/** Says since when no process with a role has been seen, or null: one lives. */
export function missedSince(
  processes: readonly ProcessView[],
  role: string,
): { readonly seenAgoMs: number | null } | null {
  const seen = processes.filter(({ roles }) => roles.includes(role))
  const seenAgoMs = seen.length > 0 ? Math.min(...seen.map((each) => each.seenAgoMs)) : null
  return seenAgoMs !== null && seenAgoMs <= SEEN_WITHIN_MS ? null : { seenAgoMs }
}

/** Since when what could be sent now is due, of a lane that nothing keeps from being served; null: there is none. */
export function deliverableSince(lane: LaneHealth, now: Instant): Instant | null {
  const isServed = !lane.isHeld && lane.probeAt === null
  return isServed && lane.dueAt !== null && lane.dueAt <= now ? lane.dueAt : null
}

function senderPart({ lanes, processes }: HealthFacts, { now }: HealthRules): HealthPart {
  const part = { name: 'sender', lateMs: 0 } as const
  const waits = lanes.some((lane) => !lane.isHeld && lane.dueAt !== null && lane.dueAt <= now)
  const missed = missedSince(processes, 'sender')
  if (missed) {
    const reason = `${missedText('sender', missed.seenAgoMs)}${waits ? ', and notifications are due' : '; nothing is due'}.`
    return { ...part, status: waits ? 'red' : 'green', reason }
  }
  const live = processes.filter((each) => each.seenAgoMs <= SEEN_WITHIN_MS)
  const turns = live.flatMap(({ turnedAgoMs }) => turnedAgoMs ?? [])
  const turnedAgoMs = turns.length > 0 ? Math.min(...turns) : 0
  if (turnedAgoMs > TURNED_WITHIN_MS) {
    const reason = `No turn of a sender has ended for ${durationText(turnedAgoMs)}.`
    return { ...part, status: 'red', reason }
  }
  return { ...part, status: 'green', reason: `${turns.length} at work.` }
}

function outboxPart({ lanes }: HealthFacts, { now, lateAfterMs }: HealthRules): HealthPart {
  const late = lanes
    .flatMap((lane) => {
      const since = deliverableSince(lane, now)
      return since === null ? [] : [{ lane, lateMs: now - since }]
    })
    .toSorted((one, other) => other.lateMs - one.lateMs)
  const [worst] = late
  const part = { name: 'outbox', lateMs: worst?.lateMs ?? 0 } as const
  if (!worst || worst.lateMs <= lateAfterMs) {
    return { ...part, status: 'green', reason: 'What can be sent is sent in time.' }
  }
  const count = late.filter(({ lateMs }) => lateMs > lateAfterMs).length
  const more = count > 1 ? `, and ${count - 1} more` : ''
  const reason = `The next notification to ${hostOf(worst.lane)} has been due for ${durationText(worst.lateMs)}, though that endpoint answers${more}.`
  return { ...part, status: 'red', reason }
}

const NAMED_MAX = 5

function endpointsPart({ lanes }: HealthFacts): HealthPart {
  const open = lanes.filter(({ probeAt, isHeld }) => probeAt !== null && !isHeld)
  const held = lanes.filter(({ isHeld }) => isHeld)
  const told = [
    ...(open.length > 0 ? [`${named(open)} do not answer`] : []),
    ...(held.length > 0 ? [`${named(held)} are on hold`] : []),
  ]
  const reason = told.length > 0 ? `Of ${lanes.length}, ${told.join('; ')}.` : 'All answer.'
  return { name: 'endpoints', status: 'green', reason, lateMs: 0 }
}

function named(lanes: readonly LaneHealth[]): string {
  const hosts = [...new Set(lanes.map(hostOf))]
  const more = hosts.length > NAMED_MAX ? ', …' : ''
  return `${lanes.length} (${hosts.slice(0, NAMED_MAX).join(', ')}${more})`
}

type Queue = {
  readonly name: HealthPart['name']
  readonly what: string
  readonly role: string
  readonly dueAt: Instant | null
}

function queuePart(
  { processes }: HealthFacts,
  { now, lateAfterMs }: HealthRules,
  { name, what, role, dueAt }: Queue,
): HealthPart {
  const lateMs = dueAt === null ? 0 : Math.max(0, now - dueAt)
  if (lateMs <= lateAfterMs) return { name, status: 'green', reason: 'Nothing is late.', lateMs }
  const missed = missedSince(processes, role)
  const who = missed ? ` ${missedText(role, missed.seenAgoMs)}.` : ''
  const reason = `The next ${what} has been due for ${durationText(lateMs)}.${who}`
  return { name, status: 'red', reason, lateMs }
}

function missedText(role: string, seenAgoMs: number | null): string {
  const when = seenAgoMs === null ? 'within a day' : `for ${durationText(seenAgoMs)}`
  return `No process with the role ${role} has been seen ${when}`
}

/** The host alone: user names and queries of URLs may be secrets. */
function hostOf({ endpointUrl }: LaneHealth): string {
  return URL.parse(endpointUrl)?.host || 'its endpoint'
}
