import { createHash, timingSafeEqual } from 'node:crypto'
import type { JobConfig } from '../jobs/job-config.ts'
import { tryRecordId } from '../schema/record-id.ts'
import type { Envelope } from '../wire/envelope.ts'
import { type Authentication, rejected } from './rejection.ts'

/** Checks what the path alone tells, before a byte of the body is read. */
export function authenticatePath(config: JobConfig, pathSecret: string | null): Authentication {
  const { pathSecretHashes } = config.authentication
  if (pathSecretHashes.length === 0) return { kind: 'trusted' }
  if (pathSecret !== null && isOneOf(pathSecretHashes, pathSecret)) return { kind: 'trusted' }
  return rejected('PATH_SECRET_WRONG', 'the secret at the end of the path is missing or not known')
}

/** Checks whether the organisation that the envelope names may send on this route. */
export function authenticateOrganization(config: JobConfig, envelope: Envelope): Authentication {
  const { organizationIds } = config.authentication
  if (organizationIds.length === 0) return { kind: 'trusted' }
  const isListed = organizationIds.some((id) => tryRecordId(id) === envelope.organizationId)
  if (isListed) return { kind: 'trusted' }
  const reason = `organisation ${envelope.organizationId} is not on this job config's list`
  return rejected('ORGANIZATION_NOT_ALLOWED', reason)
}

/**
 * Compares hashes, each with each and in constant time: neither length nor place of a difference
 * tells.
 */
function isOneOf(hashes: readonly string[], secret: string): boolean {
  const given = createHash('sha256').update(secret).digest()
  let isKnown = false
  for (const hash of hashes) {
    const expected = Buffer.from(hash, 'hex')
    if (expected.length === given.length && timingSafeEqual(expected, given)) isKnown = true
  }
  return isKnown
}
