import { timedIdsFrom } from '../../../base/timed-id.ts'
import type { AttemptFilter, AttemptOverview, AttemptPage } from '../../../outbox/attempt.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, type SqlValue } from '../op.ts'
import { OVERVIEW_NAMES, readOverview } from './attempt-row.ts'

/** So many attempts are looked at for one page, whatever meets the filter: then the page says where to go on. */
const LOOKED_MAX = 2000

/** So many endpoints are told. */
const ENDPOINTS_MAX = 2000

/** Finds attempts that meet the filter, the newest first, by the index that leaves the fewest to look at. */
export const findAttempts = defineOp(
  'outbox.findAttempts',
  function* (_: Dialect, filter: AttemptFilter): Op<AttemptPage> {
    const range = rangeOf(filter)
    const walks = walksOf(filter)
    const looks = Math.floor(LOOKED_MAX / Math.max(1, walks.length))
    const found: AttemptOverview[] = []
    // Where the first walk that was cut short ended: of what is older, not every walk has told.
    let toldTo = ''
    for (const walk of walks) {
      const source = sourceOf(walk, range, looks)
      const rest = restOf(filter)
      const matching = yield* rows(
        `SELECT ${OVERVIEW_NAMES} FROM (${source.sql}) a ${rest.sql}
          ORDER BY a.attempt_id DESC LIMIT ?`,
        ...source.params,
        ...rest.params,
        filter.limit + 1,
      )
      found.push(...matching.map(readOverview))
      if (matching.length > filter.limit) continue
      const end = yield* oneRow(
        `SELECT count(*) AS looked, min(a.attempt_id) AS last_id FROM (${source.sql}) a`,
        ...source.params,
      )
      if (end && (end.looked as number) >= looks && (end.last_id as string) > toldTo) {
        toldTo = end.last_id as string
      }
    }
    return pageOf(found, toldTo, filter.limit)
  },
)

function pageOf(found: readonly AttemptOverview[], toldTo: string, limit: number): AttemptPage {
  const told = found
    .filter(({ attemptId }) => attemptId >= toldTo)
    .toSorted((one, other) => (one.attemptId < other.attemptId ? 1 : -1))
  const attempts = told.slice(0, limit)
  const cutAt = toldTo === '' ? null : toldTo
  return { attempts, after: told.length > limit ? (attempts.at(-1)?.attemptId ?? null) : cutAt }
}

type Bounds = { readonly from: string; readonly before: string }

/** Sorts after every id, in every collation: ids are digits and small letters. */
const NO_END = 'zzzzzzzzzz'

function rangeOf({ from, to, after }: AttemptFilter): Bounds {
  const end = to === undefined ? NO_END : timedIdsFrom(to)
  return {
    from: from === undefined ? '' : timedIdsFrom(from),
    before: after !== undefined && after < end ? after : end,
  }
}

/** An index with what it is asked for: its attempts are met in their order. */
type Walk = { readonly by: string; readonly value: SqlValue } | { readonly by: null }

function walksOf(filter: AttemptFilter): readonly Walk[] {
  const { recordId, outboundMessageId, laneIds, outcome, httpStatus } = filter
  if (recordId) return [{ by: 'record_id', value: recordId }]
  if (outboundMessageId) return [{ by: 'outbound_message_id', value: outboundMessageId }]
  if (laneIds) return laneIds.map((value) => ({ by: 'lane_id', value }))
  // The indexes leave out what is the rule.
  if (httpStatus !== undefined && httpStatus !== 200)
    return [{ by: 'http_status', value: httpStatus }]
  if (outcome && outcome !== 'acknowledged') return [{ by: 'outcome', value: outcome }]
  return [{ by: null }]
}

type Sql = { readonly sql: string; readonly params: readonly SqlValue[] }

function sourceOf(walk: Walk, { from, before }: Bounds, looks: number): Sql {
  if (walk.by === 'record_id') {
    return {
      sql: `SELECT ${OVERVIEW_NAMES} FROM (SELECT DISTINCT r.attempt_id FROM attempt_notification r
          WHERE r.record_id = ? AND r.attempt_id >= ? AND r.attempt_id < ?
          ORDER BY r.attempt_id DESC LIMIT ${looks}) r JOIN attempt a ON a.attempt_id = r.attempt_id`,
      params: [walk.value, from, before],
    }
  }
  // Said once more in the indexes' own words, as they hold only a part of the attempts.
  const partial =
    walk.by === 'outcome'
      ? "AND a.outcome <> 'acknowledged'"
      : walk.by === 'http_status'
        ? 'AND a.http_status <> 200'
        : ''
  return {
    sql: `SELECT ${OVERVIEW_NAMES} FROM attempt a
        WHERE ${walk.by === null ? '' : `a.${walk.by} = ? ${partial} AND`} a.attempt_id >= ? AND a.attempt_id < ?
        ORDER BY a.attempt_id DESC LIMIT ${looks}`,
    params: [...(walk.by === null ? [] : [walk.value]), from, before],
  }
}

/** The whole filter but for the range: what the walk met already costs nothing to ask again. */
function restOf({ outboundMessageId, laneIds, outcome, httpStatus, recordId }: AttemptFilter): Sql {
  const conditions: string[] = []
  const params: SqlValue[] = []
  const add = (column: string, value: SqlValue | undefined) => {
    if (value === undefined) return
    conditions.push(`a.${column} = ?`)
    params.push(value)
  }
  add('outbound_message_id', outboundMessageId)
  add('outcome', outcome)
  add('http_status', httpStatus)
  if (laneIds && (recordId || outboundMessageId)) {
    conditions.push(`a.lane_id IN (${laneIds.map(() => '?').join(', ') || 'NULL'})`)
    params.push(...laneIds)
  }
  return { sql: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', params }
}

/** Reads which lanes the attempt log knows, stepping over the attempts of each. */
export const attemptEndpoints = defineOp('outbox.attemptEndpoints', function* (): Op<
  readonly { laneId: string; endpointUrl: string }[]
> {
  const found = yield* rows(
    `WITH RECURSIVE known(lane_id) AS (
          SELECT min(lane_id) FROM attempt
          UNION ALL
          SELECT (SELECT min(a.lane_id) FROM attempt a WHERE a.lane_id > k.lane_id)
            FROM known k WHERE k.lane_id IS NOT NULL)
        SELECT k.lane_id, (SELECT a.endpoint_url FROM attempt a WHERE a.lane_id = k.lane_id
            ORDER BY a.attempt_id DESC LIMIT 1) AS endpoint_url
          FROM known k WHERE k.lane_id IS NOT NULL LIMIT ${ENDPOINTS_MAX}`,
  )
  return found.map((row) => ({
    laneId: row.lane_id as string,
    endpointUrl: row.endpoint_url as string,
  }))
})
