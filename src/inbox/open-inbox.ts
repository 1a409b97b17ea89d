import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { openAlerts } from './alerts.ts'
import { openBacklog } from './backlog.ts'
import type { ClassicSession } from './classic/classic-session.ts'
import type { InboxStore } from './inbox-store.ts'
import { openPeek } from './peek.ts'
import { type ListenerReply, type ListenerRequest, receive, refuse } from './receive.ts'
import { openRefusals } from './refusals/note-refusals.ts'
import type { Rejection } from './rejection.ts'

/** Runs of one job config that may wait; one more message is told to come back. */
export const QUEUE_MAX_DEFAULT = 1_000_000

/** The receiving wing's way in. */
export type Inbox = {
  /** Takes in one message, or says why not. */
  receive(request: ListenerRequest): Promise<ListenerReply>
  /** Says why not, where the door has seen enough. */
  refuse(
    request: Pick<ListenerRequest, 'jobConfigId' | 'peer'>,
    rejection: Rejection,
  ): ListenerReply
}

/** Opens it over what it needs of others; what it remembers is its own. */
export function openInbox(ask: {
  readonly store: InboxStore
  readonly classicSession: ClassicSession
  readonly clock: Clock
  readonly log: Log
  /** Called when runs were queued; losing it costs a second. */
  readonly nudgeRunner: () => void
  readonly queueMax?: number
}): Inbox {
  const { store, clock, log, queueMax = QUEUE_MAX_DEFAULT } = ask
  const countQueued = store.countQueued
  const ports = {
    ...ask,
    alerts: openAlerts(clock),
    backlog: openBacklog({ countQueued, clock, log }, queueMax),
    peek: openPeek(),
    refusals: openRefusals({ write: store.writeRefusal, clock, log }),
  }
  return {
    receive: (request) => receive(ports, request),
    refuse: (request, rejection) =>
      refuse(ports, { request, config: null, envelope: null }, rejection),
  }
}
