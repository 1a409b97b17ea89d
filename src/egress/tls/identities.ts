import type { Clock } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import {
  type CertificateFiles,
  type KeyedCertificate,
  readKeyedCertificate,
  readTrusted,
} from '../../base/tls/certificate-files.ts'
import { openTelling, pathsOf, stampOf } from '../../base/tls/follow-certificates.ts'
import { makeTlsIdentity, type TlsIdentity } from './tls-identity.ts'

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

/** Reads every file. Throws `CertificateError` for what cannot be used at all. */
export async function openIdentities(
  files: TlsFiles,
  { clock, log }: { readonly clock: Pick<Clock, 'real'>; readonly log: Log },
): Promise<Identities> {
  let seen = await stampOf(filesOf(files))
  let known = await readAll(files)
  const tell = openTelling({ log, use: 'client' })
  tell(known.certificates, clock.real())

  const look = async () => {
    const stamp = await stampOf(filesOf(files))
    if (stamp !== seen) {
      seen = stamp
      try {
        known = await readAll(files)
        log.info('certificates.changed', { count: known.certificates.length })
      } catch (error) {
        log.error('certificates.not_changed', { reason: errorText(error) })
      }
    }
    tell(known.certificates, clock.real())
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
    readonly certificate: KeyedCertificate
  }[]
}

async function readAll({ trusted, certificate, named }: TlsFiles): Promise<Known> {
  const extraCa = await readTrusted(trusted)
  const certificates: Known['certificates'][number][] = []
  const read = async (files: CertificateFiles) => {
    const found = await readKeyedCertificate(files)
    certificates.push({ file: files.certFile, certificate: found })
    return makeTlsIdentity(extraCa, found)
  }
  const nobody = makeTlsIdentity(extraCa, null)
  const everybody = certificate === null ? nobody : await read(certificate)
  const byName = new Map<string, TlsIdentity>()
  for (const [name, each] of named) byName.set(name, await read(each))
  return { byName, everybody, nobody, certificates }
}

function filesOf({ trusted, certificate, named }: TlsFiles): readonly string[] {
  const own = [...(certificate ? [certificate] : []), ...named.values()]
  return [...trusted, ...own.flatMap(pathsOf)]
}
