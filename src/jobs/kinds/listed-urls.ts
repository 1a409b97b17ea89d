/** Stands for any number of names below, at the beginning of a host. */
const ANY_BELOW = '*.'

/** What one server reads as a part of a path, the next may read as its end. */
const ENCODED_SEPARATOR = /%2f|%5c/i

/**
 * Whether the operator lists the URL. `https://erp.example` lists all of that scheme, host and port,
 * `https://erp.example/hooks` what is at or below that path, `https://*.erp.example` any host below. Queries are free.
 */
export function isUrlListed(urls: readonly string[], url: string): boolean {
  const asked = URL.parse(url)
  return asked !== null && urls.some((each) => isBelow(asked, URL.parse(each)))
}

/** What is wrong with an entry of such a list; null: nothing. */
export function listedUrlMistake(entry: string): string | null {
  const url = URL.parse(entry)
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isHttp) return 'a URL as https://erp.example/hooks'
  const hasMore = url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== ''
  if (hasMore) return 'a URL without user, query and fragment'
  const host = url.hostname.startsWith(ANY_BELOW) ? url.hostname.slice(2) : url.hostname
  // `https://*.com` would be a mistake; that there are others, as `*.co.uk`, is the operator's to know.
  if (host.includes('*') || (host !== url.hostname && !host.includes('.'))) {
    return 'a host, or *. and a host of two names at least'
  }
  return null
}

function isBelow(asked: URL, entry: URL | null): boolean {
  if (!entry || asked.protocol !== entry.protocol || asked.port !== entry.port) return false
  if (!isHostBelow(asked.hostname, entry.hostname)) return false
  const folder = entry.pathname.replace(/\/+$/, '')
  if (folder === '') return true
  if (ENCODED_SEPARATOR.test(asked.pathname)) return false
  return asked.pathname === folder || asked.pathname.startsWith(`${folder}/`)
}

function isHostBelow(host: string, entry: string): boolean {
  return entry.startsWith(ANY_BELOW) ? host.endsWith(entry.slice(1)) : host === entry
}
