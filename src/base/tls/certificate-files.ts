import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DAY_MS, type Instant } from '../clock.ts'
import { CertificateError, type CertificateErrorCode } from './certificate-error.ts'

/** Where a certificate of ours lies: PEM files, the certificate before the intermediates that signed it. */
export type CertificateFiles = {
  readonly certFile: string
  readonly keyFile: string
  /** Holds the passphrase of an encrypted key. */
  readonly passphraseFile: string | null
}

/** A certificate of our own as its files say it, in PEM. */
export type KeyedCertificate = {
  /** The certificate, then the intermediates that signed it. */
  readonly cert: string
  readonly key: string
  readonly passphrase: string | null
}

/** What the other side may refuse a certificate of ours for, or will before long. */
export type CertificateRemark = {
  readonly code:
    | 'CERTIFICATE_EXPIRED'
    | 'CERTIFICATE_NOT_YET_VALID'
    | 'CERTIFICATE_EXPIRES_SOON'
    | 'CERTIFICATE_NOT_FOR_CLIENTS'
    | 'CERTIFICATE_NOT_FOR_SERVERS'
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly message: string
}

/** Told so long before a certificate expires: getting a new one takes people's time. */
export const EXPIRES_SOON_MS = 30 * DAY_MS

/** Whom a certificate of ours is shown to, and what they ask of it. */
const USES = {
  client: { oid: '1.3.6.1.5.5.7.3.2', others: 'listeners', usage: 'clientAuth' },
  server: { oid: '1.3.6.1.5.5.7.3.1', others: 'senders', usage: 'serverAuth' },
} as const
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Reads a certificate and its key, and sees that they belong together. Throws `CertificateError`. */
export async function readKeyedCertificate(files: CertificateFiles): Promise<KeyedCertificate> {
  const { certFile, keyFile, passphraseFile } = files
  const cert = await readText(certFile, 'CERTIFICATE_UNREADABLE')
  const [leaf] = certificatesIn(cert, certFile, 'CERTIFICATE_UNREADABLE')
  const key = await readText(keyFile, 'CERTIFICATE_KEY_UNREADABLE')
  const passphrase =
    passphraseFile === null
      ? null
      : (await readText(passphraseFile, 'CERTIFICATE_KEY_UNREADABLE')).replace(/\r?\n$/, '')
  if (!leaf?.checkPrivateKey(readKey(key, passphrase, files))) {
    const wrong = `expected the private key of the certificate in ${certFile}, found another`
    throw new CertificateError('CERTIFICATE_KEY_MISMATCH', keyFile, wrong)
  }
  return { cert, key, passphrase }
}

/** Reads certificates to be trusted, one or more in each file. Throws `CertificateError`. */
export async function readTrusted(files: readonly string[]): Promise<readonly string[]> {
  const read = async (file: string) => {
    const text = await readText(file, 'CA_UNREADABLE')
    certificatesIn(text, file, 'CA_UNREADABLE')
    return text
  }
  return Promise.all(files.map(read))
}

/** What is to be said of a certificate that can be used: its dates, and what it is for. */
export function checkDates(
  { cert }: KeyedCertificate,
  { file, use }: { readonly file: string; readonly use: 'client' | 'server' },
  now: Instant,
): readonly CertificateRemark[] {
  const leaf = new X509Certificate(cert)
  const { oid, others, usage } = USES[use]
  const [from, to] = [leaf.validFromDate, leaf.validToDate]
  const remarks: CertificateRemark[] = []
  const remark = (
    code: CertificateRemark['code'],
    severity: CertificateRemark['severity'],
    message: string,
  ) => {
    remarks.push({ code, severity, file, message: `the ${use} certificate ${message}` })
  }
  if (to.getTime() <= now) {
    remark('CERTIFICATE_EXPIRED', 'error', `expired on ${dayOf(to)}: ${others} refuse it`)
  } else if (to.getTime() - now < EXPIRES_SOON_MS) {
    remark('CERTIFICATE_EXPIRES_SOON', 'warning', `expires on ${dayOf(to)}: put a new one in place`)
  }
  if (from.getTime() > now) {
    remark('CERTIFICATE_NOT_YET_VALID', 'error', `is valid from ${dayOf(from)} on`)
  }
  // A certificate that says nothing of its use is for all uses.
  if (leaf.keyUsage && !leaf.keyUsage.includes(oid)) {
    const code = use === 'client' ? 'CERTIFICATE_NOT_FOR_CLIENTS' : 'CERTIFICATE_NOT_FOR_SERVERS'
    remark(code, 'warning', `is not for ${use}s: its extended key usage lacks ${usage}`)
  }
  return remarks
}

function certificatesIn(
  text: string,
  file: string,
  code: CertificateErrorCode,
): readonly X509Certificate[] {
  const blocks = text.match(PEM_CERTIFICATE) ?? []
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block))
  } catch {
    // Told as a file without any.
  }
  throw new CertificateError(
    code,
    file,
    'expected a certificate in PEM, found none that can be read',
  )
}

function readKey(
  key: string,
  passphrase: string | null,
  { keyFile, passphraseFile }: CertificateFiles,
): KeyObject {
  try {
    return createPrivateKey(passphrase === null ? key : { key, passphrase })
  } catch {
    const isEncrypted = /ENCRYPTED/.test(key)
    const wrong = !isEncrypted
      ? 'expected a private key in PEM, found none that can be read'
      : passphraseFile === null
        ? 'the key is encrypted: name the file of its passphrase as passphraseFile'
        : `the key cannot be decrypted with the passphrase in ${passphraseFile}`
    throw new CertificateError('CERTIFICATE_KEY_UNREADABLE', keyFile, wrong)
  }
}

async function readText(file: string, code: CertificateErrorCode): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new CertificateError(code, file, `cannot be read: ${why}`)
  }
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
