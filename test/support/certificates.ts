import 'reflect-metadata' // what @peculiar/x509 asks for
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate with its key, in PEM: what a TLS server or client is given. */
export type Certificate = { readonly cert: string; readonly key: string }

/** Who signs certificates: a root, or an intermediate that a root has signed. */
export type Authority = Certificate & {
  issue(ask?: LeafAsk): Promise<Certificate>
  intermediate(): Promise<Authority>
}

/** What a certificate says; by default it names localhost and 127.0.0.1, is for servers and clients, and is valid today. */
export type LeafAsk = {
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[]
  readonly commonName?: string
}

const DAY_MS = 24 * 3600 * 1000
const USAGE_OIDS = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' }
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

type Issuer = { readonly name: string; readonly keys: webcrypto.CryptoKeyPair }

/** Days from today; less than 0 is past. */
export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS)
}

/** Makes a certificate authority that nobody trusts yet. */
export async function openAuthority(commonName = 'Test Root CA'): Promise<Authority> {
  const keys = await makeKeys()
  const name = `CN=${commonName}`
  return authorityOf({ name, keys }, await signAuthority({ name, keys }, { name, keys }))
}

/** A certificate that signed itself, as many listeners on a laptop have. */
export function selfSigned(ask: LeafAsk = {}): Promise<Certificate> {
  return issueLeaf(null, ask)
}

async function authorityOf(own: Issuer, cert: string): Promise<Authority> {
  return {
    cert,
    key: await pemOfKey(own.keys.privateKey),
    issue: (ask = {}) => issueLeaf(own, ask),
    intermediate: async () => {
      const below = { name: `CN=Intermediate of ${own.name.slice(3)}`, keys: await makeKeys() }
      return authorityOf(below, await signAuthority(own, below))
    },
  }
}

async function signAuthority(issuer: Issuer, subject: Issuer): Promise<string> {
  const made = await X509CertificateGenerator.create({
    issuer: issuer.name,
    subject: subject.name,
    notBefore: daysFromNow(-365),
    notAfter: daysFromNow(3650),
    publicKey: subject.keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(subject.keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return pemOf(made)
}

async function issueLeaf(signer: Issuer | null, ask: LeafAsk): Promise<Certificate> {
  const keys = await makeKeys()
  const subject = `CN=${ask.commonName ?? ask.names?.[0] ?? 'localhost'}`
  const issuer = signer ?? { name: subject, keys }
  const { names = ['localhost'], addresses = ['127.0.0.1'] } = ask
  const { usages = ['serverAuth', 'clientAuth'] } = ask
  const made = await X509CertificateGenerator.create({
    issuer: issuer.name,
    subject,
    notBefore: ask.notBefore ?? daysFromNow(-1),
    notAfter: ask.notAfter ?? daysFromNow(365),
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension(usages.map((usage) => USAGE_OIDS[usage])),
      new SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return { cert: pemOf(made), key: await pemOfKey(keys.privateKey) }
}

/** Ends with a line break, so that one may follow the other. */
function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
