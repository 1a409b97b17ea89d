import { remembered } from '../cache/remembered.ts'

/** A part of a path that may be the secret itself, as in `/hooks/9f86d081884c7d659a2feaa0c55ad015`. */
const TOKEN = /^(?=.*\d)(?=.*[A-Za-z])[\w~%-]{22,}$/

/** What ends the path of a receiving endpoint, as `/sfdc/obm/SECRET`, is one whatever it looks like. */
const PATH_SECRET = /(\/sfdc\/obm\/)[^/]+/i

/**
 * A URL for logs, pages and documents: without user name and password, the values of its query, and what of its path
 * looks like a secret. Text that is no URL is shown only where it can hold neither.
 */
export const maskUrl = remembered(maskUrlText, { countMax: 1000, lengthMax: 2000 })

function maskUrlText(text: string): string {
  const url = URL.parse(text)
  if (!url?.host) return /[@?]/.test(text) ? '***' : maskPath(text)
  const user = hasUser(url) ? '***@' : ''
  const query =
    url.search === '' ? '' : `?${url.search.slice(1).split('&').map(maskPair).join('&')}`
  return `${url.protocol}//${user}${url.host}${maskPath(url.pathname)}${query}`
}

/** Whether `maskUrl` would take something away from it. */
export function holdsSecret(text: string): boolean {
  const url = URL.parse(text)
  if (!url?.host) return maskUrl(text) !== text
  return hasUser(url) || url.search.length > 1 || maskPath(url.pathname) !== url.pathname
}

function hasUser(url: URL): boolean {
  return url.username !== '' || url.password !== ''
}

/** A value without a name is masked whole. */
function maskPair(pair: string): string {
  const end = pair.indexOf('=')
  return end === -1 ? '***' : `${pair.slice(0, end)}=***`
}

function maskPath(path: string): string {
  return path
    .replace(PATH_SECRET, '$1***')
    .split('/')
    .map((part) => (TOKEN.test(part) ? '***' : part))
    .join('/')
}
