import { DAY_MS } from '../../base/clock.ts'
import { isNumberType } from '../../schema/field-value.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { readDay, readInstant, readTimeOfDay } from '../formula/values/calendar.ts'
import { compare, type Num, toNum } from '../formula/values/number.ts'
import { instantOf, localDay, startOfDay } from '../formula/values/zone.ts'
import { readAbsoluteDate, readClock } from './absolute-dates.ts'
import { CriteriaError } from './criteria-error.ts'
import type { CriteriaSettings } from './criteria-settings.ts'
import { type Operation, type Place, placeMeets } from './operation.ts'
import { readCriteriaNumber } from './read-number.ts'
import { dateCustomsOf, readRelativeDate } from './relative-dates.ts'

/** Whether a value that is not blank meets a criterion's operation with one alternative. */
export type CompareValue = (value: string | boolean, context: EvaluationContext) => boolean

/**
 * Compiles the comparison of a field's values with one alternative, which is not blank. Throws
 * CriteriaError for an alternative that the field's type cannot have.
 */
export function compareValue(
  field: FieldDefinition,
  operation: Operation,
  alternative: string,
  settings: CriteriaSettings,
): CompareValue {
  try {
    return compareTyped(field, operation, alternative, settings)
  } catch (error) {
    // What does not fit a type that was only guessed says that the guess was wrong.
    if (field.guessed && error instanceof CriteriaError) {
      return compareText({ ...field, type: 'string' }, operation, alternative)
    }
    throw error
  }
}

function compareTyped(
  field: FieldDefinition,
  operation: Operation,
  alternative: string,
  settings: CriteriaSettings,
): CompareValue {
  if (field.type === 'boolean') return compareCheckbox(field, alternative)
  if (operation === 'contains' || operation === 'startsWith') {
    return compareText(field, operation, alternative)
  }
  if (isNumberType(field.type)) return compareNumber(field, operation, alternative, settings)
  switch (field.type) {
    case 'date':
      return compareDate(operation, datesOf(field, alternative, settings))
    case 'datetime':
      return compareInstant(operation, datesOf(field, alternative, settings))
    case 'time':
      return compareTime(field, operation, alternative)
    default:
      return compareText(field, operation, alternative)
  }
}

function invalid(field: FieldDefinition, alternative: string, wanted: string): never {
  const found = JSON.stringify(alternative.slice(0, 40))
  throw new CriteriaError(
    'CRITERIA_INVALID_VALUE',
    `${field.name} expects ${wanted}, found ${found}`,
  )
}

function compareCheckbox(field: FieldDefinition, alternative: string): CompareValue {
  switch (alternative.toLowerCase()) {
    case 'true':
    case '1':
      return (value) => value === true
    case 'false':
    case '0':
      return (value) => value !== true
    default:
      return invalid(field, alternative, 'True or False')
  }
}

function compareNumber(
  field: FieldDefinition,
  operation: Operation,
  alternative: string,
  { locale }: CriteriaSettings,
): CompareValue {
  const digits = readCriteriaNumber(alternative, locale)
  if (digits === null) return invalid(field, alternative, 'a number')
  const wanted: Num = toNum(digits)
  return (value) => {
    const order = compare(toNum(String(value)), wanted)
    return placeMeets(operation, order < 0 ? -1 : order > 0 ? 1 : 0) === true
  }
}

/** The days an alternative means, or one moment; absolute ones are known beforehand. */
type Dates =
  | {
      readonly kind: 'days'
      readonly at: (context: EvaluationContext) => { start: number; end: number }
    }
  | { readonly kind: 'moment'; readonly at: (context: EvaluationContext) => number }

