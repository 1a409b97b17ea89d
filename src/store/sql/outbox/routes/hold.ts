import type { Instant } from '../../../../base/clock.ts'
import type {
  Address,
  HoldAnswer,
  HoldTarget,
  ResumeAnswer,
} from '../../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlRow } from '../../op.ts'
import { bringHintsForward } from '../lane-sql.ts'
import { walkOn } from '../people/walk.ts'

/** So many notifications get their time on hold back in one op. */
const CREDIT_MAX = 5000

/** What `hold` is asked: see `OutboxStore.hold`. */
type HoldAsk = {
  readonly target: HoldTarget
  readonly reason: string
  readonly now: Instant
}

/** Puts an outbound message or a lane on hold for a person. */
export const hold = defineOp('outbox.hold', function* (_: Dialect, ask: HoldAsk): Op<HoldAnswer> {
  const { table, key, id } = rowOf(ask.target)
  const held = yield* run(
    `UPDATE ${table} SET held_reason = ?, held_at = coalesce(held_at, ?)
      WHERE ${key} = ? AND held_reason IS NULL`,
    ask.reason,
    ask.now,
    id,
  )
  if (held > 0) return { kind: 'held' }
  const row = yield* oneRow(`SELECT held_reason FROM ${table} WHERE ${key} = ?`, id)
  return row ? { kind: 'held before', reason: row.held_reason as string } : { kind: 'unknown' }
})

/** What `resume` is asked. `given` is the time on hold that was given back before. */
type ResumeAsk = {
  readonly target: HoldTarget
  readonly now: Instant
  readonly given: readonly Credit[]
}

/** What has to be given back before a hold may end: then ask again. */
export type Owes = { readonly kind: 'owes'; readonly credits: readonly Credit[] }

/**
 * Ends a person's hold, once all time on hold that ends with it was given back. What the definition holds stays held.
 * Whoever else resumes or routes meanwhile waits, so that what is owed is decided by what holds when the hold ends.
 */
export const resume = defineOp('outbox.resume', function* (d: Dialect, ask: ResumeAsk): Op<
  ResumeAnswer | Owes
> {
  const { target, now, given } = ask
  const before = yield* lockHolds(d)
  const after = before.map((each) => resumed(each, target))
  const credits = creditsOf(before, after, now).flatMap((each) => less(each, given))
  if (credits.length > 0) return { kind: 'owes', credits }

  const { table, key, id } = rowOf(target)
  const heldAt =
    target.kind === 'lane'
      ? 'NULL'
      : 'CASE WHEN definition_reason IS NULL THEN NULL ELSE held_at END'
  const count = yield* run(
    `UPDATE ${table} SET held_reason = NULL, held_at = ${heldAt}
      WHERE ${key} = ? AND held_reason IS NOT NULL`,
    id,
  )
  if (count > 0) yield* bringHintsForward()
  const kind = count > 0 ? 'resumed' : 'not on hold'
  if (target.kind === 'lane') {
    const lane = yield* oneRow('SELECT lane_id FROM lane WHERE lane_id = ?', id)
    return lane ? { kind, stillHeld: null } : { kind: 'unknown' }
  }
  const message = after.find((each) => each.outboundMessageId === id)
  if (!message) return { kind: 'unknown' }
  return { kind, stillHeld: message.definitionReason ?? message.laneHeldReason }
})

function rowOf(target: HoldTarget): { table: string; key: string; id: string } {
  return target.kind === 'lane'
    ? { table: 'lane', key: 'lane_id', id: target.laneId }
    : { table: 'lane_message', key: 'outbound_message_id', id: target.outboundMessageId }
}

/** An outbound message as it is routed, with what holds it, itself or through its lane. */
export type MessageHolds = {
  readonly outboundMessageId: RecordId
  readonly messageKey: string
  readonly laneId: string
  readonly lifetimeMs: number
  readonly heldReason: string | null
  readonly definitionReason: string | null
  readonly heldAt: Instant | null
  readonly laneHeldReason: string | null
  readonly laneHeldAt: Instant | null
}

/**
 * Locks all lanes and outbound messages, and reads what holds each message: nobody holds, resumes or routes before
 * the op has ended.
 */
