import { resolve } from 'node:path'
import type { CertificateFiles } from '../base/tls/certificate-files.ts'
import type { ConfigReader } from './config-reader.ts'

/** Reads `clientCertificate` of a part of the file, if it is there; its paths are those of the project's folder. */
export function readCertificateFiles(said: ConfigReader, folder: string): CertificateFiles | null {
  const part = said.optionalPart('clientCertificate')
  if (part === null) return null
  const passphraseFile = part.optionalText('passphraseFile')
  return {
    certFile: resolve(folder, part.requiredText('certFile')),
    keyFile: resolve(folder, part.requiredText('keyFile')),
    passphraseFile: passphraseFile === null ? null : resolve(folder, passphraseFile),
  }
}
