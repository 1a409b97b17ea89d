import type { NotificationFilter } from '../../../../outbox/outbox-store.ts'
import {
  type Dialect,
  type Op,
  rows,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
  together,
} from '../../op.ts'

// No index has all notifications in the order of their age: one of that kind makes a question after one outbound
// message walk the queues of all the others. `notification_age` has those of each message in each state, and
// `notification_due` those of each message that can be leased; what concerns many messages merges such walks.

/** What is walked in one go along an index. */
type Queue = { readonly outboundMessageId: string; readonly state: 'waiting' | 'expired' }

/** The queues in which there may be what a filter means: waiting ones first, by the id of their outbound message. */
export function* queuesOf(d: Dialect, filter: NotificationFilter): Op<readonly Queue[]> {
  const ids = [...(yield* messagesOf(d, filter))].sort()
  const { state } = filter
  const states = state === undefined ? (['waiting', 'expired'] as const) : [stateOf(state)]
  return states.flatMap((each) =>
    ids.map((outboundMessageId) => ({ outboundMessageId, state: each })),
  )
}

function stateOf(state: 'waiting' | 'held' | 'expired'): Queue['state'] {
  return state === 'held' ? 'waiting' : state
}

function* messagesOf(d: Dialect, filter: NotificationFilter): Op<readonly string[]> {
  const { outboundMessageId, laneIds, state } = filter
  if (!laneIds && state !== 'held') return outboundMessageId ? [outboundMessageId] : yield* owed()
  const routed = yield* rows(
    `SELECT m.outbound_message_id FROM lane_message m JOIN lane l ON l.lane_id = m.lane_id
      WHERE ${laneIds ? d.inList('m.lane_id') : '1 = 1'}
        ${state === 'held' ? 'AND (m.held_at IS NOT NULL OR l.held_at IS NOT NULL)' : ''}`,
    ...(laneIds ? [laneIds] : []),
  )
  const ids = routed.map((row) => row.outbound_message_id as string)
  return outboundMessageId ? ids.filter((id) => id === outboundMessageId) : ids
}

/** Every outbound message that has notifications, stepping over those of each; also one that never had an endpoint. */
function* owed(): Op<readonly string[]> {
  const found = yield* rows(
    `WITH RECURSIVE known(outbound_message_id) AS (
          SELECT min(outbound_message_id) FROM notification
          UNION ALL
          SELECT (SELECT min(n.outbound_message_id) FROM notification n
              WHERE n.outbound_message_id > k.outbound_message_id)
            FROM known k WHERE k.outbound_message_id IS NOT NULL)
        SELECT outbound_message_id FROM known WHERE outbound_message_id IS NOT NULL`,
  )
  return found.map((row) => row.outbound_message_id as string)
}

/** Where a walk goes on: after the notification of that time and id, in the order of its index. */
export type Place = { readonly at: number; readonly id: string }

/** Before the first that was queued at `from` or later. */
export function startAt(from: number | undefined): Place {
  return { at: from ?? Number.MIN_SAFE_INTEGER, id: '' }
}

/** Finds the next of one queue, the oldest first: rows of `notification_id` and `created_at`. */
export function byAge(queue: Queue, { at, id }: Place, limit: number): SqlStatement {
  return {
    kind: 'rows',
    sql: `SELECT n.notification_id, n.created_at AS walked_at FROM notification n
      WHERE n.outbound_message_id = ? AND n.state = ? AND (n.created_at, n.notification_id) > (?, ?)
      ORDER BY n.created_at, n.notification_id LIMIT ?`,
    params: [queue.outboundMessageId, queue.state, at, id, limit],
  }
}

/** Finds the next due of one queue, less what is being sent. */
export function byDue(
  queue: Queue,
  { at, id }: Place,
  { limit, createdFrom }: { readonly limit: number; readonly createdFrom: number | undefined },
): SqlStatement {
  const params: SqlValue[] = [queue.outboundMessageId, at, id]
  if (createdFrom !== undefined) params.push(createdFrom)
  return {
    kind: 'rows',
    sql: `SELECT n.notification_id, n.due_at AS walked_at FROM notification n
      WHERE n.outbound_message_id = ? AND n.state = 'waiting' AND n.lease_token IS NULL
        AND (n.due_at, n.notification_id) > (?, ?)
        ${createdFrom === undefined ? '' : 'AND n.created_at >= ?'}
      ORDER BY n.due_at, n.notification_id LIMIT ?`,
    params: [...params, limit],
  }
}

/** The least that is read of a queue at once. */
const PAGE_MIN = 10

type Walk = { readonly queue: Queue; found: readonly Place[]; isAtEnd: boolean }

/**
 * The first `limit` over all queues. Of each only so much is read as can be among them: a page at first, then twice
 * as much of those whose page ended before the last that is wanted.
 */
export function* firstOf(
  queues: readonly Queue[],
  limit: number,
  next: (queue: Queue, after: Place | null, limit: number) => SqlStatement,
): Op<readonly string[]> {
  const walks = queues.map((queue): Walk => ({ queue, found: [], isAtEnd: false }))
  let page = Math.max(PAGE_MIN, Math.ceil((2 * limit) / Math.max(1, queues.length)))
  let unread: readonly Walk[] = walks
  while (unread.length > 0) {
    const size = Math.min(page, limit)
    const answers = yield* together(
      unread.map(({ queue, found }) => next(queue, found.at(-1) ?? null, size)),
    )
    for (const [index, walk] of unread.entries()) {
      const more = (answers[index]?.rows ?? []).map(placeOf)
      walk.isAtEnd = more.length < size
      walk.found = [...walk.found, ...more]
    }
    const last = merged(walks)[limit - 1]
    unread = walks.filter(({ found, isAtEnd }) => {
      const end = found.at(-1)
      return !isAtEnd && (!last || (end !== undefined && end.at < last.at))
    })
    page *= 2
  }
  return merged(walks)
    .slice(0, limit)
    .map(({ id }) => id)
}

function merged(walks: readonly Walk[]): readonly Place[] {
  return walks
    .flatMap(({ found }) => found)
    .sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
}

function placeOf(row: SqlRow): Place {
  return { at: row.walked_at as number, id: row.notification_id as string }
}

/** A slice of a long walk, and where the next one begins; null when this was the last. */
export type Walked = { readonly ids: readonly string[]; readonly next: string | null }

/**
 * Walks on from where the slice before ended, through one queue after the other. What the walker changes is not met
 * again: a dead letter that is made to wait goes to a queue that is behind it.
 */
export function* walkOn(
  d: Dialect,
  filter: NotificationFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): Op<Walked> {
  const from = after === '' ? null : (JSON.parse(after) as { queue: Queue; place: Place })
  const ids: string[] = []
  for (const queue of yield* queuesOf(d, filter)) {
    const order = from === null ? 1 : compareQueues(queue, from.queue)
    if (order < 0) continue
    const start = from && order === 0 ? from.place : startAt(filter.createdFrom)
    const [answer] = yield* together([byAge(queue, start, limit - ids.length)])
    const places = (answer?.rows ?? []).map(placeOf)
    ids.push(...places.map(({ id }) => id))
    if (ids.length >= limit) return { ids, next: JSON.stringify({ queue, place: places.at(-1) }) }
  }
  return { ids, next: null }
}

/** In the order of `queuesOf`. */
function compareQueues(one: Queue, other: Queue): number {
  if (one.state !== other.state) return one.state === 'waiting' ? -1 : 1
  if (one.outboundMessageId === other.outboundMessageId) return 0
  return one.outboundMessageId < other.outboundMessageId ? -1 : 1
}
