import type {
  HoldTarget,
  LaneView,
  NotificationFilter,
  NotificationView,
} from '../../outbox/outbox-store.ts'
import { ApiError } from '../api-error.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'
import { countOf, idOf, invalid, isoOf, textOf } from './setup-values.ts'
import { attemptJson } from './watching/setup-attempts.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
/** So many rows one retry or deletion touches unless the request says fewer. */
const CHANGED_MAX = 100_000
const ATTEMPTS_LISTED = 50
const HELD_BY = 'held by'

/**
 * `GET /outbox?state=waiting|expired&outboundMessageId&recordId&order=dueAt|createdAt&limit` →
 * `{"readAt", "lanes": [{"laneId","endpointUrl","waitingCount","leasedCount","failureCount","probeAt",
 *   "heldReason","heldAt","oldestCreatedAt","outboundMessages":[{"outboundMessageId","waitingCount",
 *   "heldReason","heldAt"}]}], "notifications": [{"notificationId","outboundMessageId","objectName","recordId",
 *   "ruleFullName","state","attemptCount","refusalCount","failureReason","createdAt","dueAt","expiresAt",
 *   "expiredAt","isLeased","laneId","heldReason"}]}`
 *
 * `GET /outbox/{notificationId}` → `{"notification": {…} or null, "attempts": [as
 *   GET /attempts/{id} has them]}`, newest attempt first; 404 when neither is known.
 *
 * `POST /outbox/retry` and `/outbox/del` with `{"notificationIds":[…]}` and/or `{"outboundMessageId","recordId",
 *   "state"}`, or `{"all":true}` → `{"count"}`
 *
 * `POST /outbox/hold` and `/outbox/resume` with `{"outboundMessageId"}` or `{"laneId"}`, hold with `{"reason"}` →
 * `{"changed"}`: false when it was so already; 404 is not told apart.
 */
export function setupOutbox(ports: SetupPorts): readonly SetupRoute[] {
  const { outbox, clock, nudgeSender } = ports
  return [
    {
      method: 'GET',
      path: '/outbox',
      answer: async ({ query }) => {
        const filter = listFilter(query)
        const [lanes, listed] = await Promise.all([outbox.lanes(), outbox.list(filter)])
        return {
          readAt: isoOf(clock.now()),
          lanes: lanes.map(laneJson),
          notifications: listed.map(notificationJson),
        }
      },
    },
    {
      method: 'GET',
      path: '/outbox/:notificationId',
      answer: ({ parts }) => showNotification(ports, parts.notificationId ?? ''),
    },
    {
      method: 'POST',
      path: '/outbox/retry',
      answer: async ({ body }) => {
        const count = await outbox.retry(changeFilter(body), clock.now())
        nudgeSender()
        return { count }
      },
    },
    {
      method: 'POST',
      path: '/outbox/del',
      answer: async ({ body }) => ({ count: await outbox.del(changeFilter(body)) }),
    },
    {
      method: 'POST',
      path: '/outbox/hold',
      answer: async ({ body, username }) => {
        const reason = textOf(body.reason, 'reason') ?? `${HELD_BY} ${username}`
        return { changed: await outbox.hold(holdTarget(body), reason, clock.now()) }
      },
    },
    {
      method: 'POST',
      path: '/outbox/resume',
      answer: async ({ body }) => {
        const changed = await outbox.resume(holdTarget(body), clock.now())
        nudgeSender()
        return { changed }
      },
    },
  ]
}

async function showNotification({ outbox }: SetupPorts, asked: string): Promise<unknown> {
  const notificationId = idOf(asked, 'notificationId')
  if (!notificationId) throw invalid('notificationId is missing')
  const [listed, attempts] = await Promise.all([
    outbox.list({ notificationIds: [notificationId], limit: 1 }),
    outbox.attempts({ notificationId, limit: ATTEMPTS_LISTED }),
  ])
  const [notification] = listed
  if (!notification && attempts.length === 0) {
    throw new ApiError(404, 'NOT_FOUND', `no notification ${asked} is owed or was sent lately`)
  }
  return {
    notification: notification ? notificationJson(notification) : null,
    attempts: attempts.map(attemptJson),
  }
}

function listFilter(query: URLSearchParams): NotificationFilter {
  const order = query.get('order')
  if (order !== null && order !== 'dueAt' && order !== 'createdAt') {
    throw invalid('order should be dueAt or createdAt')
  }
  const outboundMessageId = idOf(query.get('outboundMessageId'), 'outboundMessageId')
  const recordId = idOf(query.get('recordId'), 'recordId')
  const state = stateOf(query.get('state'))
  const range = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
  return {
    ...(outboundMessageId && { outboundMessageId }),
    ...(recordId && { recordId }),
    ...(state && { state }),
    ...(order && { order }),
    limit: countOf(query.get('limit'), range),
  }
}

/** What is changed must be named: an empty request changes nothing by mistake. */
function changeFilter(body: Readonly<Record<string, unknown>>): NotificationFilter {
  const notificationIds = idsOf(body.notificationIds)
  const outboundMessageId = idOf(body.outboundMessageId, 'outboundMessageId')
  const recordId = idOf(body.recordId, 'recordId')
  const state = stateOf(body.state)
  if (!notificationIds && !outboundMessageId && !recordId && !state && body.all !== true) {
    throw invalid(
      'say which: notificationIds, outboundMessageId, recordId, state, or "all": true for every one',
    )
  }
  return {
    ...(notificationIds && { notificationIds }),
    ...(outboundMessageId && { outboundMessageId }),
    ...(recordId && { recordId }),
    ...(state && { state }),
    limit: countOf(body.limit, { name: 'limit', fallback: CHANGED_MAX, max: CHANGED_MAX }),
  }
}

function idsOf(value: unknown): NotificationFilter['notificationIds'] {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid('notificationIds should be an array of ids')
  return value.map((each) => {
    const id = idOf(each, 'notificationIds')
    if (!id) throw invalid('notificationIds should be an array of ids')
    return id
  })
}

function stateOf(value: unknown): 'waiting' | 'expired' | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (value === 'waiting' || value === 'expired') return value
  throw invalid('state should be waiting or expired')
}

function holdTarget(body: Readonly<Record<string, unknown>>): HoldTarget {
  const outboundMessageId = idOf(body.outboundMessageId, 'outboundMessageId')
  if (outboundMessageId) return { kind: 'outboundMessage', outboundMessageId }
  const laneId = textOf(body.laneId, 'laneId')
  if (laneId) return { kind: 'lane', laneId }
  throw invalid('say which: outboundMessageId or laneId')
}

function notificationJson(view: NotificationView): unknown {
  const { createdAt, dueAt, expiresAt, expiredAt, isRegrown: _inner, ...rest } = view
  const instants = {
    createdAt: isoOf(createdAt),
    dueAt: isoOf(dueAt),
    expiresAt: isoOf(expiresAt),
    expiredAt: isoOf(expiredAt),
  }
  return { ...rest, ...instants }
}

function laneJson(lane: LaneView): unknown {
  return {
    ...lane,
    probeAt: isoOf(lane.probeAt),
    heldAt: isoOf(lane.heldAt),
    oldestCreatedAt: isoOf(lane.oldestCreatedAt),
    outboundMessages: lane.outboundMessages.map((each) => ({
      ...each,
      heldAt: isoOf(each.heldAt),
    })),
  }
}
