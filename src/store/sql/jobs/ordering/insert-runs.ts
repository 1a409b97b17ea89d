import type { JobStatus, RunSkip } from '../../../../jobs/job-run.ts'
import type { RunPlace } from '../../../../jobs/ordering/run-place.ts'
import { type Dialect, insert, type Op, type SqlColumn, type SqlValue } from '../../op.ts'
import { joinLines, type LinePlace } from './lines.ts'
import { compareStamps } from './stamps.ts'

/** A new run as the tables want it. */
export type InsertedRun = {
  readonly runId: string
  readonly jobConfigId: string
  /** Name, body, properties. */
  readonly message: readonly SqlValue[]
  readonly submittedBy: string
  readonly replayOf: string | null
  readonly queuedAt: number
  /** Under which name to keep what it answers; absent or null: as the job config says. */
  readonly outMessageName?: string | null
  readonly place: RunPlace
  /** A stale one is kept and not run. A person's is run all the same. */
  readonly skipsStale: boolean
}

/** What became of a new run. */
export type Inserted = {
  readonly status: JobStatus
  readonly skipped: RunSkip | null
  readonly staleBehind: number | null
}

const RUN_COLUMNS: readonly SqlColumn[] = [
  { name: 'run_id', type: 'text' },
  { name: 'job_config_id', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'message_name', type: 'text' },
  { name: 'message_body', type: 'text' },
  { name: 'message_properties', type: 'text' },
  { name: 'submitted_by', type: 'text' },
  { name: 'replay_of', type: 'text' },
  { name: 'queued_at', type: 'bigint' },
  { name: 'due_at', type: 'bigint' },
  { name: 'finished_at', type: 'bigint' },
  { name: 'failure_reason', type: 'text' },
  { name: 'record_key', type: 'text' },
  { name: 'line_id', type: 'text' },
  { name: 'line_seq', type: 'bigint' },
  { name: 'stamp_field', type: 'text' },
  { name: 'stamp_at', type: 'bigint' },
  { name: 'stale_behind', type: 'bigint' },
  { name: 'skipped', type: 'text' },
  { name: 'out_message_name', type: 'text' },
]

/**
 * Writes new runs in the order given: QUEUED, SEQUENCED behind another of their line, or CANCELLED where they
 * are to be kept and not run. Answers what became of each.
 */
export function* insertRuns(
  dialect: Dialect,
  runs: readonly InsertedRun[],
): Op<ReadonlyMap<string, Inserted>> {
  const now = runs[0]?.queuedAt ?? 0
  const staleBehind = yield* compareStamps(dialect, runs, now)
  const skips = new Map(runs.map((run) => [run.runId, skipOf(run, staleBehind)]))
  const places = yield* joinLines(
    dialect,
    runs.flatMap(({ runId, jobConfigId, place: { lineId } }) =>
      lineId !== null && !skips.get(runId) ? [{ runId, jobConfigId, lineId }] : [],
    ),
  )
  const inserted = new Map<string, Inserted>()
  const written: (readonly SqlValue[])[] = []
  for (const run of runs) {
    const place = places.get(run.runId) ?? null
    const skipped = skips.get(run.runId) ?? null
    const behind = staleBehind.get(run.runId) ?? null
    const status = statusOf(skipped, place)
    inserted.set(run.runId, { status, skipped, staleBehind: behind })
    written.push([
      ...firstColumns(run, status, skipped),
      ...placeColumns(run, place),
      behind,
      skipped,
      run.outMessageName ?? null,
    ])
  }
  yield* insert({
    table: 'job_run',
    columns: RUN_COLUMNS,
    rows: written,
    onConflict: 'fail',
    returning: 'run_id',
  })
  return inserted
}

function skipOf(run: InsertedRun, staleBehind: ReadonlyMap<string, number>): RunSkip | null {
  if (run.place.isOwnChange) return 'own change'
  return run.skipsStale && staleBehind.has(run.runId) ? 'stale' : null
}

function statusOf(skipped: RunSkip | null, place: LinePlace | null): JobStatus {
  if (skipped) return 'CANCELLED'
  return place === null || place.isHead ? 'QUEUED' : 'SEQUENCED'
}

function firstColumns(
  { runId, jobConfigId, message, submittedBy, replayOf, queuedAt }: InsertedRun,
  status: JobStatus,
  skipped: RunSkip | null,
): readonly SqlValue[] {
  const end = skipped ? [queuedAt, SKIP_REASONS[skipped]] : [null, null]
  const times = [queuedAt, queuedAt]
  return [runId, jobConfigId, status, ...message, submittedBy, replayOf, ...times, ...end]
}

function placeColumns({ place }: InsertedRun, line: LinePlace | null): readonly SqlValue[] {
  const { recordKey, lineId, stamp } = place
  const stands = line ? [lineId, line.seq] : [null, null]
  return [recordKey, ...stands, stamp?.field ?? null, stamp?.at ?? null]
}

/** Why a run was kept and not run, for people. */
export const SKIP_REASONS: Readonly<Record<RunSkip, string>> = {
  'own change': 'skipped: one of the job config’s own users made the change',
  stale: 'skipped: a newer change of the record came before it',
}
