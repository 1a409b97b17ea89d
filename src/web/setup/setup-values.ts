import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../../base/clock.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import { ApiError } from '../api-error.ts'

/** An instant as the API tells it. */
export function isoOf(at: Instant): string
export function isoOf(at: Instant | null): string | null
export function isoOf(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

/** A text of the request by its name, or undefined; refuses what is no text. */
export function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw invalid(`${name} should be a string`)
}

/** An id of the request by its name, or undefined; refuses what is no id. */
export function idOf(value: unknown, name: string): RecordId | undefined {
  const text = textOf(value, name)
  if (text === undefined) return undefined
  const id = tryRecordId(text)
  if (id === null) throw invalid(`${name} ${JSON.stringify(text)} is no id of 15 or 18 characters`)
  return id
}

/** An instant of the request by its name, or undefined: an ISO 8601 date (its beginning in UTC) or date-time. */
export function instantOf(value: unknown, name: string): Instant | undefined {
  const text = textOf(value, name)
  if (text === undefined) return undefined
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?$/.test(text)
  const at = isIso ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw invalid(`${name} should be a date as 2026-03-31 or 2026-03-31T12:00:00Z`)
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** The same, or `2h`: so long ago by the org's time. */
export function agoOf(value: unknown, name: string, now: Instant): Instant | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(String(value)) ?? []
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0)
  return instantOf(value, `${name} (or 90m, 2h, 7d: so long ago)`)
}

/** A number of rows from 1 to `max`; `fallback` when none is given. */
export function countOf(
  value: unknown,
  { name, fallback, max, min = 1 }: { name: string; fallback: number; max: number; min?: number },
): number {
  if (value === undefined || value === null || value === '') return fallback
  const count = Number(value)
  if (Number.isInteger(count) && count >= min && count <= max) return count
  throw invalid(`${name} should be a whole number from ${min} to ${max}`)
}

/** 400 INVALID_INPUT. */
export function invalid(message: string): ApiError {
  return new ApiError(400, 'INVALID_INPUT', message)
}
