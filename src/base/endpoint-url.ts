import { isIP } from 'node:net'

/** Longer URLs are sent to by nobody: many servers take no longer request line. */
export const URL_LENGTH_MAX = 8000

const UNPRIVILEGED_PORT_MIN = 1024

/** Whether Salesforce sends to the URL's port: 80 of http, 443 of https, and 1024 or above of both. */
export function isPortSentTo({ port }: URL): boolean {
  // `:80` of http and `:443` of https are left out by the URL parser.
  return port === '' || Number(port) >= UNPRIVILEGED_PORT_MIN
}

/** The host as an address or a name, IPv6 without its brackets. */
export function hostOf({ hostname }: URL): string {
  return withoutBrackets(hostname)
}

/** `localhost`, and what ends with it, is always this machine (RFC 6761). */
export function isLoopbackName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host)
}

/** Whether the host of a URL is this machine, by name or address; no name is looked up. */
export function isLoopback(host: string): boolean {
  const bare = withoutBrackets(host)
  if (isLoopbackName(bare)) return true
  return isIP(bare) === 4 ? bare.startsWith('127.') : bare === '::1'
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
