import type { RecordWithTtl } from 'node:dns'
import type { Resolver } from 'node:dns/promises'
import { HttpFailure } from '../http-reply.ts'

/** The addresses of one whole name, and for how long they may be remembered; null when it has none. */
export type NameAnswer = { readonly addresses: readonly string[]; readonly ttlMs: number } | null

/**
 * Asks for IPv4 and IPv6 addresses at once. What one question fails by counts only when the other finds nothing
 * either. Rejects when nobody knows whether the name has addresses.
 */
export async function askNameServers(
  resolver: Pick<Resolver, 'resolve4' | 'resolve6'>,
  name: string,
): Promise<NameAnswer> {
  const found = await Promise.allSettled([
    resolver.resolve4(name, { ttl: true }),
    resolver.resolve6(name, { ttl: true }),
  ])
  const records: readonly RecordWithTtl[] = found.flatMap((each) =>
    each.status === 'fulfilled' ? each.value : [],
  )
  if (records.length > 0) {
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000
    return { addresses: records.map(({ address }) => address), ttlMs }
  }
  const unknown = found.flatMap((each) => (each.status === 'rejected' ? codeOf(each.reason) : []))
  const code = unknown.find((each) => !HAS_NONE.has(each))
  if (code === undefined) return null
  throw code === 'ETIMEOUT'
    ? new HttpFailure('DNS_TIMEOUT', `the name servers did not answer for ${name} in time`)
    : Object.assign(new Error(`the name servers could not tell the address of ${name}: ${code}`), {
        code: 'EAI_AGAIN', // theirs, as ECONNREFUSED, would be taken for the listener's
      })
}

/** Answers that say that there is no such name, or that it has no address of that kind; or no name at all. */
const HAS_NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'ENONAME'])

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}
