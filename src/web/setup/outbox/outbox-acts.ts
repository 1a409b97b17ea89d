import type { NotificationFilter } from '../../../outbox/outbox-store.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { countOf, invalid, textOf } from '../setup-values.ts'
import { NARROWING, readFilter, readTarget } from './outbox-filter.ts'

/** So many rows one retry or deletion touches. */
const CHANGED_MAX = 1_000_000
const REASON_LENGTH_MAX = 1000

type Said = Readonly<Record<string, unknown>>

/**
 * `POST /outbox/retry` and `/outbox/del` with what narrows `GET /outbox`, `{"notificationIds":[…]}`, or
 * `{"all":true}`, and `{"limit"}` → `{"count","sendingCount"}`; retry also `"heldCount","unroutedCount"`. 404 when
 * ids are named and none of them is owed.
 *
 * `POST /outbox/hold` and `/outbox/resume` with `{"outboundMessageId"}`, `{"outboundMessage":"Object.Name"}`,
 * `{"laneId"}` or `{"endpoint"}`, hold with `{"reason"}` → `{"changed","reason"}`: when it was so already, why;
 * when it is still not sent after a resume, why.
 */
export function outboxActs(ports: SetupPorts): readonly SetupRoute[] {
  const { outbox, clock, nudgeSender } = ports
  return [
    {
      method: 'POST',
      path: '/outbox/retry',
      answer: async ({ body }) => {
        const filter = await readChange(ports, body)
        const retried = await outbox.retry(filter, clock.now())
        if (retried.count + retried.sendingCount + retried.unroutedCount === 0) refuseNone(filter)
        nudgeSender()
        return retried
      },
    },
    {
      method: 'POST',
      path: '/outbox/del',
      answer: async ({ body }) => {
        const filter = await readChange(ports, body)
        const deleted = await outbox.del(filter)
        if (deleted.count === 0) refuseNone(filter)
        return deleted
      },
    },
    {
      method: 'POST',
      path: '/outbox/hold',
      answer: async ({ body, username }) => {
        const target = await readTarget(outbox, body)
        const reason = reasonOf(body) ?? `held by ${username}`
        const answer = await outbox.hold(target, reason, clock.now())
        if (answer.kind === 'unknown') throw unknownTarget()
        return answer.kind === 'held'
          ? { changed: true, reason }
          : { changed: false, reason: `it is on hold already: ${answer.reason}` }
      },
    },
    {
      method: 'POST',
      path: '/outbox/resume',
      answer: async ({ body }) => {
        const answer = await outbox.resume(await readTarget(outbox, body), clock.now())
        if (answer.kind === 'unknown') throw unknownTarget()
        nudgeSender()
        const changed = answer.kind === 'resumed'
        const held =
          answer.stillHeld === null ? null : `it is held all the same: ${answer.stillHeld}`
        return { changed, reason: held ?? (changed ? null : 'nobody had put it on hold') }
      },
    },
  ]
}

/** What is changed must be named: an empty request changes nothing by mistake. */
async function readChange(ports: SetupPorts, said: Said): Promise<NotificationFilter> {
  const isNarrowed = NARROWING.some((name) => said[name] !== undefined)
  if (!isNarrowed && said.all !== true) {
    throw invalid(`say which: ${NARROWING.join(', ')}, or "all": true for every one`)
  }
  return {
    ...(await readFilter(ports, said)),
    limit: countOf(said.limit, { name: 'limit', fallback: CHANGED_MAX, max: CHANGED_MAX }),
  }
}

function refuseNone({ notificationIds }: NotificationFilter): void {
  if (!notificationIds) return
  const none = `none of these is owed: ${notificationIds.join(', ')}. They were delivered or removed, or never were`
  throw new ApiError(404, 'NOT_FOUND', none)
}

function reasonOf({ reason }: Said): string | undefined {
  const text = textOf(reason, 'reason')
  if (text && text.length > REASON_LENGTH_MAX) {
    throw invalid(`reason should have at most ${REASON_LENGTH_MAX} characters`)
  }
  return text
}

function unknownTarget(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'there is no such outbound message or lane')
}
