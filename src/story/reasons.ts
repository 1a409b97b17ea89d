import type { Clock, Instant } from '../base/clock.ts'
import { MINUTE_MS } from '../base/clock.ts'
import type { OrgDefinitions } from '../org/org-definitions.ts'
import type { AttemptOverview } from '../outbox/attempt.ts'
import type { NotificationView, OutboxStore } from '../outbox/outbox-store.ts'
import type { RecordId } from '../schema/record-id.ts'
import { AHEAD_MAX, type Turn, whyNotYet } from './why-not-yet.ts'

/** What the reasons are read from. */
export type ReasonPorts = {
  readonly outbox: Pick<OutboxStore, 'list' | 'lanes' | 'findAttempts'>
  readonly clock: Clock
  /** As the org knows them now. */
  definitions(): Promise<OrgDefinitions>
  /** Null while a sender lives; else for how long none has been seen, null when none was within a day. */
  senderMissed(): Promise<Turn['senderMissed']>
  /** Why nothing can be sent as a user now, as a sentence; null when it can. */
  whyNotAs(username: string): Promise<string | null>
}

/** The pace is that of so many messages that were acknowledged lately. */
const PACE_ATTEMPTS_MAX = 50
const PACE_WITHIN_MS = 5 * MINUTE_MS

/** Why each waiting notification is not sent yet, by its id. */
export async function readReasons(
  ports: ReasonPorts,
  owed: readonly NotificationView[],
): Promise<ReadonlyMap<RecordId, string | null>> {
  const waiting = owed.filter(({ state }) => state === 'waiting')
  if (waiting.length === 0) return new Map()
  const { outbox, clock } = ports
  const messageIds = [...new Set(waiting.map(({ outboundMessageId }) => outboundMessageId))]
  const [lanes, senderMissed, ...queues] = await Promise.all([
    outbox.lanes(),
    ports.senderMissed(),
    ...messageIds.map((each) => readQueue(ports, each)),
  ])
  const queueOf = new Map(queues.map((each) => [each.outboundMessageId, each]))
  const now = clock.now()
  const shiftMs = now - clock.real()
  return new Map(
    waiting.map((each) => {
      const lane = lanes.find(({ laneId }) => laneId === each.laneId) ?? null
      const queue = queueOf.get(each.outboundMessageId)
      const turn = {
        lane,
        aheadCount: queue?.ahead.get(each.notificationId) ?? AHEAD_MAX,
        perSecond: queue?.perSecond ?? null,
        userReason: queue?.userReason ?? null,
        senderMissed,
        now,
        shiftMs,
      }
      return [each.notificationId, whyNotYet(each, turn)]
    }),
  )
}

type Queue = Pick<Turn, 'perSecond' | 'userReason'> & {
  readonly outboundMessageId: RecordId
  /** How many go before each of the next. */
  readonly ahead: ReadonlyMap<RecordId, number>
}

async function readQueue(ports: ReasonPorts, outboundMessageId: RecordId): Promise<Queue> {
  const { outbox, clock } = ports
  const now = clock.now()
  const [next, sent, definitions] = await Promise.all([
    outbox.list({ outboundMessageId, state: 'waiting', order: 'dueAt', limit: AHEAD_MAX }),
    outbox.findAttempts({
      outboundMessageId,
      outcome: 'acknowledged',
      from: now - PACE_WITHIN_MS,
      limit: PACE_ATTEMPTS_MAX,
    }),
    ports.definitions(),
  ])
  const user = definitions.messageOfId(outboundMessageId)?.integrationUser
  return {
    outboundMessageId,
    ahead: new Map(next.map((each, index) => [each.notificationId, index] as const)),
    perSecond: paceOf(sent.attempts, now),
    userReason: user === undefined ? null : await ports.whyNotAs(user),
  }
}

/** Notifications a second, since the first of these attempts; null: too few to tell. */
export function paceOf(attempts: readonly AttemptOverview[], now: Instant): number | null {
  if (attempts.length < 2) return null
  const since = Math.min(...attempts.map(({ startedAt }) => startedAt))
  const count = attempts.reduce((sum, each) => sum + each.notificationIds.length, 0)
  return now > since ? (count * 1000) / (now - since) : null
}
