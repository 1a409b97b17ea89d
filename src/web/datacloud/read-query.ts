import type { Instant } from '../../base/clock.ts'
import { JOB_STATUSES, type JobStatus } from '../../jobs/job-run.ts'
import { invalid } from './read-fields.ts'
import type { ApiAsk } from './route/api-route.ts'

const SIZE_DEFAULT = 50
const SIZE_MAX = 500
const OFFSET_MAX = 100_000
const IDS_MAX = 500

type Query = ReadonlyMap<string, string>

/** Which page is asked for, counted from 0 as DataCloud does, and how long pages are. */
export type Paging = { readonly pageNumber: number; readonly size: number }

/** What `openapi.json` says of the parameters that `readPaging` reads. */
export const PAGING = {
  offset: 'number of the page, from 0',
  size: `records of a page, 1 to ${SIZE_MAX}; ${SIZE_DEFAULT} unless said otherwise`,
} as const

/** Reads `offset`, the number of the page, and `size`. */
export function readPaging(query: Query): Paging {
  return {
    pageNumber: readCount(query, 'offset', { fallback: 0, min: 0, max: OFFSET_MAX }),
    size: readCount(query, 'size', { fallback: SIZE_DEFAULT, min: 1, max: SIZE_MAX }),
  }
}

function readCount(
  query: Query,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = query.get(name)
  if (text === undefined) return fallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (value >= min && value <= max) return value
  throw invalid(name, `a whole number from ${min} to ${max}`, text)
}

/** DataCloud's words for the states of a list, which are fewer than its states. */
const STATES: Readonly<Record<string, readonly JobStatus[]>> = {
  waiting: ['WAITING', 'SEQUENCED'],
  queued: ['QUEUED'],
  initializing: ['INITIALIZING'],
  running: ['RUNNING'],
  finished_all: ['FINISHED', 'ERROR', 'FAILED'],
  finished_ok: ['FINISHED'],
  finished_error: ['ERROR', 'FAILED'],
  cancelled: ['CANCELLED'],
  aborted: ['FAILED'],
}

/** `status=QUEUED,RUNNING`, the nine states, or `state=finished_ok`, DataCloud's words; null: all. */
export function readStatuses(query: Query): readonly JobStatus[] | null {
  const state = query.get('state')
  const text = query.get('status')
  if (state !== undefined && text !== undefined) {
    throw invalid('state', 'either state or status', state)
  }
  if (state !== undefined) {
    const statuses = Object.hasOwn(STATES, state.toLowerCase()) && STATES[state.toLowerCase()]
    if (statuses) return statuses
    throw invalid('state', `one of ${Object.keys(STATES).join(', ')}`, state)
  }
  if (text === undefined) return null
  return text.split(',').map((name) => {
    const status = JOB_STATUSES.find((each) => each === name.trim().toUpperCase())
    if (status) return status
    throw invalid('status', `some of ${JOB_STATUSES.join(', ')}`, name)
  })
}

/** An ISO date or date-time, or milliseconds since 1970; undefined: not given. */
export function readInstant(query: Query, name: string): Instant | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const isIso = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d))?$/.test(text)
  const value = /^\d{1,15}$/.test(text) ? Number(text) : isIso ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(value)) return value
  throw invalid(name, 'a date, a time with its zone, or milliseconds since 1970', text)
}

export function readFlag(query: Query, name: string, fallback: boolean): boolean {
  const text = query.get(name)?.toLowerCase()
  if (text === undefined) return fallback
  if (text === 'true' || text === 'false') return text === 'true'
  throw invalid(name, 'true or false', text)
}

/** Ids of a bulk request: DataCloud's `{"recordIds": […]}`, `{"ids": […]}`, a list, or `?ids=a,b`. */
export function readIds({ body, query }: Pick<ApiAsk, 'body' | 'query'>): readonly string[] {
  const ids = listed(body) ?? query.get('ids')?.split(',')
  const isList = Array.isArray(ids) && ids.length >= 1 && ids.length <= IDS_MAX
  if (isList && ids.every((id) => typeof id === 'string' || typeof id === 'number')) {
    return [...new Set(ids.map((id) => withoutNul(String(id))))]
  }
  throw invalid('recordIds', `a list of 1 to ${IDS_MAX} ids`, ids)
}

function listed(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  if ('recordIds' in body) return body.recordIds
  return 'ids' in body ? body.ids : body
}

/** PostgreSQL takes no NUL, and nothing is named with one. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}
