import { type Dialect, type Op, oneRow, rows, run, type SqlColumn, update } from '../../op.ts'

// Locks are taken in one order everywhere: leased run, record stamp, line, sequenced run.

type Waiter = { readonly runId: string; readonly jobConfigId: string; readonly lineId: string }

/** Where a new run came to stand. */
export type LinePlace = { readonly seq: number; readonly isHead: boolean }

const LINE_ID: SqlColumn = { name: 'line_id', type: 'text' }
const LINE_COLUMNS: readonly SqlColumn[] = [
  { name: 'job_config_id', type: 'text' },
  { name: 'head_run_id', type: 'text' },
  { name: 'last_seq', type: 'bigint' },
]

/**
 * Puts new runs at the end of their lines, in the order given, and answers each one's place. Their lines stay
 * locked until the commit, so no run before them ends unseen.
 */
export function* joinLines(
  dialect: Dialect,
  waiters: readonly Waiter[],
): Op<ReadonlyMap<string, LinePlace>> {
  const places = new Map<string, LinePlace>()
  if (waiters.length === 0) return places
  const lineIds = [...new Set(waiters.map(({ lineId }) => lineId))].toSorted()
  const found = yield* rows(
    `INSERT INTO run_line (line_id, job_config_id, last_seq)
      SELECT each.value, '', 0 FROM ${dialect.eachOf} WHERE true ORDER BY each.value
      ON CONFLICT (line_id) DO UPDATE SET last_seq = run_line.last_seq
      RETURNING line_id, head_run_id, last_seq`,
    lineIds,
  )
  const lines = new Map(
    found.map((row) => [
      String(row.line_id),
      {
        headRunId: row.head_run_id === null ? null : String(row.head_run_id),
        lastSeq: Number(row.last_seq),
        jobConfigId: '',
      },
    ]),
  )
  for (const { runId, jobConfigId, lineId } of waiters) {
    const line = lines.get(lineId)
    if (!line) continue
    line.lastSeq += 1
    line.jobConfigId = jobConfigId
    places.set(runId, { seq: line.lastSeq, isHead: line.headRunId === null })
    line.headRunId ??= runId
  }
  yield* update({
    table: 'run_line',
    key: LINE_ID,
    guard: null,
    columns: LINE_COLUMNS,
    rows: lineIds.map((lineId) => {
      const line = lines.get(lineId)
      return [lineId, line?.jobConfigId ?? '', line?.headRunId ?? null, line?.lastSeq ?? 0]
    }),
  })
  return places
}

/** A run is over: the next of its line, if it has one, is due now. */
export function* leaveLine(
  dialect: Dialect,
  { runId, lineId, now }: { readonly runId: string; readonly lineId: string; readonly now: number },
): Op<void> {
  const line = yield* oneRow(
    `SELECT head_run_id FROM run_line WHERE line_id = ? ${dialect.forUpdate()}`,
    lineId,
  )
  if (line?.head_run_id !== runId) return
  for (;;) {
    const next = yield* oneRow(
      `SELECT run_id FROM job_run WHERE line_id = ? AND status = 'SEQUENCED'
        ORDER BY line_seq LIMIT 1`,
      lineId,
    )
    if (!next) {
      yield* run('DELETE FROM run_line WHERE line_id = ?', lineId)
      return
    }
    const nextId = String(next.run_id)
    // Somebody may have cancelled it meanwhile: then it is the turn of the one behind it.
    const promoted = yield* run(
      `UPDATE job_run SET status = 'QUEUED', due_at = ? WHERE run_id = ? AND status = 'SEQUENCED'`,
      now,
      nextId,
    )
    if (promoted === 0) continue
    yield* run('UPDATE run_line SET head_run_id = ? WHERE line_id = ?', nextId, lineId)
    return
  }
}
