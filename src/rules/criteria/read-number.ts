import { localeTag } from './locale-tag.ts'

/** `USD 25,000`, `$5`, `€ 5`. */
const CURRENCY = /^(?:[A-Z]{3} ?(?=[-+0-9.,(])|[$€£¥] ?)/
const SPACES = /[\s\u00A0\u202F'\u2019]/g
const PLAIN = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/
const LENGTH_MAX = 60

/**
 * Reads a number as a criteria value has it, into plain decimal digits: with a currency code, thousands
 * separators, the locale's decimal mark. Null when it is none.
 */
export function readCriteriaNumber(text: string, locale: string): string | null {
  if (text.length > LENGTH_MAX) return null
  const bare = text.trim().replace(CURRENCY, '').replace(/%$/, '').replace(SPACES, '')
  const digits = withPoint(bare, decimalMarkOf(locale))
  return PLAIN.test(digits) ? digits.replace(/^\+/, '') : null
}

/** The digits with a point as decimal mark and nothing between the thousands. */
function withPoint(text: string, mark: string): string {
  const comma = text.lastIndexOf(',')
  const point = text.lastIndexOf('.')
  if (comma < 0 && point < 0) return text
  if (comma >= 0 && point >= 0) return markedBy(text, comma > point ? ',' : '.')
  const only = comma >= 0 ? ',' : '.'
  const isGrouped = /^[-+]?[0-9]{1,3}([.,][0-9]{3})+$/.test(text)
  const isOnce = text.indexOf(only) === text.lastIndexOf(only)
  // `25,000` groups where the comma is no decimal mark; `0,5` cannot group anywhere.
  if (isGrouped && (only !== mark || !isOnce)) return text.replaceAll(only, '')
  return markedBy(text, only)
}

function markedBy(text: string, mark: string): string {
  const other = mark === ',' ? '.' : ','
  return text.replaceAll(other, '').replaceAll(mark, '.')
}

const marks = new Map<string, string>()

function decimalMarkOf(locale: string): string {
  const known = marks.get(locale)
  if (known !== undefined) return known
  const parts = new Intl.NumberFormat(localeTag(locale)).formatToParts(1.5)
  const mark = parts.find(({ type }) => type === 'decimal')?.value ?? '.'
  marks.set(locale, mark)
  return mark
}
