import type { FieldValue } from '../../schema/field-value.ts'

/** Stands for a secret wherever people look. */
const MASK = '******'
/** Texts and values are kept in traces up to so many characters. */
const SHOWN_MAX = 255

/** A text as a trace keeps it. */
export function cutText(text: string, max: number = SHOWN_MAX): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}

/** A value as a trace keeps it: cut, and masked where it is a secret. A checkbox tells nothing. */
export function shownValue(value: FieldValue, isSecret: boolean): FieldValue {
  if (typeof value !== 'string') return value
  return isSecret ? MASK : cutText(value)
}

/** A value within a sentence. */
export function valueText(value: FieldValue): string {
  return value === null || value === '' ? 'blank' : String(value)
}
