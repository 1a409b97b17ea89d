import { ApiError } from '../api-error.ts'

/** An object of a request's body, with where it stands, for messages. */
export type Fields = { readonly at: string; readonly values: ReadonlyMap<string, unknown> }

/** Takes a JSON object whose keys are all known; any other is 400. */
export function readFields(value: unknown, at: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(at, 'an object', value)
  }
  const values = new Map<string, unknown>(Object.entries(value))
  for (const name of values.keys()) {
    if (known.includes(name)) continue
    const place = at === '' ? name : `${at}.${name}`
    throw new ApiError(
      400,
      'UNKNOWN_FIELD',
      `${place.slice(0, 100)} is not known: expected one of ${known.join(', ')}`,
    )
  }
  return { at, values }
}

/** The text of 1 to `lengthMax` characters, or `fallback` where the field is absent. */
export function readText<T>(
  fields: Fields,
  name: string,
  { lengthMax, fallback }: { readonly lengthMax: number; readonly fallback: T },
): string | T {
  const value = fields.values.get(name)
  if (value === undefined) return fallback
  if (isText(value, lengthMax)) return value
  throw invalid(placeOf(fields, name), `a text of 1 to ${lengthMax} characters`, value)
}

/** The same, where the field must be there. */
export function readRequiredText(fields: Fields, name: string, lengthMax: number): string {
  const text = readText(fields, name, { lengthMax, fallback: null })
  if (text !== null) return text
  throw invalid(placeOf(fields, name), `a text of 1 to ${lengthMax} characters`, undefined)
}

/** A list of texts, or `fallback`. */
export function readTexts<T>(
  fields: Fields,
  name: string,
  limits: { readonly countMax: number; readonly lengthMax: number; readonly fallback: T },
): readonly string[] | T {
  const value = fields.values.get(name)
  if (value === undefined) return limits.fallback
  const isList = Array.isArray(value) && value.length <= limits.countMax
  if (isList && value.every((each) => isText(each, limits.lengthMax))) return value
  throw invalid(placeOf(fields, name), `a list of up to ${limits.countMax} texts`, value)
}

export function readBoolean(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields.values.get(name) ?? fallback
  if (typeof value === 'boolean') return value
  throw invalid(placeOf(fields, name), 'true or false', value)
}

/** A whole number within bounds, or `fallback`. */
export function readInteger(
  fields: Fields,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const value = fields.values.get(name) ?? fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value
  }
  throw invalid(placeOf(fields, name), `a whole number from ${min} to ${max}`, value)
}

/** The refusal of a value, with what was expected and what came. */
export function invalid(place: string, expected: string, value: unknown): ApiError {
  const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100)
  return new ApiError(
    400,
    'INVALID_FIELD',
    `${place || 'the body'}: expected ${expected}, found ${found}`,
  )
}

export function placeOf(fields: Fields, name: string): string {
  return fields.at === '' ? name : `${fields.at}.${name}`
}

/** No NUL: neither PostgreSQL nor an environment variable can hold one. */
function isText(value: unknown, lengthMax: number): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= lengthMax &&
    !value.includes('\0')
  )
}
