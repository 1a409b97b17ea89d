import { maskUrl } from '../base/secrets/mask-url.ts'

/** Characters of one header's value, and of all headers together. */
const VALUE_MAX = 1000
const HEADERS_MAX = 4096

const MASK = '******'

/** Headers whose values are secrets, whoever sends them. */
const SECRET = new Set([
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
  'cookie',
  'set-cookie',
  'set-cookie2',
  'x-api-key',
  'x-auth-token',
])

/** Headers whose values are URLs: their credentials and queries may be secrets. */
const URLS = new Set(['location', 'content-location', 'refresh', 'referer'])

/** Headers as the attempt log keeps them: a line each, secrets masked, bounded. */
export function keepHeaders(headers: Iterable<readonly [string, string]>): string {
  let text = ''
  for (const [name, value] of headers) {
    const line = `${name}: ${keptValue(name.toLowerCase(), value)}\n`
    if (text.length + line.length > HEADERS_MAX) return `${text}[more]\n`
    text += line
  }
  return text
}

function keptValue(name: string, value: string): string {
  if (SECRET.has(name)) return MASK
  // A relative one is no URL by itself: its query goes.
  if (URLS.has(name))
    return URL.canParse(value) ? maskUrl(value) : value.replace(/[?#].*$/s, '?***')
  return value.length > VALUE_MAX ? `${value.slice(0, VALUE_MAX)}[more]` : value
}
