import type { FieldValue } from '../../schema/field-value.ts'

/** What a merge field stands for; its form is that of records: numbers as decimal strings, instants in UTC. */
export type MergeValue =
  | {
      readonly kind: 'value'
      readonly type: MergeType
      readonly value: FieldValue
      /** Digits behind the point, where the field says how many. */
      readonly scale: number | null
    }
  /** Nothing here has that name, or the expression is none: `reason` says which. It shows as blank. */
  | { readonly kind: 'unknown'; readonly reason: string }

export type MergeType =
  | 'text'
  | 'number'
  | 'currency'
  | 'percent'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'time'

/** How the org writes dates, numbers and money. */
export type MergeFormat = {
  /** As `en_US`. */
  readonly locale: string
  /** IANA name. */
  readonly timeZone: string
  /** ISO code. */
  readonly currency: string
}

/** Digits behind the point of a number whose field does not say how many. */
const FRACTION_MAX = 18

/** Writes a value for people, as the org's locale has it. Blank is empty. */
export function formatMergeValue(merged: MergeValue, format: MergeFormat): string {
  if (merged.kind === 'unknown' || merged.value === null) return ''
  const { type, value, scale } = merged
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  const locale = tagsOf(format.locale)
  switch (type) {
    case 'number':
      return numberText(value, locale, fraction(scale))
    case 'currency':
      return numberText(value, locale, {
        style: 'currency',
        currency: format.currency,
        ...fraction(scale ?? 2),
      })
    case 'percent':
      return `${numberText(value, locale, fraction(scale))}%`
    case 'date':
      return instantText(`${value}T00:00:00Z`, locale, { ...DATE, timeZone: 'UTC' })
    case 'datetime':
      return instantText(value, locale, { ...DATE, ...TIME, timeZone: format.timeZone })
    case 'time':
      return instantText(`1970-01-01T${value}`, locale, { ...TIME, timeZone: 'UTC' })
    default:
      return value
  }
}

/** The tags that `Intl` knows a locale by. What it does not know is written as en_US, not as on this machine. */
function tagsOf(locale: string): readonly string[] {
  const [language = '', region = ''] = locale.split('_')
  const isTag = /^[a-z]{2,3}$/.test(language) && /^([A-Z]{2})?$/.test(region)
  return isTag ? [region === '' ? language : `${language}-${region}`, 'en-US'] : ['en-US']
}

const DATE = { dateStyle: 'short' } as const
const TIME = { timeStyle: 'short' } as const

function fraction(scale: number | null): Intl.NumberFormatOptions {
  if (scale === null) return { maximumFractionDigits: FRACTION_MAX }
  return { minimumFractionDigits: scale, maximumFractionDigits: scale }
}

function numberText(
  value: string,
  locale: readonly string[],
  options: Intl.NumberFormatOptions,
): string {
  // As a string, so that eighteen digits stay exact.
  return new Intl.NumberFormat([...locale], options).format(value as Intl.StringNumericLiteral)
}

/** The locale's short form, with the year in full as Salesforce has it. */
function instantText(
  value: string,
  locale: readonly string[],
  options: Intl.DateTimeFormatOptions & { readonly timeZone: string },
): string {
  const instant = Date.parse(value)
  if (Number.isNaN(instant)) return value
  const inFull = { year: 'numeric', timeZone: options.timeZone } as const
  const yearIn = (parts: readonly Intl.DateTimeFormatPart[]) =>
    parts.find(({ type }) => type === 'year')?.value ?? ''
  const year = yearIn(new Intl.DateTimeFormat([...locale], inFull).formatToParts(instant))
  const shown = new Intl.DateTimeFormat([...locale], options)
    .formatToParts(instant)
    .map((part) => (part.type === 'year' ? year : part.value))
    .join('')
  // The narrow blank before PM puzzles old mail programs.
  return shown.replaceAll('\u202f', ' ')
}
