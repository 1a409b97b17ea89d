import type { Instant } from '../../../../base/clock.ts'
import type { Route } from '../../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type Op,
  oneRow,
  run,
  type SqlColumn,
  type SqlValue,
  update,
} from '../../op.ts'
import { bringHintsForward } from '../lane-sql.ts'
import { type Credit, creditsOf, less, lockHolds, type MessageHolds } from './hold.ts'
import { lifetimesChanged, moved, type NewLifetime } from './reroute.ts'
import { laneIdOf, routeLanes } from './route-lanes.ts'

/** Shown for what waits for an outbound message that no definition names. */
export const UNDEFINED_REASON = 'Its outbound message is not defined any more.'

/** The id of an outbound message that went by this name before; null when none did. */
export function* formerMessageId(key: string): Op<string | null> {
  const row = yield* oneRow(
    `SELECT outbound_message_id FROM lane_message WHERE message_key = ?
      ORDER BY outbound_message_id DESC LIMIT 1`,
    key,
  )
  return (row?.outbound_message_id as string | undefined) ?? null
}

/** What `route` is asked: see `OutboxStore.route`; `given` is what was done of what it owed before. */
type RouteAsk = {
  readonly routes: readonly Route[]
  readonly now: Instant
  readonly given: RouteDebts
}

/** What has to be done, in slices, before routes may change: time on hold given back, other lifetimes given. */
export type RouteDebts = {
  readonly credits: readonly Credit[]
  readonly lifetimes: readonly NewLifetime[]
}

/** `moved`: the outbound messages that go to another endpoint now. */
type RouteAnswer =
  | ({ readonly kind: 'owes' } & RouteDebts)
  | { readonly kind: 'routed'; readonly moved: readonly RecordId[] }

/**
 * Makes the lanes, and which outbound message goes by which, those that the definitions name: once all is done that
 * this owes to what waits. Decided by what holds now that everybody else waits.
 */
export const route = defineOp(
  'outbox.route',
  function* (d: Dialect, ask: RouteAsk): Op<RouteAnswer> {
    const known = yield* lockHolds(d)
    const after = rerouted(known, ask)
    const debts = debtsOf(known, after, ask)
    if (debts.credits.length + debts.lifetimes.length > 0) return { kind: 'owes', ...debts }

    yield* routeLanes(d, ask.routes)
    yield* insertMessages(ask, known)
    yield* updateMessages(known, after)
    yield* deleteEmptyLanes()
    yield* bringHintsForward()
    return { kind: 'routed', moved: moved(known, after) }
  },
)

function debtsOf(
  known: readonly MessageHolds[],
  after: readonly MessageHolds[],
  { now, given }: RouteAsk,
): RouteDebts {
  const isGiven = ({ outboundMessageId, lifetimeMs }: NewLifetime) =>
    given.lifetimes.some(
      (each) => each.outboundMessageId === outboundMessageId && each.lifetimeMs === lifetimeMs,
    )
  return {
    credits: creditsOf(known, after, now).flatMap((each) => less(each, given.credits)),
    lifetimes: lifetimesChanged(known, after).filter((each) => !isGiven(each)),
  }
}

/** What a route says of its outbound message besides its lane. */
const ROUTED: readonly SqlColumn[] = [
  { name: 'definition_reason', type: 'text' },
  { name: 'held_at', type: 'bigint' },
  { name: 'message_key', type: 'text' },
  { name: 'lifetime_ms', type: 'bigint' },
]

function* insertMessages(ask: RouteAsk, known: readonly MessageHolds[]): Op<void> {
  const knownIds = new Set(known.map((each) => each.outboundMessageId))
  yield* insert({
    table: 'lane_message',
    columns: [
      { name: 'outbound_message_id', type: 'text' },
      { name: 'lane_id', type: 'text' },
      ...ROUTED,
    ],
    rows: ask.routes
      .filter((each) => !knownIds.has(each.outboundMessageId))
      .map(({ outboundMessageId, key, endpointUrl, heldReason, schedule }) => [
        outboundMessageId,
        laneIdOf(endpointUrl),
        heldReason,
        heldReason === null ? null : ask.now,
        key,
        schedule.lifetimeMs,
      ]),
    onConflict: 'ignore',
    returning: 'outbound_message_id',
  })
}

/** What holds each known outbound message once the routes are those of `ask`. */
function rerouted(known: readonly MessageHolds[], ask: RouteAsk): readonly MessageHolds[] {
  const routes = new Map(ask.routes.map((each) => [each.outboundMessageId, each]))
  const laneHeldAt = new Map(known.map((each) => [each.laneId, each.laneHeldAt]))
  return known.map((before) => {
    const found = routes.get(before.outboundMessageId)
    const definitionReason = found ? found.heldReason : UNDEFINED_REASON
    const isHeld = before.heldReason !== null || definitionReason !== null
    const laneId = found ? laneIdOf(found.endpointUrl) : before.laneId
    return {
      ...before,
      ...(found && { messageKey: found.key, ...found.schedule }),
      laneId,
      definitionReason,
      heldAt: isHeld ? (before.heldAt ?? ask.now) : null,
      laneHeldAt: laneHeldAt.get(laneId) ?? null,
    }
  })
}

function* updateMessages(
  known: readonly MessageHolds[],
  routed: readonly MessageHolds[],
): Op<void> {
  const changed: SqlValue[][] = []
  for (const [index, after] of routed.entries()) {
    const before = known[index]
    const row = rowOf(after)
    if (before && rowOf(before).every((value, place) => value === row[place])) continue
    changed.push([after.outboundMessageId, ...row])
  }
  yield* update({
    table: 'lane_message',
    key: { name: 'outbound_message_id', type: 'text' },
    guard: null,
    columns: [{ name: 'lane_id', type: 'text' }, ...ROUTED],
    rows: changed,
  })
}

function rowOf(message: MessageHolds): readonly SqlValue[] {
  const { laneId, definitionReason, heldAt, messageKey, lifetimeMs } = message
  return [laneId, definitionReason, heldAt, messageKey, lifetimeMs]
}

/** A lane that a person holds is kept, so that an endpoint that comes back is still on hold. */
function* deleteEmptyLanes(): Op<void> {
  const empty = `SELECT l.lane_id FROM lane l WHERE l.held_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM lane_message m WHERE m.lane_id = l.lane_id)`
  const idle = `${empty} AND NOT EXISTS
    (SELECT 1 FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL)`
  yield* run(`DELETE FROM lane WHERE lane_id IN (${idle})`)
  yield* run(
    'DELETE FROM lane_slot WHERE NOT EXISTS (SELECT 1 FROM lane l WHERE l.lane_id = lane_slot.lane_id)',
  )
}