export function* lockHolds(d: Dialect): Op<readonly MessageHolds[]> {
  yield* rows(`SELECT lane_id FROM lane ORDER BY lane_id ${d.forUpdate()}`)
  const found = yield* rows(
    `SELECT m.outbound_message_id, m.message_key, m.lane_id, m.lifetime_ms,
        m.held_reason, m.definition_reason, m.held_at, l.held_reason AS lane_held_reason, l.held_at AS lane_held_at
      FROM lane_message m JOIN lane l ON l.lane_id = m.lane_id
      ORDER BY m.outbound_message_id ${d.forUpdate('m')}`,
  )
  return found.map(readHolds)
}

function readHolds(row: SqlRow): MessageHolds {
  return {
    outboundMessageId: row.outbound_message_id as RecordId,
    messageKey: row.message_key as string,
    laneId: row.lane_id as string,
    lifetimeMs: row.lifetime_ms as number,
    heldReason: row.held_reason as string | null,
    definitionReason: row.definition_reason as string | null,
    heldAt: row.held_at as number | null,
    laneHeldReason: row.lane_held_reason as string | null,
    laneHeldAt: row.lane_held_at as number | null,
  }
}

/** Reads each endpoint with each outbound message that goes there. */
export const addresses = defineOp('outbox.addresses', function* (): Op<readonly Address[]> {
  const found = yield* rows(
    `SELECT l.lane_id, l.endpoint_url, m.outbound_message_id, m.message_key
      FROM lane l LEFT JOIN lane_message m ON m.lane_id = l.lane_id
      ORDER BY l.endpoint_url, m.message_key`,
  )
  return found.map((row) => ({
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
    outboundMessage:
      row.outbound_message_id === null
        ? null
        : {
            outboundMessageId: row.outbound_message_id as RecordId,
            key: row.message_key as string,
          },
  }))
})

/** Time on hold that does not count: what waited in it gets it back. */
export type Credit = {
  readonly outboundMessageId: RecordId
  readonly from: Instant
  readonly until: Instant
}

/**
 * The time on hold that ends when `before` becomes `after`, both in the same order: from when anything held the message
 * until now, or until when what still holds it began.
 */
export function creditsOf(
  before: readonly MessageHolds[],
  after: readonly MessageHolds[],
  now: Instant,
): readonly Credit[] {
  return before.flatMap((each, index) => {
    const { outboundMessageId } = each
    const from = heldSince(each)
    if (from === null) return []
    const until = heldSince(after[index] ?? each) ?? now
    return until > from ? [{ outboundMessageId, from, until }] : []
  })
}

/** What of a time on hold was not given back yet. */
export function less(credit: Credit, given: readonly Credit[]): readonly Credit[] {
  const from = given
    .filter((each) => each.outboundMessageId === credit.outboundMessageId)
    .toSorted((one, other) => one.from - other.from)
    .reduce((end, each) => (each.from <= end ? Math.max(end, each.until) : end), credit.from)
  return from < credit.until ? [{ ...credit, from }] : []
}

function heldSince({ heldAt, laneHeldAt }: MessageHolds): Instant | null {
  if (heldAt === null || laneHeldAt === null) return heldAt ?? laneHeldAt
  return Math.min(heldAt, laneHeldAt)
}

/** What the holds are once a person resumed the target. */
function resumed(holds: MessageHolds, target: HoldTarget): MessageHolds {
  if (target.kind === 'lane') {
    return holds.laneId === target.laneId
      ? { ...holds, laneHeldReason: null, laneHeldAt: null }
      : holds
  }
  if (holds.outboundMessageId !== target.outboundMessageId) return holds
  const heldAt = holds.definitionReason === null ? null : holds.heldAt
  return { ...holds, heldReason: null, heldAt }
}

/** What `credit` is asked. `after` is where the slice before ended, `''` at first. */
type CreditAsk = Credit & { readonly after: string }

/**
 * Moves `expiresAt` of a slice of the message's notifications on by their time on hold. Answers where the next
 * slice begins, or null. Runs while the hold still stands; if it is cut short and run again, notifications
 * live a little longer, never shorter.
 */
export const credit = defineOp('outbox.credit', function* (d: Dialect, ask: CreditAsk): Op<
  string | null
> {
  const { ids, next } = yield* walkOn(
    d,
    { outboundMessageId: ask.outboundMessageId, state: 'waiting', limit: CREDIT_MAX },
    { after: ask.after, limit: CREDIT_MAX },
  )
  yield* run(
    `UPDATE notification
        SET expires_at = expires_at + ? - CASE WHEN created_at > ? THEN created_at ELSE ? END
        WHERE ${d.inList('notification_id')} AND state = 'waiting' AND created_at < ?`,
    ask.until,
    ask.from,
    ask.from,
    ids,
    ask.until,
  )
  return next
})
