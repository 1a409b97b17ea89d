import type { Instant } from '../../../../base/clock.ts'
import type { RecordId } from '../../../../schema/record-id.ts'
import type { LaneTokens } from './lane-tokens.ts'

/** A lane that is locked for a lease op, with what could be sent in it when it was read. */
export type PickedLane = {
  readonly laneId: string
  readonly endpointUrl: string
  readonly failureCount: number
  readonly isProbe: boolean
  /** So many messages more may be on their way. */
  readonly room: number
  /** Null: its rate is not limited. */
  readonly tokens: LaneTokens | null
  /** Those that are not on hold, in the order of their turns; `dueAt` is null where nothing waits. */
  readonly messages: readonly {
    readonly outboundMessageId: RecordId
    readonly dueAt: Instant | null
  }[]
}

/** So many batches of one outbound message are wanted. */
export type WantedBatches = {
  readonly lane: PickedLane
  readonly outboundMessageId: RecordId
  readonly count: number
}

/**
 * Shares `count` turns out: one to each lane in the order given, then a second one to each that has room, and so
 * on. In a lane its outbound messages take turns in the same way.
 */
export function shareTurns(
  lanes: readonly PickedLane[],
  count: number,
  now: Instant,
): readonly WantedBatches[] {
  const ready = lanes.map((lane) => ({ lane, messages: dueMessages(lane, now) }))
  const wanted = new Map<RecordId, { lane: PickedLane; count: number }>()
  let left = count
  for (let round = 0; left > 0; round += 1) {
    const before = left
    for (const { lane, messages } of ready) {
      const outboundMessageId = messages[round % messages.length]
      if (outboundMessageId === undefined || round >= lane.room || left === 0) continue
      const known = wanted.get(outboundMessageId)
      wanted.set(outboundMessageId, { lane, count: (known?.count ?? 0) + 1 })
      left -= 1
    }
    if (left === before) break
  }
  return [...wanted].map(([outboundMessageId, each]) => ({ outboundMessageId, ...each }))
}

/** A probe goes with what waits, due or not. */
function dueMessages({ messages, isProbe }: PickedLane, now: Instant): readonly RecordId[] {
  return messages
    .filter(({ dueAt }) => dueAt !== null && (isProbe || dueAt <= now))
    .map(({ outboundMessageId }) => outboundMessageId)
}

/**
 * Cuts what was found, in the order of its due times, into at most `count` messages of at most `limit`. A message
 * holds those that share the first one's batch limit.
 */
export function cutBatches<N extends { readonly batchLimit: number }>(
  found: readonly N[],
  count: number,
  limit: number,
): readonly (readonly N[])[] {
  const batches: N[][] = []
  let rest = [...found]
  while (batches.length < count && rest[0]) {
    const { batchLimit } = rest[0]
    const first = rest.slice(0, Math.min(limit, batchLimit))
    const others = first.filter((each) => each.batchLimit !== batchLimit)
    batches.push(first.filter((each) => each.batchLimit === batchLimit))
    rest = [...others, ...rest.slice(first.length)]
  }
  return batches
}
