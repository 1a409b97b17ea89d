/**
 * A field's value inside the house. Blank is always `null`, never `''`.
 *
 * - text, picklist, ids: the text (ids with 18 characters); multi-select picklist: values joined with `;`
 * - int, double, currency, percent: a canonical decimal string, `-12.5`, no exponent, no trailing zeros
 * - boolean: `true` or `false`, never null
 * - date `YYYY-MM-DD`; datetime `YYYY-MM-DDTHH:MM:SS.sssZ` (UTC); time `HH:MM:SS.sssZ`
 */
export type FieldValue = string | boolean | null

/** Values by the field's API name, spelled as the definition spells it. */
export type FieldValues = Readonly<Record<string, FieldValue>>

/** Types whose values are canonical decimal strings. */
export function isNumberType(type: string): boolean {
  return type === 'double' || type === 'currency' || type === 'percent' || type === 'int'
}
