import type { Instant } from '../base/clock.ts'
import { MINUTE_MS } from '../base/clock.ts'
import type { LaneView, NotificationView } from '../outbox/outbox-store.ts'

/** What a waiting notification's turn depends on. */
export type Turn = {
  /** Where it goes; null until its outbound message has a route. */
  readonly lane: LaneView | null
  /** Notifications of its outbound message that are due before it, as far as they were counted. */
  readonly aheadCount: number
  readonly now: Instant
}

/** How many are counted ahead of a notification; so many or more reads "at least". */
export const AHEAD_MAX = 200

/** Due for so long with nothing ahead and nothing on its way, nobody seems to send. */
const SENDER_MISSED_MS = MINUTE_MS

/** Says in a sentence why a waiting notification is not sent yet; null for one that was given up. */
export function whyNotYet(notification: NotificationView, turn: Turn): string | null {
  if (notification.state === 'expired') return null
  if (notification.isLeased) return 'It is being sent now.'
  return (
    whyHeld(notification, turn.lane) ??
    whyNoRoute(turn.lane) ??
    whyBreaker(notification, turn) ??
    whyLater(notification, turn.now) ??
    whyQueued(notification, turn)
  )
}

function whyHeld(
  { outboundMessageId, heldReason }: NotificationView,
  lane: LaneView | null,
): string | null {
  const message = lane?.outboundMessages.find(
    (each) => each.outboundMessageId === outboundMessageId,
  )
  if (message && message.heldReason !== null) {
    return `Its outbound message is on hold${since(message.heldAt)}: ${message.heldReason}.`
  }
  if (lane && lane.heldReason !== null) {
    return `All that goes to ${hostOf(lane)} is on hold${since(lane.heldAt)}: ${lane.heldReason}.`
  }
  return heldReason === null ? null : `It is on hold: ${heldReason}.`
}

function whyNoRoute(lane: LaneView | null): string | null {
  return lane ? null : 'Its outbound message has no endpoint yet: no definition names one.'
}

function whyBreaker({ failureReason }: NotificationView, { lane, now }: Turn): string | null {
  if (!lane || lane.probeAt === null) return null
  const next = lane.probeAt > now ? `goes at ${timeOf(lane.probeAt)}` : 'is due now'
  const last = failureReason === null ? '' : ` (${failureReason})`
  return `${hostOf(lane)} left the last ${lane.failureCount} attempts unanswered${last}; the next probe ${next}.`
}

function whyLater(
  { dueAt, attemptCount, failureReason }: NotificationView,
  now: Instant,
): string | null {
  if (dueAt <= now) return null
  const last = failureReason === null ? '' : `; the last one failed: ${failureReason}`
  return `Attempt ${attemptCount + 1} is due at ${timeOf(dueAt)}${last}.`
}

function whyQueued({ dueAt }: NotificationView, { lane, aheadCount, now }: Turn): string {
  const wait = lane && whyLimited(lane)
  if (wait) return wait
  if (aheadCount > 0) {
    const count = aheadCount >= AHEAD_MAX ? `at least ${AHEAD_MAX}` : `${aheadCount}`
    return `It is due, and waits for its turn behind ${count} of the same outbound message.`
  }
  if (now - dueAt >= SENDER_MISSED_MS && lane?.leasedCount === 0) {
    return `It has been due since ${timeOf(dueAt)}, and nothing is being sent there: does a process with the role sender run?`
  }
  return 'It is due, and goes with the next turn of a sender.'
}

function whyLimited(lane: LaneView): string | null {
  const { slots, messagesPerSecond } = lane.pace
  if (lane.isLimited) {
    return `It is due, and waits for its turn: ${hostOf(lane)} is sent ${messagesPerSecond} messages a second at most.`
  }
  if (lane.leasedCount < slots) return null
  const messages = slots === 1 ? 'one message is' : `${slots} messages are`
  return `It is due, and waits for a slot: ${messages} on the way to ${hostOf(lane)}, as many as may be at once.`
}

/** The host alone: user names and queries of URLs may be secrets. */
function hostOf({ endpointUrl }: LaneView): string {
  return URL.parse(endpointUrl)?.host || 'its endpoint'
}

function since(at: Instant | null): string {
  return at === null ? '' : ` since ${timeOf(at)}`
}

function timeOf(at: Instant): string {
  return new Date(at).toISOString()
}
