import type { IncomingMessage } from 'node:http'
import { decodePercent } from '../../base/decode-percent.ts'
import { fingerprintsOf, readFingerprint, tryCertificate } from '../../base/tls/fingerprint.ts'
import type { PeerCertificate } from '../../inbox/peer.ts'

/** What proxies write where there is no certificate: nginx nothing, Apache `(null)`, others a dash. */
const NOTHING = ['', '-', '(null)']

const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----$/
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads the certificate that a proxy says it was shown: PEM, percent-encoded or with blanks for line breaks; DER in
 * base64, with or without the colons of RFC 9440; or a SHA-256 fingerprint in hex. Two headers of the name are
 * refused: one of them may be the sender's own.
 */
export function readCertificateHeader(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  name: string,
): PeerCertificate {
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
  const [value = '', ...others] = values
  if (others.length > 0) return unreadable(`the header ${name} is there more than once`)
  const text = value.trim()
  if (NOTHING.includes(text)) return { kind: 'none' }

  // Blanks and line breaks are told from a PEM's own by nobody: both are taken out of the base64.
  const fingerprint = text.includes('-----') ? null : readFingerprint(text)
  if (fingerprint !== null) {
    const authority = { kind: 'unchecked' } as const
    return { kind: 'shown', fingerprints: [fingerprint], dates: null, authority }
  }
  const base64 = base64Of(text.includes('%') ? decodePercent(text) : text)
  const certificate = base64 === null ? null : tryCertificate(Buffer.from(base64, 'base64'))
  if (certificate) return shownCertificate(certificate, { kind: 'unchecked' })
  return unreadable(`the header ${name} holds neither one certificate nor a SHA-256 fingerprint`)
}

/** What is to be known of a certificate that was shown. */
export function shownCertificate(
  certificate: NonNullable<ReturnType<typeof tryCertificate>>,
  authority: (PeerCertificate & { kind: 'shown' })['authority'],
): PeerCertificate {
  const { validFromDate, validToDate } = certificate
  return {
    kind: 'shown',
    fingerprints: fingerprintsOf(certificate),
    dates: { from: validFromDate.getTime(), to: validToDate.getTime() },
    authority,
  }
}

function base64Of(text: string): string | null {
  const inner = PEM.exec(text.trim())?.[1] ?? /^:(.*):$/.exec(text)?.[1] ?? text
  const base64 = inner.replace(/\s/g, '')
  return BASE64.test(base64) ? base64 : null
}

function unreadable(reason: string): PeerCertificate {
  return { kind: 'unreadable', reason }
}
