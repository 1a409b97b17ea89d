import { createHash, timingSafeEqual } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import { type AddressSet, openAddressSet } from '../base/network/address-set.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import type { RouteAuthentication } from '../jobs/route-authentication.ts'
import { tryRecordId } from '../schema/record-id.ts'
import type { Envelope } from '../wire/envelope.ts'
import type { Peer, PeerCertificate } from './peer.ts'
import { type Authentication, rejected } from './rejection.ts'

const TRUSTED: Authentication = { kind: 'trusted' }

/**
 * Checks what connection and path tell, before a byte of the body is read: address, certificate, secret. In this order,
 * so that who stands in the wrong place hears of that alone, and can try out no secret.
 */
export function authenticateRequest(
  { authentication }: Pick<JobConfig, 'authentication'>,
  { peer, pathSecret }: { readonly peer: Peer; readonly pathSecret: string | null },
  now: Instant,
): Authentication {
  const address = authenticateAddress(authentication.allowedIps, peer)
  if (address.kind === 'rejected') return address
  const certificate = authenticateCertificate(authentication, peer.certificate, now)
  if (certificate.kind === 'rejected') return certificate
  return authenticateSecret(authentication.pathSecretHashes, pathSecret)
}

/** Checks whether the organisation that the envelope names may send on this route, and send this message. */
export function authenticateEnvelope(
  { authentication }: Pick<JobConfig, 'authentication'>,
  { organizationId, actionId }: Pick<Envelope, 'organizationId' | 'actionId'>,
): Authentication {
  const { organizationIds, actionIds } = authentication
  if (!isListed(organizationIds, organizationId)) {
    const reason = `organisation ${organizationId} is not on this job config's list`
    return rejected('ORGANIZATION_NOT_ALLOWED', reason)
  }
  if (!isListed(actionIds, actionId)) {
    const reason = `outbound message ${actionId} is not on this job config's list`
    return rejected('ACTION_NOT_ALLOWED', reason)
  }
  return TRUSTED
}

/** Ids of 15 characters differ by their case, those of 18 do not: both are brought to one form first. */
function isListed(ids: readonly string[], id: string): boolean {
  return ids.length === 0 || ids.some((each) => tryRecordId(each) === id)
}

/** Made once for each list: a route's is the same object until it is read anew. */
const sets = new WeakMap<readonly string[], AddressSet>()

function authenticateAddress(allowedIps: readonly string[], { address }: Peer): Authentication {
  if (allowedIps.length === 0) return TRUSTED
  if (address === null) {
    return rejected('ADDRESS_NOT_ALLOWED', 'the proxy did not tell the address of the sender')
  }
  const set = sets.get(allowedIps) ?? openAddressSet(allowedIps)
  sets.set(allowedIps, set)
  if (set.has(address)) return TRUSTED
  return rejected('ADDRESS_NOT_ALLOWED', 'this address may not send to this job config')
}

function authenticateCertificate(
  { clientCertificate: asked }: RouteAuthentication,
  certificate: PeerCertificate,
  now: Instant,
): Authentication {
  if (!asked) return TRUSTED
  if (certificate.kind === 'none') {
    const reason = 'this job config asks for a client certificate, and none was shown'
    return rejected('CLIENT_CERTIFICATE_MISSING', reason)
  }
  if (certificate.kind === 'unreadable') {
    return rejected('CLIENT_CERTIFICATE_UNREADABLE', certificate.reason)
  }
  const { dates, authority, fingerprints } = certificate
  const isPinned = asked.fingerprints.some((each) => fingerprints.includes(each))
  const isTrusted = authority.kind === 'trusted'
  if (asked.fingerprints.length > 0 && !isPinned) {
    const reason = "the client certificate is not among this job config's fingerprints"
    return rejected('CLIENT_CERTIFICATE_NOT_ALLOWED', reason)
  }
  if (dates && (now < dates.from || now > dates.to)) {
    const reason = now > dates.to ? 'has expired' : 'is not valid yet'
    return rejected('CLIENT_CERTIFICATE_EXPIRED', `the client certificate ${reason}`)
  }
  if (asked.fingerprints.length === 0 ? !isTrusted : authority.kind === 'untrusted') {
    const reason = 'no authority that this receiver knows has signed the client certificate'
    const cause = authority.kind === 'untrusted' ? authority.reason : 'OBM_RECEIVER_CLIENT_CA'
    return { ...rejected('CLIENT_CERTIFICATE_UNTRUSTED', reason), cause }
  }
  return TRUSTED
}

function authenticateSecret(hashes: readonly string[], secret: string | null): Authentication {
  if (hashes.length === 0) return TRUSTED
  if (secret !== null && isOneOf(hashes, secret)) return TRUSTED
  return rejected('PATH_SECRET_WRONG', 'the secret at the end of the path is missing or not known')
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
