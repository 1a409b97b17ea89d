import { isUtf8 } from 'node:buffer'
import { ApiError } from '../../api-error.ts'
import { findJsonPlace } from './json-place.ts'

/** Numbers a double cannot hold exactly: more than 15 digits, or a large exponent. */
const INEXACT = /[0-9.]{16}|[0-9][eE][+-]?[0-9]{2}/

/**
 * Reads JSON as it was sent. A number that a double would round stays text, which number fields take as
 * well. Throws JSON_PARSER_ERROR with line and column.
 */
export function parseJsonBody(body: unknown): unknown {
  const text = textOf(body)
  try {
    return INEXACT.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
  } catch {
    const place = findJsonPlace(text)
    if (place === null) throw jsonError('the JSON is nested too deep to be read')
    const { line, column, expected, found } = place
    throw jsonError(`expected ${expected}, found ${found} at [line:${line}, column:${column}]`)
  }
}

/** The body as an object; anything else is refused, naming `what` it should have been. */
export function parseJsonObject(body: unknown, what: string): Readonly<Record<string, unknown>> {
  return asJsonObject(parseJsonBody(body), what)
}

export function asJsonObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isJsonObject(value)) return value
  throw jsonError(`expected ${what} as a JSON object, found ${kindOf(value)}`)
}

/** The value as a list of objects: `what` names the member that holds it. */
export function asJsonObjects(
  value: unknown,
  what: string,
): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value))
    throw jsonError(`expected ${what} as a JSON array, found ${kindOf(value)}`)
  return value.map((each) => asJsonObject(each, `each of ${what}`))
}

/** The value as a list of texts. */
export function asTexts(value: unknown, what: string): readonly string[] {
  const isTexts = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (isTexts) return value
  throw jsonError(`expected ${what} as a JSON array of strings, found ${kindOf(value)}`)
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function jsonError(message: string): ApiError {
  return new ApiError(400, 'JSON_PARSER_ERROR', message)
}

function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw jsonError('expected a JSON body, found none')
  }
  if (!isUtf8(body)) throw jsonError('expected UTF-8, found bytes that are not')
  const text = body.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function keepExact(_name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined) return value
  return source.replace(/\D/g, '').length > 15 || !Number.isFinite(value) ? source : value
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
