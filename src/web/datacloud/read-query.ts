import type { FastifyRequest } from 'fastify'
import { JOB_STATUSES, type JobStatus } from '../../jobs/job-run.ts'
import { ApiError } from '../api-error.ts'
import { invalid } from './read-fields.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500
const PAGE_MAX = 100_000
const IDS_MAX = 500

/** The query's values, the last where one is given twice. */
export function queryOf(request: FastifyRequest): ReadonlyMap<string, string> {
  const { searchParams } = new URL(request.url, 'http://localhost')
  return new Map([...searchParams].map(([name, value]) => [name, withoutNul(value)]))
}

/** PostgreSQL takes no NUL, and nothing is named with one. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}

/** A path's `:id`. */
export function idOf(request: FastifyRequest): string {
  const { params } = request
  if (typeof params === 'object' && params !== null && 'id' in params) {
    return withoutNul(String(params.id))
  }
  throw new ApiError(404, 'NOT_FOUND', 'expected an id in the path')
}

/** `page` counts from 1, `limit` up to 500. */
export function readPaging(query: ReadonlyMap<string, string>) {
  const limit = readCount(query, 'limit', { fallback: LIMIT_DEFAULT, max: LIMIT_MAX })
  const page = readCount(query, 'page', { fallback: 1, max: PAGE_MAX })
  return { limit, offset: (page - 1) * limit }
}

function readCount(
  query: ReadonlyMap<string, string>,
  name: string,
  { fallback, max }: { readonly fallback: number; readonly max: number },
): number {
  const text = query.get(name)
  if (text === undefined) return fallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= max) return value
  throw invalid(name, `a whole number from 1 to ${max}`, text)
}

/** `status=QUEUED,RUNNING`; absent: all. */
export function readStatuses(query: ReadonlyMap<string, string>): readonly JobStatus[] | null {
  const text = query.get('status')
  if (text === undefined) return null
  return text.split(',').map((name) => {
    const status = JOB_STATUSES.find((each) => each === name.trim().toUpperCase())
    if (status) return status
    throw invalid('status', `some of ${JOB_STATUSES.join(', ')}`, name)
  })
}

/** Ids of a bulk request: a JSON list as the body, `{"ids": […]}`, or `?ids=a,b`. */
export function readIds(request: FastifyRequest): readonly string[] {
  const { body } = request
  const isWrapped = typeof body === 'object' && body !== null && 'ids' in body
  const ids: unknown = (isWrapped ? body.ids : body) ?? queryOf(request).get('ids')?.split(',')
  const isList = Array.isArray(ids) && ids.length >= 1 && ids.length <= IDS_MAX
  if (isList && ids.every((id) => typeof id === 'string' || typeof id === 'number')) {
    return ids.map((id) => withoutNul(String(id)))
  }
  throw invalid('ids', `a list of 1 to ${IDS_MAX} ids`, ids)
}
