import { DAY_MS } from '../../../../base/clock.ts'
import type { RecordStamp, RunPlace } from '../../../../jobs/ordering/run-place.ts'
import { type Dialect, type Op, rows, run, type SqlColumn, update } from '../../op.ts'

type Stamped = {
  readonly runId: string
  readonly jobConfigId: string
  readonly place: Pick<RunPlace, 'recordKey' | 'stamp'>
}

const STAMP_ID: SqlColumn = { name: 'stamp_id', type: 'text' }
const STAMP_COLUMNS: readonly SqlColumn[] = [
  { name: 'stamp_field', type: 'text' },
  { name: 'accepted_stamp', type: 'bigint' },
  { name: 'run_stamp', type: 'bigint' },
  { name: 'seen_day', type: 'bigint' },
]

/** Stamps not seen before: older than any. */
const NO_FIELD = ''

/** The key of what is known of a record's stamps under one job config. */
export function stampIdOf({
  recordKey,
  jobConfigId,
}: {
  readonly recordKey: string
  readonly jobConfigId: string
}): string {
  return `${recordKey}/${jobConfigId}`
}

/**
 * Compares new runs' stamps, in the order given, with the newest accepted before of the same record, and
 * keeps the newest. Answers, of the runs that are stale, the stamp they are behind.
 */
export function* compareStamps(
  dialect: Dialect,
  runs: readonly Stamped[],
  now: number,
): Op<ReadonlyMap<string, number>> {
  const staleBehind = new Map<string, number>()
  const stamped = withStamps(runs)
  if (stamped.length === 0) return staleBehind
  const known = yield* lockStamps(
    dialect,
    stamped.map(({ stampId }) => stampId),
  )
  for (const { runId, stampId, stamp } of stamped) {
    const newest = known.get(stampId)
    if (newest && newest.field === stamp.field && newest.acceptedAt !== null) {
      if (newest.acceptedAt > stamp.at) staleBehind.set(runId, newest.acceptedAt)
      newest.acceptedAt = Math.max(newest.acceptedAt, stamp.at)
    } else {
      // The message's field list changed: what was known is of another clock.
      known.set(stampId, { field: stamp.field, acceptedAt: stamp.at, runAt: null })
    }
  }
  yield* update({
    table: 'record_stamp',
    key: STAMP_ID,
    guard: null,
    columns: STAMP_COLUMNS,
    rows: [...known].map(([stampId, { field, acceptedAt, runAt }]) => [
      stampId,
      field,
      acceptedAt,
      runAt,
      dayOf(now),
    ]),
  })
  return staleBehind
}

type KnownStamps = { field: string; acceptedAt: number | null; runAt: number | null }

function* lockStamps(dialect: Dialect, stampIds: readonly string[]): Op<Map<string, KnownStamps>> {
  const found = yield* rows(
    `INSERT INTO record_stamp (stamp_id, stamp_field, seen_day)
      SELECT each.value, '${NO_FIELD}', 0 FROM ${dialect.eachOf} WHERE true ORDER BY each.value
      ON CONFLICT (stamp_id) DO UPDATE SET stamp_field = record_stamp.stamp_field
      RETURNING stamp_id, stamp_field, accepted_stamp, run_stamp`,
    [...new Set(stampIds)].toSorted(),
  )
  return new Map(
    found.map((row) => [
      String(row.stamp_id),
      {
        field: String(row.stamp_field),
        acceptedAt: numberOrNull(row.accepted_stamp),
        runAt: numberOrNull(row.run_stamp),
      },
    ]),
  )
}

/** A run that finished: its stamp is the newest that was run, unless a newer one was. */
export function* keepRunStamp(stampId: string, { field, at }: RecordStamp): Op<void> {
  yield* run(
    `UPDATE record_stamp SET run_stamp = ?
      WHERE stamp_id = ? AND stamp_field = ? AND (run_stamp IS NULL OR run_stamp < ?)`,
    at,
    stampId,
    field,
    at,
  )
}

/** Of the runs about to be run, those with a newer change of their record that was run meanwhile. */
export function* behindWhatRan(
  dialect: Dialect,
  runs: readonly Stamped[],
): Op<ReadonlyMap<string, number>> {
  const stamped = withStamps(runs)
  if (stamped.length === 0) return new Map()
  const found = yield* rows(
    `SELECT stamp_id, stamp_field, run_stamp FROM record_stamp
      WHERE ${dialect.inList('stamp_id')} AND run_stamp IS NOT NULL`,
    stamped.map(({ stampId }) => stampId),
  )
  const ran = new Map(
    found.map((row) => [`${row.stamp_id}/${row.stamp_field}`, Number(row.run_stamp)]),
  )
  return new Map(
    stamped.flatMap(({ runId, stampId, stamp }) => {
      const ranAt = ran.get(`${stampId}/${stamp.field}`)
      return ranAt !== undefined && ranAt > stamp.at ? [[runId, ranAt] as const] : []
    }),
  )
}

function withStamps(runs: readonly Stamped[]) {
  return runs.flatMap(({ runId, jobConfigId, place: { recordKey, stamp } }) => {
    if (recordKey === null || stamp === null) return []
    return [{ runId, stampId: stampIdOf({ recordKey, jobConfigId }), stamp }]
  })
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS)
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}
