import { type JobMessage, MESSAGE_LENGTH_MAX } from '../../jobs/job-run.ts'
import { ApiError } from '../api-error.ts'
import {
  type Fields,
  invalid,
  readFields,
  readRequiredText,
  readText,
  readTexts,
} from './read-fields.ts'

const MESSAGE_NAME_MAX = 255
const PROPERTIES_MAX = 100
const PROPERTY_LENGTH_MAX = 8_192

/**
 * The message of `POST …/jobs`: `{"runtimeConfig":{"inMessages":[{name, body,
 * properties:[{key,value}]}]}}`, or none.
 */
export function readInMessage(body: unknown, nameDefault: string): JobMessage | null {
  if (body === undefined || body === null) return null
  const messages = readRuntimeConfig(body)?.values.get('inMessages')
  if (messages === undefined) return null
  if (!Array.isArray(messages) || messages.length > 1) {
    throw invalid('runtimeConfig.inMessages', 'a list of one message at most', messages)
  }
  if (messages.length === 0) return null
  const message = readFields(messages[0], 'runtimeConfig.inMessages[0]', [
    'name',
    'body',
    'properties',
  ])
  return {
    name: readText(message, 'name', { lengthMax: MESSAGE_NAME_MAX, fallback: nameDefault }),
    body: readText(message, 'body', { lengthMax: MESSAGE_LENGTH_MAX, fallback: '' }),
    properties: readProperties(message),
  }
}

/** `{"runtimeConfig":{"outMessageNames":[name]}}` of the same request; null: the job config's. */
export function readOutMessageName(body: unknown): string | null {
  if (body === undefined || body === null) return null
  const runtime = readRuntimeConfig(body)
  if (!runtime) return null
  const limits = { countMax: 1, lengthMax: MESSAGE_NAME_MAX, fallback: [] }
  const [name = null] = readTexts(runtime, 'outMessageNames', limits)
  return name
}

function readRuntimeConfig(body: unknown): Fields | null {
  const runtime = readFields(body, '', ['runtimeConfig']).values.get('runtimeConfig')
  if (runtime === undefined) return null
  return readFields(runtime, 'runtimeConfig', ['inMessages', 'outMessageNames'])
}

/** `messagename` or `outmessagename` of the query; null: it is not given. */
export function readMessageName(query: ReadonlyMap<string, string>, name: string): string | null {
  const value = query.get(name)
  if (value === undefined) return null
  if (value.length >= 1 && value.length <= MESSAGE_NAME_MAX) return value
  throw invalid(name, `a text of 1 to ${MESSAGE_NAME_MAX} characters`, value)
}

/** The message of `POST …/listener`: the body as it came. */
export function readListenerMessage(body: unknown, name: string): JobMessage {
  if (typeof body !== 'string' || body.includes('\0')) {
    throw new ApiError(400, 'INVALID_MESSAGE', 'expected the message as text, without NUL')
  }
  return { name, body, properties: {} }
}

function readProperties(message: Fields): Readonly<Record<string, string>> {
  const pairs = message.values.get('properties') ?? []
  const at = `${message.at}.properties`
  if (!Array.isArray(pairs) || pairs.length > PROPERTIES_MAX) {
    throw invalid(at, `a list of up to ${PROPERTIES_MAX} {key, value}`, pairs)
  }
  return Object.fromEntries(
    pairs.map((pair, index) => {
      const fields = readFields(pair, `${at}[${index}]`, ['key', 'value'])
      const key = readRequiredText(fields, 'key', 100)
      if (!/^[A-Za-z]\w*$/.test(key)) throw invalid(`${fields.at}.key`, 'a name', key)
      return [key, readRequiredText(fields, 'value', PROPERTY_LENGTH_MAX)]
    }),
  )
}
