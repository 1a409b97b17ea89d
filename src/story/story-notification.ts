import type { Instant } from '../base/clock.ts'
import { decodePercent } from '../base/decode-percent.ts'
import { firedByText } from '../base/fired-by.ts'
import type { NotificationRun } from '../jobs/job-store.ts'
import type { AttemptedNotification, NotificationView } from '../outbox/outbox-store.ts'
import type { RecordId } from '../schema/record-id.ts'

/** One notification's way, from the rule that fired to the job runs it started. */
export type StoryNotification = {
  readonly notificationId: RecordId
  readonly outboundMessageId: RecordId
  /** `Account.Notify_ERP`; its id when no definition names it any more. */
  readonly outboundMessage: string
  readonly rule: string
  /** `rule "Tell ERP"`, `flow "Notify"`. */
  readonly firedBy: string
  /** `removed`: owed no more though nobody acknowledged it; a person deleted it, or its time as a dead letter is over. */
  readonly state: 'waiting' | 'expired' | 'delivered' | 'removed'
  readonly createdAt: Instant
  /** Null unless it waits. */
  readonly dueAt: Instant | null
  /** When it was given up. */
  readonly expiredAt: Instant | null
  readonly failureReason: string | null
  /** Oldest first. */
  readonly attempts: readonly StoryAttempt[]
  /** Of this house: an endpoint elsewhere tells nothing of its own. Oldest first, replays too. */
  readonly runs: readonly NotificationRun[]
  /** A sentence while it waits. */
  readonly whyNotYet: string | null
}

export type StoryAttempt = Pick<
  AttemptedNotification,
  'attemptId' | 'startedAt' | 'durationMs' | 'outcome' | 'reason' | 'httpStatus'
>

/** What was read of a record's notifications. */
export type Found = {
  readonly owed: readonly NotificationView[]
  /** Newest first. */
  readonly attempted: readonly AttemptedNotification[]
  readonly runs: readonly NotificationRun[]
  /** Why it is not sent yet, by notification. */
  readonly reasons: ReadonlyMap<RecordId, string | null>
  readonly keyOf: (outboundMessageId: RecordId) => string
}

/** Joins what was found to one entry for each notification, in the order they were made. */
export function notificationsOf(found: Found): readonly StoryNotification[] {
  const owed = new Map(found.owed.map((each) => [each.notificationId, each]))
  const attempted = Map.groupBy(found.attempted.toReversed(), (each) => each.notificationId)
  const runs = Map.groupBy(found.runs, (each) => each.notificationId)
  const all = new Map(
    [...found.attempted, ...found.owed].map((each) => [each.notificationId, each]),
  )
  return [...all.values()]
    .map((each) => {
      const attempts = attempted.get(each.notificationId) ?? []
      return {
        notificationId: each.notificationId,
        outboundMessageId: each.outboundMessageId,
        outboundMessage: found.keyOf(each.outboundMessageId),
        rule: decodePercent(each.ruleFullName),
        firedBy: firedByText(each.ruleFullName),
        createdAt: each.createdAt,
        ...standing(owed.get(each.notificationId), attempts, found.reasons),
        attempts: attempts.map(attemptOf),
        runs: runs.get(each.notificationId) ?? [],
      }
    })
    .toSorted((one, other) => one.createdAt - other.createdAt)
}

/** An acknowledged attempt outweighs the list, which was read before it. */
function standing(
  view: NotificationView | undefined,
  attempts: readonly AttemptedNotification[],
  reasons: Found['reasons'],
): Pick<StoryNotification, 'state' | 'dueAt' | 'expiredAt' | 'failureReason' | 'whyNotYet'> {
  const gone = { dueAt: null, expiredAt: null, whyNotYet: null }
  if (attempts.some(({ outcome }) => outcome === 'acknowledged')) {
    return { ...gone, state: 'delivered', failureReason: null }
  }
  if (!view) {
    return { ...gone, state: 'removed', failureReason: attempts.at(-1)?.reason ?? null }
  }
  const { state, expiredAt, failureReason } = view
  return {
    state,
    dueAt: state === 'waiting' ? view.dueAt : null,
    expiredAt,
    failureReason,
    whyNotYet: reasons.get(view.notificationId) ?? null,
  }
}

function attemptOf({
  attemptId,
  startedAt,
  durationMs,
  outcome,
  reason,
  httpStatus,
}: AttemptedNotification): StoryAttempt {
  return { attemptId, startedAt, durationMs, outcome, reason, httpStatus }
}
