import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  HEADERS_MAX,
  headerNameMistake,
  headerValueMistake,
  SIGNING_SECRETS_MAX,
  urlMistake,
} from '../jobs/kinds/http/http-job-mistakes.ts'
import { isSigningSecret } from '../jobs/kinds/http/sign-webhook.ts'
import {
  COMMAND_MEMORY_MB,
  COMMAND_OUTPUT_MB,
  EVENT_TYPE,
  HTTP_FORMATS,
  HTTP_TIMEOUT_MAX_MS,
  HTTP_TIMEOUT_MS,
  type HttpJob,
  type JobKind,
} from '../jobs/kinds/job-kind.ts'
import type { ConfigReader } from './config-reader.ts'

const COMMAND_TIMEOUT_S = 300

/** Stands in a text for the content of a file of the project's folder, so that secrets need not stand in the file. */
const FILE = /\{file:([^{}]+)\}/g

/** Reads what a job config of the project's file runs: a `command` or an `http` request. */
export function readConfiguredJob(job: ConfigReader, folder: string): JobKind {
  const command = job.list('command')
  const http = job.optionalPart('http')
  if (http && command.length > 0) throw job.mistake('command', 'none beside http', command)
  if (http) return readHttp(http, folder, readTimeout(job, HTTP_TIMEOUT_MS, HTTP_TIMEOUT_MAX_MS))
  if (command.length === 0) throw job.mistake('command', 'a program and its arguments', command)
  const input = job.text('input', 'xml')
  if (input !== 'xml' && input !== 'json') throw job.mistake('input', 'xml or json', input)
  return {
    kind: 'command',
    command,
    workingFolder: null,
    timeoutMs: job.number('timeoutSeconds', COMMAND_TIMEOUT_S) * 1000,
    input,
    typed: job.flag('typed', false),
    memoryMbMax: job.number('memoryMb', COMMAND_MEMORY_MB),
    outputMbMax: job.number('outputMb', COMMAND_OUTPUT_MB),
  }
}

function readTimeout(job: ConfigReader, byDefaultMs: number, maxMs: number): number {
  const seconds = job.number('timeoutSeconds', byDefaultMs / 1000)
  if (seconds * 1000 <= maxMs) return seconds * 1000
  throw job.mistake('timeoutSeconds', `at most ${maxMs / 1000}`, seconds)
}

function readHttp(http: ConfigReader, folder: string, timeoutMs: number): HttpJob {
  const filled = (name: string, text: string) => fill(http, name, { text, folder })
  const url = filled('url', http.requiredText('url'))
  const mistake = urlMistake(url)
  if (mistake !== null) throw http.mistake('url', mistake, 'something else') // it may hold a secret
  const format = HTTP_FORMATS.find((each) => each === http.text('format', 'json'))
  if (!format) {
    throw http.mistake('format', `one of ${HTTP_FORMATS.join(', ')}`, http.text('format', ''))
  }
  const signingSecrets = http.list('signingSecrets').map((text) => filled('signingSecrets', text))
  if (signingSecrets.length > SIGNING_SECRETS_MAX || !signingSecrets.every(isSigningSecret)) {
    const expected = `up to ${SIGNING_SECRETS_MAX} secrets as whsec_ and 24 to 64 bytes in base64`
    throw http.mistake('signingSecrets', expected, 'something else')
  }
  const headers = readHeaders(http, folder)
  const typed = http.flag('typed', false)
  const eventType = http.text('eventType', EVENT_TYPE)
  return { kind: 'http', url, format, typed, headers, signingSecrets, timeoutMs, eventType }
}

function readHeaders(http: ConfigReader, folder: string): HttpJob['headers'] {
  const part = http.part('headers')
  const headers = [...part.texts()].map(([given, text]) => {
    const name = given.toLowerCase()
    const wrongName = headerNameMistake(name)
    if (wrongName !== null) throw part.mistake(given, wrongName, given)
    const value = fill(part, given, { text, folder })
    const wrongValue = headerValueMistake(value)
    if (wrongValue !== null) throw part.mistake(given, wrongValue, 'something else')
    return [name, value] as const
  })
  if (headers.length <= HEADERS_MAX) return Object.fromEntries(headers)
  throw http.mistake('headers', `at most ${HEADERS_MAX}`, headers.length)
}

/** Puts in what files hold, without the blanks around it. */
function fill(
  reader: ConfigReader,
  name: string,
  { text, folder }: { readonly text: string; readonly folder: string },
): string {
  return text.replaceAll(FILE, (_whole, path: string) => {
    try {
      return readFileSync(resolve(folder, path), 'utf8').trim()
    } catch {
      throw reader.mistake(name, 'a file that can be read', path)
    }
  })
}
