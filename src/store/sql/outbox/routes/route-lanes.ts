import { createHash } from 'node:crypto'
import type { LanePace } from '../../../../outbox/lane-pace.ts'
import type { Route } from '../../../../outbox/outbox-store.ts'
import {
  type Dialect,
  defineOp,
  insert,
  lastly,
  type Op,
  rows,
  type SqlColumn,
  update,
} from '../../op.ts'
import { slotIdOf } from '../lane-sql.ts'

/** The lane of an endpoint URL: the same wherever it is asked for. */
export function laneIdOf(endpointUrl: string): string {
  return createHash('sha256').update(endpointUrl).digest('base64url').slice(0, 22)
}

const PACE: readonly SqlColumn[] = [
  { name: 'slots', type: 'bigint' },
  { name: 'rate_milli', type: 'bigint' },
]
const CONFIGURED: readonly SqlColumn[] = [
  { name: 'configured_slots', type: 'bigint' },
  { name: 'configured_rate_milli', type: 'bigint' },
]

/** Locks all lanes, makes those of the routes that are new, and gives each the pace that the project says. */
export function* routeLanes(d: Dialect, routes: readonly Route[]): Op<void> {
  const known = yield* rows(
    `SELECT lane_id, configured_slots, configured_rate_milli, paced_by FROM lane
      ORDER BY lane_id ${d.forUpdate()}`,
  )
  const paces = new Map(routes.map(({ endpointUrl, pace }) => [endpointUrl, pace]))
  const lanes = [...paces].map(([url, pace]) => ({ laneId: laneIdOf(url), url, pace })).sort(byId)
  const made = yield* insert({
    table: 'lane',
    columns: [
      { name: 'lane_id', type: 'text' },
      { name: 'endpoint_url', type: 'text' },
      ...PACE,
      ...CONFIGURED,
    ],
    rows: lanes.map(({ laneId, url, pace }) => [laneId, url, ...rowOf(pace), ...rowOf(pace)]),
    onConflict: 'ignore',
    returning: 'lane_id',
  })
  const before = new Map(known.map((row) => [row.lane_id, row]))
  const changed = lanes.filter(({ laneId, pace }) => {
    const row = before.get(laneId)
    const [slots, rateMilli] = rowOf(pace)
    return row && (row.configured_slots !== slots || row.configured_rate_milli !== rateMilli)
  })
  const free = changed.filter(({ laneId }) => before.get(laneId)?.paced_by === null)
  const step = { table: 'lane', key: { name: 'lane_id', type: 'text' }, guard: null } as const
  yield* update({
    ...step,
    columns: CONFIGURED,
    rows: changed.map(({ laneId, pace }) => [laneId, ...rowOf(pace)]),
  })
  yield* update({
    ...step,
    columns: [
      ...PACE,
      { name: 'paced_until', type: 'bigint' },
      { name: 'limited_until', type: 'bigint' },
    ],
    rows: free.map(({ laneId, pace }) => [laneId, ...rowOf(pace), 0, null]),
  })
  const isMade = new Set(made)
  const slotted = [...lanes.filter(({ laneId }) => isMade.has(laneId)), ...changed]
  yield* insertSlots(slotted.map(({ laneId, pace }) => [laneId, pace.slots]))
}

function byId(one: { readonly laneId: string }, other: { readonly laneId: string }): number {
  return one.laneId < other.laneId ? -1 : 1
}

function rowOf({ slots, messagesPerSecond }: LanePace): readonly [number, number | null] {
  return [slots, messagesPerSecond === null ? null : Math.round(messagesPerSecond * 1000)]
}

/** Those that are there stay: of a lane with fewer slots than before, the ones beyond are not leased any more. */
function* insertSlots(lanes: readonly (readonly [laneId: string, slots: number])[]): Op<void> {
  yield* insert({
    table: 'lane_slot',
    columns: [
      { name: 'slot_id', type: 'text' },
      { name: 'lane_id', type: 'text' },
      { name: 'slot', type: 'bigint' },
    ],
    rows: lanes.flatMap(([laneId, slots]) =>
      Array.from({ length: slots }, (_, slot) => [slotIdOf({ laneId, slot }), laneId, slot]),
    ),
    onConflict: 'ignore',
    returning: 'slot_id',
  })
}

/** What `pace` is asked: see `OutboxStore.pace`. */
type PaceAsk = {
  readonly laneId: string
  readonly pace: Partial<LanePace>
  /** Null: as the project says. */
  readonly by: string | null
}

/** Sets a lane's pace for a person, or sets it back. Answers whether the lane is there. */
export const paceLane = defineOp('outbox.pace', function* (d: Dialect, ask: PaceAsk): Op<boolean> {
  const [lane] = yield* rows(
    `SELECT slots, rate_milli, configured_slots, configured_rate_milli FROM lane
      WHERE lane_id = ? ${d.forUpdate()}`,
    ask.laneId,
  )
  if (!lane) return false
  const prefix = ask.by === null ? 'configured_' : ''
  const rateMilli = lane[`${prefix}rate_milli`] as number | null
  const pace: LanePace = {
    slots: lane[`${prefix}slots`] as number,
    messagesPerSecond: rateMilli === null ? null : rateMilli / 1000,
    ...(ask.by !== null && ask.pace),
  }
  yield* insertSlots([[ask.laneId, pace.slots]])
  yield* lastly([
    {
      kind: 'run',
      sql: `UPDATE lane SET slots = ?, rate_milli = ?, paced_by = ?, paced_until = 0, limited_until = NULL
        WHERE lane_id = ?`,
      params: [...rowOf(pace), ask.by, ask.laneId],
    },
  ])
  return true
})
