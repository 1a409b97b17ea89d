import { stat } from 'node:fs/promises'
import { DAY_MS, type Instant } from '../clock.ts'
import type { Log } from '../log.ts'
import { type CertificateFiles, checkDates, type KeyedCertificate } from './certificate-files.ts'

/** A certificate that has expired, or will, is told once in so long. */
const TOLD_EVERY_MS = DAY_MS

/** Changes whenever one of the files does, also when it is a link that points elsewhere now. */
export async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = files.map(async (file) => {
    const found = await stat(file).catch(() => null)
    return found && `${found.ino} ${found.size} ${found.mtimeMs}`
  })
  return JSON.stringify(await Promise.all(stamps))
}

/** The files that one certificate is read from. */
export function pathsOf({
  certFile,
  keyFile,
  passphraseFile,
}: CertificateFiles): readonly string[] {
  return passphraseFile === null ? [certFile, keyFile] : [certFile, keyFile, passphraseFile]
}

/** Tells what is to be said of each certificate, anew only when it has changed or a day has passed. */
export function openTelling({
  log,
  use,
}: {
  readonly log: Log
  readonly use: 'client' | 'server'
}): (
  certificates: readonly { readonly file: string; readonly certificate: KeyedCertificate }[],
  now: Instant,
) => void {
  const toldAt = new Map<string, Instant>()
  return (certificates, now) => {
    for (const { file, certificate } of certificates) {
      for (const { code, severity, message } of checkDates(certificate, { file, use }, now)) {
        const key = `${file} ${message}`
        if (now - (toldAt.get(key) ?? -Infinity) < TOLD_EVERY_MS) continue
        toldAt.set(key, now)
        const fields = { code, file, message }
        if (severity === 'error') log.error('certificates.remark', fields)
        else log.warn('certificates.remark', fields)
      }
    }
  }
}
