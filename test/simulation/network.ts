import type { HttpReply } from '../../src/egress/http-reply.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import type { Post } from '../../src/sender/post.ts'
import type { Envelope } from '../../src/wire/envelope.ts'
import { readEnvelope } from '../../src/wire/read-envelope.ts'
import { courseOf, type Endpoint } from './endpoints.ts'
import { type Host, kill, never, passThrough } from './host.ts'
import type { Ledger, TakenLease } from './ledger.ts'
import type { Random } from './random.ts'
import type { Records } from './records.ts'
import type { Snapshot } from './snapshot.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What the simulated network needs of the world. */
export type NetworkPorts = {
  readonly time: VirtualTime
  readonly ledger: Ledger
  readonly records: Records
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly random: Random
  readonly snapshot: () => Snapshot
  /** Whether the outbound message's URL was this one at some moment since the step. */
  wentTo(messageId: RecordId, url: string, since: number): boolean
}

/** What all listeners together were sent. */
export type Network = {
  postFor(host: Host): Post
  /** How often each notification was kept by a listener. */
  readonly kept: Map<string, number>
  readonly counts: { posts: number }
}

type OnItsWay = { readonly leases: readonly TakenLease[]; readonly ids: readonly string[] }

/** Opens a network without sockets: real envelopes go in, real answers come out. */
export function openNetwork(ports: NetworkPorts): Network {
  const { time, ledger, endpoints, random } = ports
  const kept: Network['kept'] = new Map()
  const onTheirWay = new Set<OnItsWay>()
  const counts = { posts: 0 }

  const postFor = (host: Host): Post => {
    return async (url, body, signal) => {
      await passThrough(time, host)
      if (host.random.chance(host.mishaps.killed)) return killed(host)
      counts.posts += 1
      const { ids, recordIds, leases } = judgePost(ports, { host, url, body })
      const onItsWay = { leases, ids }
      judgeAlone(ports, onTheirWay, onItsWay)
      onTheirWay.add(onItsWay)
      const endpoint = endpoints.get(url)
      if (!endpoint) throw new Error(`there is no endpoint ${url}`)
      const course = courseOf(endpoint, recordIds, random)
      ledger.note(`${host.name} posts ${ids.length} to ${url}, which ${endpoint.mood}`)
      const reply = await replyWithin(time, course, signal)
      onTheirWay.delete(onItsWay)
      if (course.isKept) for (const id of ids) kept.set(id, (kept.get(id) ?? 0) + 1)
      if (host.random.chance(host.mishaps.killed)) return killed(host)
      await passThrough(time, host)
      if (reply.kind === 'failed' && reply.code === 'CANCELLED') return reply
      for (const { answers } of leases) {
        for (const id of ids) {
          answers.set(id, { answer: course.answer, at: answers.get(id)?.at ?? time.now() })
        }
      }
      return reply
    }
  }
  return { postFor, kept, counts }
}

function killed(host: Host): Promise<never> {
  kill(host)
  return never()
}

/** The answer when its time has come, or that the sender cancelled. */
function replyWithin(
  time: VirtualTime,
  { afterMs, reply }: { readonly afterMs: number; readonly reply: HttpReply },
  signal: AbortSignal,
): Promise<HttpReply> {
  return new Promise((resolve) => {
    const cancel = () => {
      callOff()
      resolve({ kind: 'failed', code: 'CANCELLED', reason: 'stopped', atMs: 0 })
    }
    const callOff = time.after(afterMs, () => {
      signal.removeEventListener('abort', cancel)
      resolve(reply)
    })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
  })
}

/** What is sent must be owed, leased to who sends it, and the record as it is. */
function judgePost(
  { time, ledger, records, wentTo }: NetworkPorts,
  { host, url, body }: { readonly host: Host; readonly url: string; readonly body: string },
): { ids: string[]; recordIds: string[]; leases: readonly TakenLease[] } {
  const envelope: Envelope = readEnvelope(body)
  const ids = envelope.notifications.map((each) => each.notificationId)
  const leases = leasesOf(ledger, host, ids)
  if (leases.length === 0) ledger.broken('P7', `${host.name} posts what it did not lease`)
  const since = Math.min(...leases.map((each) => each.step))
  for (const { notificationId, sObject } of envelope.notifications) {
    const owed = ledger.owed.get(notificationId as RecordId)
    if (!owed || ledger.neverOwed.has(notificationId)) {
      ledger.broken('P1', `${notificationId} was sent and is not owed`)
      continue
    }
    if (owed.recordId !== sObject?.recordId) {
      ledger.broken('P3', `${notificationId} was sent for another record`)
    }
    const name = sObject?.fields.find((field) => field.name === 'Name')?.value ?? null
    if (!records.wasSo(owed.recordId, name, since)) {
      ledger.broken('P3', `${owed.recordId} was sent as ${name}: so it was not during its attempt`)
    }
    if (!wentTo(owed.outboundMessageId, url, since)) {
      ledger.broken('URL', `${notificationId} went to ${url}, step ${time.step()}`)
    }
  }
  const recordIds = envelope.notifications.map((each) => each.sObject?.recordId ?? '')
  return { ids, recordIds, leases }
}

/**
 * Under which leases this may be: more than one where a lease of this very process lapsed while it stood still, and
 * it took the same again. Then both are posted, and it cannot be told which post is whose.
 */
function leasesOf(ledger: Ledger, host: Host, ids: readonly string[]): readonly TakenLease[] {
  const its = [...ledger.leases.values()].filter(
    (each) => each.host === host && ids.every((id) => each.notificationIds.has(id)),
  )
  const open = its.filter(
    ({ answers, isDoubtful }) => isDoubtful || ids.some((id) => !answers.has(id)),
  )
  if (open.length > 1) for (const each of open) each.isDoubtful = true
  return open
}

/** No notification is in two messages whose leases both hold. */
function judgeAlone(
  { time, ledger, snapshot }: NetworkPorts,
  onTheirWay: ReadonlySet<OnItsWay>,
  { leases, ids }: OnItsWay,
): void {
  const { slots } = snapshot()
  const holds = (each: readonly TakenLease[]) =>
    each.length === 1 && (slots.get(each[0]?.token ?? '')?.leased_until ?? 0) > time.now()
  if (!holds(leases)) return
  for (const other of onTheirWay) {
    const twice = ids.find((id) => other.ids.includes(id))
    if (twice !== undefined && holds(other.leases)) {
      ledger.broken('P7', `${twice} is sent twice at once, under two leases that hold`)
    }
  }
}
