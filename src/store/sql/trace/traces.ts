import type { SaveTrace } from '../../../org/trace/save-trace.ts'
import type { KeptTrace, TraceStore } from '../../../org/trace/trace-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type NamedOp,
  type Op,
  type OpRunner,
  oneRow,
  rows,
  run,
  type SqlColumn,
} from '../op.ts'

const COLUMNS: readonly SqlColumn[] = [
  { name: 'trace_id', type: 'text' },
  { name: 'record_id', type: 'text' },
  { name: 'saved_at', type: 'bigint' },
  { name: 'length', type: 'bigint' },
  { name: 'body', type: 'text' },
]

type WriteAsk = { readonly traces: readonly KeptTrace[]; readonly ofRecordMax: number }

const writeTraces = defineOp(
  'trace.write',
  function* (d: Dialect, { traces, ofRecordMax }: WriteAsk): Op<null> {
    yield* insert({
      table: 'trace',
      columns: COLUMNS,
      rows: traces.map(({ traceId, recordId, savedAt, body }) => {
        return [traceId, recordId, savedAt, body.length, body]
      }),
      onConflict: 'fail',
      returning: 'trace_id',
    })
    yield* run(
      `DELETE FROM trace WHERE trace_id IN (
        SELECT trace_id FROM (
          SELECT trace_id, ROW_NUMBER() OVER (PARTITION BY record_id ORDER BY trace_id DESC) AS place
          FROM trace WHERE ${d.inList('record_id')}) ranked
        WHERE place > ?)`,
      [...new Set(traces.map(({ recordId }) => recordId))],
      ofRecordMax,
    )
    return null
  },
)

type ListAsk = { readonly recordId?: RecordId; readonly limit: number }

const listTraces = defineOp('trace.list', function* (_: Dialect, { recordId, limit }: ListAsk): Op<
  readonly string[]
> {
  const found = yield* rows(
    `SELECT body FROM trace ${recordId === undefined ? '' : 'WHERE record_id = ?'}
        ORDER BY trace_id DESC LIMIT ?`,
    ...(recordId === undefined ? [] : [recordId]),
    limit,
  )
  return found.map((row) => row['body'] as string)
})

const readTrace = defineOp('trace.read', function* (_: Dialect, traceId: string): Op<
  string | null
> {
  const row = yield* oneRow('SELECT body FROM trace WHERE trace_id = ?', traceId)
  return row === undefined ? null : (row['body'] as string)
})

/** So many traces end in one slice. */
const SLICE = 500

/** Ends what is older than `before`, and of the rest the oldest beyond `lengthMax` characters in all. */
const retainTraces = defineOp(
  'trace.retain',
  function* (_: Dialect, ask: Parameters<TraceStore['retain']>[0]): Op<number> {
    const beyond = yield* oneRow(
      `SELECT MAX(trace_id) AS last FROM (
        SELECT trace_id, SUM(length) OVER (ORDER BY trace_id DESC) AS total FROM trace) sums
        WHERE total > ?`,
      ask.lengthMax,
    )
    return yield* run(
      `DELETE FROM trace WHERE trace_id IN (
        SELECT trace_id FROM trace WHERE saved_at < ? OR trace_id <= ?
        ORDER BY trace_id LIMIT ${SLICE})`,
      ask.before,
      (beyond?.['last'] as string | null | undefined) ?? '',
    )
  },
)

/** The ops of this folder, for the registry. */
export const TRACE_OPS: readonly NamedOp<never, unknown>[] = [
  writeTraces,
  listTraces,
  readTrace,
  retainTraces,
]

/** Traces over either store. */
export function openTraceStore(runner: OpRunner): TraceStore {
  const parse = (body: string) => JSON.parse(body) as SaveTrace
  return {
    write: async (traces, ofRecordMax) => {
      await runner.write(writeTraces, { traces, ofRecordMax })
    },
    list: async (filter) => (await runner.read(listTraces, filter)).map(parse),
    read: async (traceId) => {
      const body = await runner.read(readTrace, traceId)
      return body === null ? null : parse(body)
    },
    retain: (ends) => runner.write(retainTraces, ends),
  }
}
