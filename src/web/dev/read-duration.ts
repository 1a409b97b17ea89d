import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { ApiError } from '../api-error.ts'

const DURATION_MAX_MS = 366 * DAY_MS

/** Longer than any duration that is taken. */
const LENGTH_MAX = 40

const DURATION =
  /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/

/** Reads an ISO 8601 duration of days, hours, minutes and seconds in milliseconds, or throws DURATION_INVALID. */
export function readDuration(value: unknown): number {
  const found = typeof value === 'string' && value.length <= LENGTH_MAX && DURATION.exec(value)
  if (!found) throw invalid(`found ${shown(value)}`)
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = found
  const durationMs =
    Number(days) * DAY_MS +
    Number(hours) * HOUR_MS +
    Number(minutes) * MINUTE_MS +
    Math.round(Number(seconds) * SECOND_MS)
  if (durationMs > DURATION_MAX_MS) throw invalid(`found ${shown(value)}, which is more`)
  return durationMs
}

function invalid(found: string): ApiError {
  return new ApiError(
    400,
    'DURATION_INVALID',
    `advance should be an ISO 8601 duration of at most 366 days, as PT24H or P1DT2H30M; ${found}`,
  )
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value !== 'string') return `a ${value === null ? 'null' : typeof value}`
  return JSON.stringify(value.length > LENGTH_MAX ? `${value.slice(0, LENGTH_MAX)}…` : value)
}
