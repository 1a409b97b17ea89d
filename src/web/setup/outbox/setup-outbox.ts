import { maskUrl } from '../../../base/secrets/mask-url.ts'
import type {
  LaneView,
  NotificationFilter,
  NotificationView,
} from '../../../outbox/outbox-store.ts'
import { readReasons } from '../../../story/reasons.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { countOf, idOf, invalid, isoOf } from '../setup-values.ts'
import { attemptJson } from '../watching/setup-attempts.ts'
import { outboxActs } from './outbox-acts.ts'
import { readFilter } from './outbox-filter.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
const ATTEMPTS_LISTED = 50

/**
 * `GET /outbox?state=waiting|held|expired&outboundMessage=Object.Name&outboundMessageId&recordId&endpoint&since
 *   &order=dueAt|createdAt&limit` →
 * `{"readAt", "lanes": [{"laneId","endpointUrl","waitingCount","leasedCount","failureCount","probeAt",
 *   "heldReason","heldAt","oldestCreatedAt","pace":{"slots","messagesPerSecond"},"pacedBy","isLimited",
 *   "waitingIsAtLeast","outboundMessages":[{"outboundMessageId","outboundMessage","waitingCount",
 *   "waitingIsAtLeast","heldReason","heldAt"}]}], "notifications": [{"notificationId","outboundMessageId",
 *   "outboundMessage","objectName","recordId","ruleFullName","state","attemptCount","refusalCount","batchLimit",
 *   "failureReason","createdAt","dueAt","expiresAt","expiredAt","isLeased","laneId","heldReason"}]}`. `endpoint` is
 * a URL, a host or a lane; `since` when it was queued at the earliest.
 *
 * `GET /outbox/{notificationId}` → `{"notification": {…, "whyNotYet"} or null, "attempts": [as
 *   GET /attempts/{id} has them]}`, newest attempt first; 404 when neither is known.
 */
export function setupOutbox(ports: SetupPorts): readonly SetupRoute[] {
  const { outbox, clock } = ports
  return [
    {
      method: 'GET',
      path: '/outbox',
      answer: async ({ query }) => {
        const filter = await listFilter(ports, query)
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
    ...outboxActs(ports),
  ]
}

async function showNotification(ports: SetupPorts, asked: string): Promise<unknown> {
  const { outbox } = ports
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
  const reasons = await readReasons(ports, notification ? [notification] : [])
  return {
    notification: notification
      ? { ...notificationJson(notification), whyNotYet: reasons.get(notificationId) ?? null }
      : null,
    attempts: attempts.map(attemptJson),
  }
}

async function listFilter(ports: SetupPorts, query: URLSearchParams): Promise<NotificationFilter> {
  const order = query.get('order')
  if (order !== null && order !== 'dueAt' && order !== 'createdAt') {
    throw invalid('order should be dueAt or createdAt')
  }
  const range = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
  return {
    ...(await readFilter(ports, Object.fromEntries(query))),
    ...(order && { order }),
    limit: countOf(query.get('limit'), range),
  }
}

function notificationJson(view: NotificationView): object {
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
    endpointUrl: maskUrl(lane.endpointUrl),
    probeAt: isoOf(lane.probeAt),
    heldAt: isoOf(lane.heldAt),
    oldestCreatedAt: isoOf(lane.oldestCreatedAt),
    outboundMessages: lane.outboundMessages.map((each) => ({
      ...each,
      heldAt: isoOf(each.heldAt),
    })),
  }
}
