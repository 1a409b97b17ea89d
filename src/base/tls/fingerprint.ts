import { createHash, X509Certificate } from 'node:crypto'

/** SHA-256 of a certificate, or of its public key (SPKI): 64 hex digits in lower case. */
export type Fingerprint = string

const HEX = /^(?:sha256 fingerprint=)?((?:[0-9a-f]{2}:){31}[0-9a-f]{2}|[0-9a-f]{64})$/
const BASE64 = /^sha256\/\/?([A-Za-z0-9+/]{43}=)$/
const PEM = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/

/**
 * Reads a fingerprint as tools print it: hex digits in any case, with colons or without (`openssl x509 -fingerprint
 * -sha256`), or `sha256//` and base64 (curl). A certificate in PEM stands for its own. Null: it is none of these.
 */
export function readFingerprint(text: string): Fingerprint | null {
  const hex = HEX.exec(text.trim().toLowerCase())?.[1]
  if (hex !== undefined) return hex.replaceAll(':', '')
  const base64 = BASE64.exec(text.trim())?.[1]
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('hex')
  const certificate = PEM.test(text) ? tryCertificate(text) : null
  return certificate && fingerprintsOf(certificate)[0]
}

/** The certificate that PEM or DER spells, or null. */
export function tryCertificate(encoded: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(encoded)
  } catch {
    return null
  }
}

/** Of the certificate, then of its public key: the second outlives a renewal with the same key. */
export function fingerprintsOf(certificate: X509Certificate): readonly [Fingerprint, Fingerprint] {
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return [sha256(certificate.raw), sha256(publicKey)]
}

function sha256(bytes: Buffer): Fingerprint {
  return createHash('sha256').update(bytes).digest('hex')
}
