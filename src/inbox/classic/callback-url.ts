import { shortId } from '../../schema/record-id.ts'
import type { Envelope } from '../../wire/envelope.ts'

const PARTNER_PATH = /^\/services\/Soap\/u\/\d{1,3}\.\d\/([0-9A-Za-z]{15})(?:[0-9A-Za-z]{3})?$/

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Where a session may be shown, or why it is shown to nobody. */
export type CallbackUrl =
  | { readonly kind: 'allowed'; readonly url: string }
  | { readonly kind: 'not allowed'; readonly reason: string }

/**
 * Whether the envelope's PartnerUrl may be called with its session id. The URL comes from an unproven
 * body: host and port must be on the route's list, the path must be the organisation's own.
 */
export function callbackUrlOf(
  { partnerUrl, organizationId }: Envelope,
  allowedHosts: readonly string[],
): CallbackUrl {
  if (partnerUrl === null) return notAllowed('the message has no PartnerUrl to ask')
  const url = URL.parse(partnerUrl)
  if (!url) return notAllowed('its PartnerUrl is no URL')
  if (url.username !== '' || url.password !== '') return notAllowed('its PartnerUrl names a user')

  const isPlain = url.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  if (url.protocol !== 'https:' && !isPlain) {
    return notAllowed('its PartnerUrl is not https, which a session id needs')
  }
  if (!allowedHosts.some((pattern) => matchesHost(pattern, url))) {
    return notAllowed(`its PartnerUrl's host ${url.host} is not among the route's allowedHosts`)
  }
  const path = PARTNER_PATH.exec(url.pathname)
  if (path?.[1] !== shortId(organizationId)) {
    return notAllowed(`its PartnerUrl's path is not /services/Soap/u/VERSION/${organizationId}`)
  }
  return { kind: 'allowed', url: url.origin + url.pathname }
}

/**
 * `name` is the scheme's own port, `name:port` that one; `*.name` is any host below, not the name
 * itself.
 */
function matchesHost(pattern: string, url: URL): boolean {
  const wanted = pattern.toLowerCase()
  if (!wanted.startsWith('*.'))
    return wanted === url.host || wanted === `${url.host}:${portOf(url)}`
  const suffix = wanted.slice(1)
  const hosts = url.port === '' ? [url.host, `${url.host}:${portOf(url)}`] : [url.host]
  return hosts.some((host) => host.endsWith(suffix) && host.length > suffix.length)
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port
  return url.protocol === 'https:' ? '443' : '80'
}

function notAllowed(reason: string): CallbackUrl {
  return { kind: 'not allowed', reason }
}
