import type { JobStore, ReplayAnswer } from '../../../jobs/job-store.ts'
import type { RecordStamp } from '../../../jobs/ordering/run-place.ts'
import { type Dialect, defineOp, type Op, rows, type SqlRow } from '../op.ts'
import { type InsertedRun, insertRuns } from './ordering/insert-runs.ts'

type ReplayAsk = Parameters<JobStore['replayRuns']>[0]

/** New runs of the messages of old ones, in the order given. */
export const replayRuns = defineOp(
  'jobs.replayRuns',
  function* (dialect: Dialect, ask: ReplayAsk): Op<readonly ReplayAnswer[]> {
    const runIds = ask.replays.map(({ runId }) => runId)
    // Whoever replays the same runs waits here, and then sees what came of them.
    const found = yield* rows(
      `SELECT r.run_id, r.job_config_id, r.message_name, r.message_body, r.message_properties,
        r.record_key, r.stamp_field, r.stamp_at, r.out_message_name
      FROM job_run r WHERE ${dialect.inList('r.run_id')} ORDER BY r.run_id ${dialect.forUpdate()}`,
      runIds,
    )
    const firsts = new Map(found.map((row) => [String(row.run_id), row]))
    const configIds = yield* existing(dialect, found)
    const replayed = ask.isOnce ? yield* replayedBefore(dialect, runIds) : new Set<string>()

    const runs: InsertedRun[] = []
    const answers: ReplayAnswer[] = []
    for (const replay of ask.replays) {
      const first = firsts.get(replay.runId)
      if (!first || !configIds.has(String(first.job_config_id))) answers.push({ kind: 'gone' })
      else if (replayed.has(replay.runId)) answers.push({ kind: 'replayed before' })
      else {
        runs.push(runOf(first, replay, ask))
        answers.push({ kind: 'replayed', runId: replay.replayId })
      }
    }
    yield* insertRuns(dialect, runs)
    return answers
  },
)

function* existing(dialect: Dialect, firsts: readonly SqlRow[]): Op<ReadonlySet<string>> {
  const found = yield* rows(
    `SELECT job_config_id FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
    [...new Set(firsts.map((row) => String(row.job_config_id)))],
  )
  return new Set(found.map((row) => String(row.job_config_id)))
}

function* replayedBefore(dialect: Dialect, runIds: readonly string[]): Op<ReadonlySet<string>> {
  const found = yield* rows(
    `SELECT DISTINCT replay_of FROM job_run WHERE ${dialect.inList('replay_of')}`,
    runIds,
  )
  return new Set(found.map((row) => String(row.replay_of)))
}

function runOf(
  first: SqlRow,
  { runId, replayId, lineId }: ReplayAsk['replays'][number],
  { submittedBy, now }: ReplayAsk,
): InsertedRun {
  const field = first.stamp_field as RecordStamp['field'] | null
  return {
    runId: replayId,
    jobConfigId: String(first.job_config_id),
    message: [first.message_name, first.message_body, first.message_properties].map(textOrNull),
    submittedBy,
    replayOf: runId,
    queuedAt: now,
    outMessageName: textOrNull(first.out_message_name),
    place: {
      recordKey: textOrNull(first.record_key),
      lineId,
      stamp: field === null ? null : { field, at: Number(first.stamp_at) },
      isOwnChange: false,
    },
    skipsStale: false,
  }
}

function textOrNull(value: SqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
