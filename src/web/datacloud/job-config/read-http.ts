import { URL_LENGTH_MAX } from '../../../base/endpoint-url.ts'
import { maskUrl } from '../../../base/secrets/mask-url.ts'
import {
  HEADERS_MAX,
  headerNameMistake,
  headerValueMistake,
  SIGNING_SECRETS_MAX,
  urlMistake,
} from '../../../jobs/kinds/http/http-job-mistakes.ts'
import { isSigningSecret } from '../../../jobs/kinds/http/sign-webhook.ts'
import {
  EVENT_TYPE,
  HTTP_FORMATS,
  HTTP_TIMEOUT_MAX_MS,
  HTTP_TIMEOUT_MS,
  type HttpFormat,
  type HttpJob,
} from '../../../jobs/kinds/job-kind.ts'
import {
  type Fields,
  invalid,
  readBoolean,
  readInteger,
  readRequiredText,
  readText,
} from '../read-fields.ts'

const EVENT_TYPE_LENGTH_MAX = 255

/** The fields of a job of kind `http`; the last two are of answers, and are not read. */
export const HTTP_FIELDS = [
  'kind',
  'url',
  'format',
  'typed',
  'headers',
  'signingSecrets',
  'timeoutMs',
  'eventType',
  'headerNames',
  'signingSecretCount',
]

/**
 * Reads it. Headers and signing secrets are in clear here and never again: absent keeps those of `before`, since no
 * answer shows them, but only for the origin they were given for. A URL as an answer masks it is the one of `before`.
 */
export function readHttp(job: Fields, before: HttpJob | null): HttpJob {
  const url = readUrl(job, before)
  const headers = readHeaders(job)
  const signingSecrets = readSigningSecrets(job)
  const kept = { headers: before?.headers ?? {}, signingSecrets: before?.signingSecrets ?? [] }
  const keeps =
    (headers === null && Object.keys(kept.headers).length > 0) ||
    (signingSecrets === null && kept.signingSecrets.length > 0)
  if (before && keeps && new URL(url).origin !== new URL(before.url).origin) {
    const expected = 'headers and signingSecrets given anew, since those kept are for another host'
    throw invalid('job.url', expected, new URL(url).origin)
  }
  return {
    kind: 'http',
    url,
    format: readFormat(job),
    typed: readBoolean(job, 'typed', false),
    headers: headers ?? kept.headers,
    signingSecrets: signingSecrets ?? kept.signingSecrets,
    timeoutMs: readInteger(job, 'timeoutMs', {
      min: 1,
      max: HTTP_TIMEOUT_MAX_MS,
      fallback: HTTP_TIMEOUT_MS,
    }),
    eventType: readText(job, 'eventType', {
      lengthMax: EVENT_TYPE_LENGTH_MAX,
      fallback: EVENT_TYPE,
    }),
  }
}

function readUrl(job: Fields, before: HttpJob | null): string {
  const url = readRequiredText(job, 'url', URL_LENGTH_MAX)
  if (before && url === maskUrl(before.url)) return before.url
  const mistake = urlMistake(url)
  if (mistake !== null) throw invalid('job.url', mistake, maskUrl(url))
  return url
}

function readFormat(job: Fields): HttpFormat {
  const value = job.values.get('format') ?? 'json'
  const format = HTTP_FORMATS.find((each) => each === value)
  if (format) return format
  throw invalid('job.format', `one of ${HTTP_FORMATS.join(', ')}`, value)
}

function readHeaders(job: Fields): HttpJob['headers'] | null {
  const value = job.values.get('headers')
  if (value === undefined) return null
  if (value === null) return {}
  const place = 'job.headers'
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid(place, 'an object of texts by name', 'something else')
  }
  const headers = Object.entries(value).map(([given, text]) => {
    const name = given.toLowerCase()
    const mistake = headerNameMistake(name)
    if (mistake !== null) throw invalid(place, mistake, given)
    const wrong = typeof text === 'string' ? headerValueMistake(text) : 'a text'
    if (wrong !== null) throw invalid(`${place}.${name}`, wrong, 'something else') // it is not quoted
    return [name, String(text)] as const
  })
  if (headers.length > HEADERS_MAX) {
    throw invalid(place, `at most ${HEADERS_MAX} headers`, headers.length)
  }
  return Object.fromEntries(headers)
}

function readSigningSecrets(job: Fields): readonly string[] | null {
  const value = job.values.get('signingSecrets')
  if (value === undefined) return null
  if (value === null) return []
  const isList = Array.isArray(value) && value.length <= SIGNING_SECRETS_MAX
  if (isList && value.every((each) => typeof each === 'string' && isSigningSecret(each))) {
    return value
  }
  const expected = `up to ${SIGNING_SECRETS_MAX} secrets as whsec_ and 24 to 64 bytes in base64`
  throw invalid('job.signingSecrets', expected, 'something else') // they are not quoted
}
