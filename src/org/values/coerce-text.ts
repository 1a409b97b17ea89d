import type { FieldDefinition } from '../../schema/object-definition.ts'
import { type Coerced, kept, refused, wrongJson } from './coerced.ts'
import { shownValue } from './save-error.ts'

/** Text of any kind: blanks around it go, as at Salesforce; line ends inside stay as they came. */
export function coerceText(field: FieldDefinition, raw: unknown): Coerced {
  const text = readText(raw)
  if (text === null) return wrongJson(field, 'string', raw)
  if (text === '') return kept(null)
  if (field.type === 'email' && !isEmailAddress(text)) {
    return refused(
      field,
      'INVALID_EMAIL_ADDRESS',
      `${field.label}: invalid email address: ${shownValue(text, false)}`,
    )
  }
  return withinLength(field, text)
}

/** One value of a picklist, in the spelling of its definition. */
export function coercePicklist(field: FieldDefinition, raw: unknown): Coerced {
  const text = readText(raw)
  if (text === null) return wrongJson(field, 'string', raw)
  if (text === '') return kept(null)
  const listed = listedValue(field, text)
  if (listed !== null) return kept(listed)
  if (field.restricted) return notListed(field, text)
  return withinLength(field, text)
}

/** Values joined with `;`, each once, in the order of the definition; unlisted ones behind. */
export function coerceMultipicklist(field: FieldDefinition, raw: unknown): Coerced {
  const text = readText(raw)
  if (text === null) return wrongJson(field, 'string', raw)
  const chosen = new Set<string>()
  for (const piece of text.split(';')) {
    const value = trimBlanks(piece)
    if (value === '') continue
    const listed = listedValue(field, value)
    if (listed === null && field.restricted) return notListed(field, value)
    chosen.add(listed ?? value)
  }
  if (chosen.size === 0) return kept(null)
  const listed = (field.picklist ?? []).map((each) => each.value).filter((each) => chosen.has(each))
  const others = [...chosen].filter((each) => !listed.includes(each))
  return withinLength(field, [...listed, ...others].join(';'))
}

/** Takes off the blanks and control characters around a text; U+00A0 and its like stay. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1
  return text.slice(start, end)
}

/** Whether a text is one address: one `@`, no blanks, a domain with a dot. Linear in its length. */
export function isEmailAddress(text: string): boolean {
  if (text.length > 254 || /[\s,;<>()[\]\\"]/.test(text)) return false
  const at = text.indexOf('@')
  if (at < 1 || at > 64 || text.indexOf('@', at + 1) >= 0) return false
  const labels = text.slice(at + 1).split('.')
  return (
    labels.length > 1 &&
    labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?$/u.test(label))
  )
}

/** A client's text without what no database keeps (U+0000, half surrogates); null when it is no scalar. */
function readText(raw: unknown): string | null {
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  if (typeof raw !== 'string') return null
  return trimBlanks(raw.replaceAll('\u0000', '').toWellFormed())
}

function withinLength(field: FieldDefinition, text: string): Coerced {
  if (field.length === undefined || field.length === 0 || text.length <= field.length)
    return kept(text)
  const shown = shownValue(text, field.secret === true)
  return refused(
    field,
    'STRING_TOO_LONG',
    `${field.label}: data value too large: ${shown} (max length=${field.length})`,
  )
}

function notListed(field: FieldDefinition, text: string): Coerced {
  return refused(
    field,
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${shownValue(text, false)}`,
  )
}

function listedValue(field: FieldDefinition, text: string): string | null {
  const folded = text.toLowerCase()
  const listed = field.picklist?.find((each) => each.value.toLowerCase() === folded)
  return listed && (listed.active || !field.restricted) ? listed.value : null
}
