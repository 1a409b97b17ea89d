import type { Instant } from '../base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '../base/clock.ts'
import { durationText } from '../base/duration-text.ts'
import type { LaneView, NotificationView } from '../outbox/outbox-store.ts'

/** What a waiting notification's turn depends on. */
export type Turn = {
  /** Where it goes; null until its outbound message has a route. */
  readonly lane: LaneView | null
  /** Notifications of its outbound message that are due before it, as far as they were counted. */
  readonly aheadCount: number
  /** Notifications of its outbound message that were acknowledged a second, lately; null: too few to tell. */
  readonly perSecond: number | null
  /** Why nothing can be sent as its user now, as a sentence; null when it can. */
  readonly userReason: string | null
  /** Null while a sender lives; else for how long none has been seen, null when none was within a day. */
  readonly senderMissed: { readonly seenAgoMs: number | null } | null
  /** By how much the org's time is ahead of real time. */
  readonly shiftMs: number
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
  const reason =
    whyHeld(notification, turn.lane) ??
    whyNoRoute(turn.lane) ??
    whyNoSender(notification, turn) ??
    whyBreaker(notification, turn) ??
    whyNoUser(notification, turn) ??
    whyLater(notification, turn.now) ??
    whyQueued(notification, turn)
  return `${reason}${shiftText(turn.shiftMs)}`
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

/** Only where one would be at work: what is due later waits for its time first. */
function whyNoSender(
  { dueAt }: NotificationView,
  { lane, senderMissed, now }: Turn,
): string | null {
  const turnAt = lane?.probeAt ?? dueAt
  if (senderMissed === null || turnAt > now) return null
  const { seenAgoMs } = senderMissed
  const when = seenAgoMs === null ? 'within a day' : `for ${durationText(seenAgoMs)}`
  return `It has been due since ${timeOf(dueAt)}, and no process with the role sender has been seen ${when}.`
}

function whyNoUser({ dueAt }: NotificationView, { userReason, now }: Turn): string | null {
  if (userReason === null) return null
  const next = dueAt > now ? `at ${timeOf(dueAt)}` : 'with the next turn of a sender'
  return `Nothing can be sent: ${userReason.replace(/\.$/, '')}. It is looked at again ${next}.`
}

function whyQueued({ dueAt }: NotificationView, turn: Turn): string {
  const { lane, aheadCount, now } = turn
  const leasedCount = lane?.leasedCount ?? 0
  const inHand = leasedCount > 0 && lane ? `; ${inHandText(leasedCount, lane)}` : ''
  if (lane?.isLimited) return limitedText(lane)
  if (aheadCount > 0) {
    const isMore = aheadCount >= AHEAD_MAX
    const count = isMore ? `at least ${AHEAD_MAX}` : `${aheadCount}`
    return `It is due, and waits for its turn behind ${count} of the same outbound message${paceText(turn)}${inHand}.`
  }
  if (now - dueAt >= SENDER_MISSED_MS && leasedCount === 0) {
    return `It has been due since ${timeOf(dueAt)}, and nothing is being sent there: do the senders take their turns?`
  }
  return (lane && whyNoSlot(lane)) ?? `It is due, and goes with the next turn of a sender${inHand}.`
}

function inHandText(count: number, lane: LaneView): string {
  const messages = count === 1 ? '1 message is' : `${count} messages are`
  return `${messages} on the way to ${hostOf(lane)} now`
}

function paceText({ aheadCount, perSecond }: Turn): string {
  if (perSecond === null || perSecond <= 0) return ''
  const ms = (aheadCount / perSecond) * 1000
  const atLeast = aheadCount >= AHEAD_MAX ? 'at least ' : ''
  return `, ${atLeast}about ${durationText(Math.max(1000, ms))} at the pace of its last messages`
}

/** Times are the org's, which `/dev/clock` moves: whoever looks at a watch must be told. */
function shiftText(shiftMs: number): string {
  if (shiftMs < SECOND_MS) return ''
  return ` The org's time is ${durationText(shiftMs)} ahead of real time: /dev/clock has moved it.`
}

function limitedText(lane: LaneView): string {
  return `It is due, and waits for its turn: ${hostOf(lane)} is sent ${lane.pace.messagesPerSecond} messages a second at most.`
}

function whyNoSlot(lane: LaneView): string | null {
  const { slots } = lane.pace
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
