import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import {
  realDay,
  writeDay,
  writeInstant,
  writeTimeOfDay,
} from '../../rules/formula/values/calendar.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { type Coerced, kept, wrongJson } from './coerced.ts'

const DATE_PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:Z|[+-]\d{2}:?\d{2})?$/
const TIME_PATTERN = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?Z?$/
const DATETIME_PATTERN =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Salesforce keeps dates of these years only. */
const YEAR_MIN = 1700
const YEAR_MAX = 4000

/** `YYYY-MM-DD`, as XML Schema writes it (a zone behind it is of no account). */
export function coerceDate(field: FieldDefinition, raw: unknown): Coerced {
  const day = typeof raw === 'string' ? readDate(raw.trim()) : null
  return day === null ? wrongJson(field, 'date', raw) : kept(writeDay(day))
}

/** ISO 8601 with any offset to UTC; without one it is UTC. Whole seconds, as Salesforce keeps them. */
export function coerceDatetime(field: FieldDefinition, raw: unknown): Coerced {
  const instant = typeof raw === 'string' ? readDatetime(raw.trim()) : null
  return instant === null ? wrongJson(field, 'datetime', raw) : kept(writeInstant(instant))
}

/** `HH:MM:SS.sssZ`; seconds and fraction may be missing. */
export function coerceTime(field: FieldDefinition, raw: unknown): Coerced {
  const parts = typeof raw === 'string' ? TIME_PATTERN.exec(raw.trim()) : null
  if (!parts) return wrongJson(field, 'time', raw)
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? '0')]
  if (hours > 23 || minutes > 59 || seconds > 59) return wrongJson(field, 'time', raw)
  const ms = Number((parts[4] ?? '').padEnd(3, '0').slice(0, 3))
  const timeMs = hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + ms
  return kept(`${writeTimeOfDay(timeMs)}Z`)
}

/** Days since 1970 of a date that exists, else null. */
export function readDate(text: string): number | null {
  const parts = DATE_PATTERN.exec(text)
  if (!parts) return null
  const year = Number(parts[1])
  if (year < YEAR_MIN || year > YEAR_MAX) return null
  return realDay(year, Number(parts[2]), Number(parts[3]))
}

/** Milliseconds since 1970 of a date-time that exists, else null. */
export function readDatetime(text: string): number | null {
  const parts = DATETIME_PATTERN.exec(text)
  const day = parts ? readDate(parts[1] ?? '') : null
  if (!parts || day === null) return null
  const hours = Number(parts[2] ?? '0')
  const minutes = Number(parts[3] ?? '0')
  const seconds = Number(parts[4] ?? '0')
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  const offset = readOffset(parts[5] ?? 'Z')
  if (offset === null) return null
  return day * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS - offset
}

function readOffset(text: string): number | null {
  if (text === 'Z') return 0
  const digits = text.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 15 || minutes > 59) return null
  const offset = hours * HOUR_MS + minutes * MINUTE_MS
  return text.startsWith('-') ? -offset : offset
}
