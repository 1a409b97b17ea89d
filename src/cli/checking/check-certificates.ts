import { relative } from 'node:path'
import type { Instant } from '../../base/clock.ts'
import { CertificateError } from '../../base/tls/certificate-error.ts'
import {
  type CertificateFiles,
  checkDates,
  readKeyedCertificate,
} from '../../base/tls/certificate-files.ts'
import type { TlsFiles } from '../../egress/tls/identities.ts'
import type { ProjectProblem } from '../../metadata/project.ts'

/** What listeners will refuse the configured client certificates for, or will before long. */
export async function checkCertificates(
  { certificate, named }: Pick<TlsFiles, 'certificate' | 'named'>,
  folder: string,
  now: Instant,
): Promise<readonly ProjectProblem[]> {
  const all = [...(certificate ? [certificate] : []), ...named.values()]
  const byFile = new Map(all.map((files) => [files.certFile, files]))
  const found = await Promise.all([...byFile.values()].map((files) => checkOne(files, now)))
  return found.flat().map((problem) => ({ ...problem, file: relative(folder, problem.file) }))
}

async function checkOne(files: CertificateFiles, now: Instant): Promise<readonly ProjectProblem[]> {
  try {
    const certificate = await readKeyedCertificate(files)
    return checkDates(certificate, { file: files.certFile, use: 'client' }, now).map((remark) => ({
      ...remark,
      line: 1,
    }))
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const { errorCode: code, file, reason: message } = error
    return [{ file, line: 1, code, severity: 'error', message }]
  }
}
