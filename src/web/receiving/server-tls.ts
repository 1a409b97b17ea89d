import { constants } from 'node:crypto'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import {
  type CertificateFiles,
  type KeyedCertificate,
  readKeyedCertificate,
  readTrusted,
} from '../../base/tls/certificate-files.ts'
import { openTelling, pathsOf, stampOf } from '../../base/tls/follow-certificates.ts'

/** Where the receiver's own certificate lies, and whose client certificates it takes. */
export type ServerTlsFiles = {
  readonly certificate: CertificateFiles
  /** Authorities that client certificates must be signed by; empty: fingerprints alone decide. */
  readonly clientCa: readonly string[]
}

/** The receiver's TLS, by files that are followed as they are renewed. */
export type ServerTls = {
  /** What the server is opened with. */
  readonly options: TlsOptions
  /** Reads what has changed: what new connections get from now on, or null. What cannot be used is told. */
  look(): Promise<SecureContextOptions | null>
}

/** Reads every file. Throws `CertificateError` for what cannot be used at all. */
export async function openServerTls(
  files: ServerTlsFiles,
  { clock, log }: { readonly clock: Pick<Clock, 'real'>; readonly log: Log },
): Promise<ServerTls> {
  const paths = [...files.clientCa, ...pathsOf(files.certificate)]
  const file = files.certificate.certFile
  const tell = openTelling({ log, use: 'server' })
  let seen = await stampOf(paths)
  let { certificate, options } = await readAll(files)
  tell([{ file, certificate }], clock.real())

  return {
    // Everybody is asked, nobody needs one: which route wants which certificate is not known yet.
    options: { ...options, requestCert: true, rejectUnauthorized: false },
    look: async () => {
      const stamp = await stampOf(paths)
      const hasChanged = stamp !== seen
      seen = stamp
      const next = hasChanged ? await tryReadAll(files, log) : null
      if (next) ({ certificate, options } = next)
      tell([{ file, certificate }], clock.real())
      return next && options
    },
  }
}

type Read = { readonly certificate: KeyedCertificate; readonly options: SecureContextOptions }

async function tryReadAll(files: ServerTlsFiles, log: Log): Promise<Read | null> {
  try {
    const read = await readAll(files)
    log.info('certificates.changed', { count: 1 })
    return read
  } catch (error) {
    log.error('certificates.not_changed', { reason: errorText(error) })
    return null
  }
}

async function readAll({ certificate: files, clientCa }: ServerTlsFiles): Promise<Read> {
  const certificate = await readKeyedCertificate(files)
  const { cert, key, passphrase } = certificate
  const ca = await readTrusted(clientCa)
  return {
    certificate,
    options: {
      cert,
      key,
      ...(passphrase !== null && { passphrase }),
      ...(ca.length > 0 && { ca: [...ca] }),
      minVersion: 'TLSv1.2',
      // Each connection shows its certificate anew: a resumed one would be held to authorities of before.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
  }
}
