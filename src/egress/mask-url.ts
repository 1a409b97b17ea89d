/** A part of a path that may be the secret itself, as in `/hooks/9f86d081884c7d659a2feaa0c55ad015`. */
const TOKEN = /^(?=.*\d)(?=.*[A-Za-z])[\w~%-]{22,}$/

/** What ends the path of a receiving endpoint, as `/sfdc/obm/SECRET`, is one whatever it looks like. */
const PATH_SECRET = /(\/sfdc\/obm\/)[^/]+/i

/**
 * A URL for logs and pages: without user name and password, the values of its query, and what of its path looks
 * like a secret.
 */
export function maskUrl(text: string): string {
  const url = URL.parse(text)
  if (!url?.host) return '***'
  const user = url.username === '' && url.password === '' ? '' : '***@'
  const query =
    url.search === '' ? '' : `?${url.search.slice(1).split('&').map(maskPair).join('&')}`
  return `${url.protocol}//${user}${url.host}${maskPath(url.pathname)}${query}`
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
