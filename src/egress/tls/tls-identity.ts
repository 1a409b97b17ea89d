import { createHash } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { KeyedCertificate } from '../../base/tls/certificate-files.ts'

/** What one pool's connections trust, and who they say they are. */
export type TlsIdentity = {
  /** The same for the same trust and certificate, and for no other. */
  readonly id: string
  readonly hasCertificate: boolean
  readonly context: SecureContext
}

/**
 * Makes the identity once, since reading the trusted certificates anew costs each connection 20 ms. `extraCa` is
 * trusted besides Node's own.
 */
export function makeTlsIdentity(
  extraCa: readonly string[],
  certificate: KeyedCertificate | null,
): TlsIdentity {
  const hash = createHash('sha256').update(JSON.stringify([extraCa, certificate]))
  return {
    id: hash.digest('base64url'),
    hasCertificate: certificate !== null,
    context: createSecureContext({
      minVersion: 'TLSv1.2',
      ...(extraCa.length > 0 && { ca: [...getCACertificates('default'), ...extraCa] }),
      ...(certificate && { cert: certificate.cert, key: certificate.key }),
      ...(certificate?.passphrase != null && { passphrase: certificate.passphrase }),
    }),
  }
}
