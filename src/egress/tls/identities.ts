import { stat } from 'node:fs/promises'
import { type Clock, DAY_MS, type Instant } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import {
  type CertificateFiles,
  checkDates,
  readClientCertificate,
  readTrusted,
} from './certificate-files.ts'
import { type ClientCertificate, makeTlsIdentity, type TlsIdentity } from './tls-identity.ts'

/** Which files say whom to trust, and which certificate whom. */
export type TlsFiles = {
  /** Trusted besides Node's own. */
  readonly trusted: readonly string[]
  /** Shown to every listener that asks, unless on behalf of one of `named`. */
  readonly certificate: CertificateFiles | null
  readonly named: ReadonlyMap<string, CertificateFiles>
}

/** Who we are to listeners: files on disk, followed as they are renewed. */
export type Identities = {
  /** With the certificate of `name`, else that of everybody, else with none. */
  of(name: string): TlsIdentity
  /** Without a certificate. */
  nobody(): TlsIdentity
  /** Reads what has changed. What cannot be used is told, and the certificate from before stays. */
  look(): Promise<void>
}

/** A certificate that has expired, or will, is told once in so long. */
const TOLD_EVERY_MS = DAY_MS

/** Reads every file. Throws `CertificateError` for what cannot be used at all. */
export async function openIdentities(
  files: TlsFiles,
  { clock, log }: { readonly clock: Pick<Clock, 'real'>; readonly log: Log },
): Promise<Identities> {
  let seen = await stampOf(files)
  let known = await readAll(files)
  const tell = openTelling(log)
  tell(known, clock.real())

  const look = async () => {
    const stamp = await stampOf(files)
    if (stamp !== seen) {
      seen = stamp
      try {
        known = await readAll(files)
        log.info('certificates.changed', { count: known.certificates.length })
      } catch (error) {
        log.error('certificates.not_changed', { reason: errorText(error) })
      }
    }
    tell(known, clock.real())
  }
  return {
    of: (name) => known.byName.get(name) ?? known.everybody,
    nobody: () => known.nobody,
    look,
  }
}

type Known = {
  readonly byName: ReadonlyMap<string, TlsIdentity>
  readonly everybody: TlsIdentity
  readonly nobody: TlsIdentity
  readonly certificates: readonly {
    readonly file: string
    readonly certificate: ClientCertificate
  }[]
}

async function readAll({ trusted, certificate, named }: TlsFiles): Promise<Known> {
  const extraCa = await readTrusted(trusted)
  const certificates: Known['certificates'][number][] = []
  const read = async (files: CertificateFiles) => {
    const found = await readClientCertificate(files)
    certificates.push({ file: files.certFile, certificate: found })
    return makeTlsIdentity(extraCa, found)
  }
  const nobody = makeTlsIdentity(extraCa, null)
  const everybody = certificate === null ? nobody : await read(certificate)
  const byName = new Map<string, TlsIdentity>()
  for (const [name, each] of named) byName.set(name, await read(each))
  return { byName, everybody, nobody, certificates }
}

/** Changes whenever one of the files does, also when it is a link that points elsewhere now. */
async function stampOf({ trusted, certificate, named }: TlsFiles): Promise<string> {
  const all = [...trusted, ...[certificate, ...named.values()].flatMap(pathsOf)]
  const stamps = all.map(async (file) => {
    const found = await stat(file).catch(() => null)
    return found && `${found.ino} ${found.size} ${found.mtimeMs}`
  })
  return JSON.stringify(await Promise.all(stamps))
}

function pathsOf(files: CertificateFiles | null): readonly string[] {
  if (files === null) return []
  const { certFile, keyFile, passphraseFile } = files
  return passphraseFile === null ? [certFile, keyFile] : [certFile, keyFile, passphraseFile]
}

/** Tells what is to be said of each certificate, anew only when it has changed or a day has passed. */
function openTelling(log: Log): (known: Known, now: Instant) => void {
  const toldAt = new Map<string, Instant>()
  return ({ certificates }, now) => {
    for (const { file, certificate } of certificates) {
      for (const { code, severity, message } of checkDates(certificate, file, now)) {
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
