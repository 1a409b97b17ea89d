export type CertificateErrorCode =
  | 'CA_UNREADABLE' // no file, or one without certificates in PEM
  | 'CERTIFICATE_UNREADABLE' // the same of a client certificate
  | 'CERTIFICATE_KEY_UNREADABLE' // no file, no private key in PEM, or another passphrase
  | 'CERTIFICATE_KEY_MISMATCH' // the key is another certificate's

/** Certificates and keys that cannot be used at all: where they stand, and what is wrong. Holds nothing of a key. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly errorCode: CertificateErrorCode
  readonly file: string
  readonly reason: string

  constructor(errorCode: CertificateErrorCode, file: string, reason: string) {
    super(`${file}: ${reason}`)
    this.errorCode = errorCode
    this.file = file
    this.reason = reason
  }
}
