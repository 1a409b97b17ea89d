import { URL_LENGTH_MAX } from '../../../base/endpoint-url.ts'

/** Headers that a job may name, and characters of a value. */
export const HEADERS_MAX = 50
export const HEADER_LENGTH_MAX = 8_192

/** The old and the new one, while a receiver changes. */
export const SIGNING_SECRETS_MAX = 2

/** What we say ourselves, or what belongs to one connection. */
const OURS = [
  'host',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]
const OUR_PREFIXES = ['content-', 'proxy-', 'webhook-', 'ce-']

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/

/** No line end: a value must not become a second header. */
const VALUE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/

/** What a job's URL should have been; null: nothing is wrong with it. */
export function urlMistake(text: string): string | null {
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
  const isRight = url !== null && isHttp && text.length <= URL_LENGTH_MAX && url.hash === ''
  return isRight
    ? null
    : `an http or https URL without a fragment, ${URL_LENGTH_MAX} characters at most`
}

/** What a header's name, in lower case, should have been; null: nothing is wrong with it. */
export function headerNameMistake(name: string): string | null {
  if (!NAME.test(name)) return 'the name of a header'
  const isOurs = OURS.includes(name) || OUR_PREFIXES.some((prefix) => name.startsWith(prefix))
  return isOurs ? 'a header that OBM does not set itself' : null
}

/** What a header's value should have been; null: nothing is wrong with it. It may be a secret: never quote it. */
export function headerValueMistake(value: string): string | null {
  return VALUE.test(value) && value.length <= HEADER_LENGTH_MAX
    ? null
    : `1 to ${HEADER_LENGTH_MAX} characters of Latin-1 in one line`
}
