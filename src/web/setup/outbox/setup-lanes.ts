import { DEFAULT_PACE, type LanePace, paceMistake } from '../../../outbox/lane-pace.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { invalid } from '../setup-values.ts'

/**
 * `GET /outbox/lanes/{laneId}` → `{"laneId","waitingCount"}`: all that waits there, counted, which may take a second
 * where the list says "at least".
 *
 * `POST /outbox/lanes/{laneId}` with `{"slots","messagesPerSecond"}`, one of them or both, or with
 * `{"asConfigured":true}` → `{"changed":true}`. `messagesPerSecond` null lifts the limit. 404 when there is no such lane.
 */
export function setupLanes({ outbox, nudgeSender }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/outbox/lanes/:laneId',
      answer: async ({ parts }) => {
        const laneId = parts.laneId ?? ''
        const waitingCount = await outbox.countWaiting(laneId)
        if (waitingCount === null) throw unknownLane(laneId)
        return { laneId, waitingCount }
      },
    },
    {
      method: 'POST',
      path: '/outbox/lanes/:laneId',
      answer: async ({ parts, body, username }) => {
        const laneId = parts.laneId ?? ''
        const isAsConfigured = body.asConfigured === true
        const pace = isAsConfigured ? {} : readPace(body)
        const changed = await outbox.pace(laneId, pace, isAsConfigured ? null : username)
        if (!changed) throw unknownLane(laneId)
        nudgeSender()
        return { changed }
      },
    },
  ]
}

function unknownLane(laneId: string): ApiError {
  return new ApiError(404, 'NOT_FOUND', `there is no lane ${laneId}`)
}

function readPace({
  slots,
  messagesPerSecond,
}: Readonly<Record<string, unknown>>): Partial<LanePace> {
  if (slots === undefined && messagesPerSecond === undefined) {
    throw invalid('say slots, messagesPerSecond, or "asConfigured": true')
  }
  const isRate = messagesPerSecond === null || messagesPerSecond === undefined
  const pace = {
    ...(slots !== undefined && { slots: Number(slots) }),
    ...(messagesPerSecond !== undefined && {
      messagesPerSecond: isRate ? null : Number(messagesPerSecond),
    }),
  }
  const mistake = paceMistake({ ...DEFAULT_PACE, ...pace })
  if (mistake) throw invalid(`${mistake.name} should be ${mistake.expected}`)
  return pace
}