function datesOf(field: FieldDefinition, alternative: string, settings: CriteriaSettings): Dates {
  const { locale } = settings
  const relative = readRelativeDate(alternative, dateCustomsOf(settings))
  if (relative !== null) {
    return { kind: 'days', at: (context) => relative(localDay(context.org.timeZone, context.now)) }
  }
  const absolute = readAbsoluteDate(alternative, locale)
  if (absolute === null)
    return invalid(field, alternative, `a date as ${locale} writes it, or TODAY`)
  const { day, time, isUtc } = absolute
  if (time === null) return { kind: 'days', at: () => ({ start: day, end: day }) }
  const wall = day * DAY_MS + time
  return { kind: 'moment', at: (context) => (isUtc ? wall : instantOf(context.org.timeZone, wall)) }
}

function placeAmong(value: number, start: number, end: number): Place {
  if (value < start) return -1
  return value > end ? 1 : 0
}

function compareDate(operation: Operation, dates: Dates): CompareValue {
  return (value, context) => {
    const found = dates.at(context)
    const { start, end } =
      typeof found === 'number' ? oneDay(localDay(context.org.timeZone, found)) : found
    return placeMeets(operation, placeAmong(readDay(String(value)), start, end)) === true
  }
}

function oneDay(day: number): { start: number; end: number } {
  return { start: day, end: day }
}

function compareInstant(operation: Operation, dates: Dates): CompareValue {
  return (value, context) => {
    const instant = readInstant(String(value))
    const found = dates.at(context)
    if (typeof found === 'number') {
      return placeMeets(operation, placeAmong(instant, found, found)) === true
    }
    const { timeZone } = context.org
    const start = startOfDay(timeZone, found.start)
    const end = startOfDay(timeZone, found.end + 1) - 1
    return placeMeets(operation, placeAmong(instant, start, end)) === true
  }
}

/** Times of day are kept as `HH:MM:SS.sssZ`. */
function compareTime(
  field: FieldDefinition,
  operation: Operation,
  alternative: string,
): CompareValue {
  const wanted = readClock(alternative)?.time
  if (wanted === undefined) return invalid(field, alternative, 'a time as 10:30 or 2:15 PM')
  return (value) => {
    const order = readTimeOfDay(String(value)) - wanted
    return placeMeets(operation, order < 0 ? -1 : order > 0 ? 1 : 0) === true
  }
}

const collator = new Intl.Collator('en', { sensitivity: 'accent', numeric: false })

/** Texts compare whatever their case; a picklist value by its label. */
function compareText(
  field: FieldDefinition,
  operation: Operation,
  alternative: string,
): CompareValue {
  const wanted = spelledAsShown(field, alternative).toLowerCase()
  const shown = shownText(field)
  switch (operation) {
    case 'equals':
      return (value) => shown(value) === wanted
    case 'contains':
      return (value) => shown(value).includes(wanted)
    case 'startsWith':
      return (value) => shown(value).startsWith(wanted)
    case 'includes':
      return (value) => shown(value).split(';').includes(wanted)
    default:
      return (value) => {
        const order = collator.compare(shown(value), wanted)
        return placeMeets(operation, order < 0 ? -1 : order > 0 ? 1 : 0) === true
      }
  }
}

/** An id in either form; a picklist value that is named by its API name. */
function spelledAsShown(field: FieldDefinition, alternative: string): string {
  if (field.type === 'id') return tryRecordId(alternative) ?? alternative
  const isSame = (text: string) => text.toLowerCase() === alternative.toLowerCase()
  const values = field.picklist ?? []
  if (values.some(({ label }) => isSame(label))) return alternative
  return values.find(({ value }) => isSame(value))?.label ?? alternative
}

/** How a value is shown, in lower case: picklist values by their labels. */
function shownText(field: FieldDefinition): (value: string | boolean) => string {
  const relabelled = (field.picklist ?? []).filter((each) => each.label !== each.value)
  if (relabelled.length === 0) return (value) => String(value).toLowerCase()
  const labels = new Map(relabelled.map((each) => [each.value, each.label.toLowerCase()]))
  const shown = (value: string) => labels.get(value) ?? value.toLowerCase()
  if (field.type !== 'multipicklist') return (value) => shown(String(value))
  return (value) => String(value).split(';').map(shown).join(';')
}
