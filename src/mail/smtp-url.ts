import { hostOf } from '../base/endpoint-url.ts'

/** Where mail goes out, as `OBM_SMTP_URL` says it. */
export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps:`); else STARTTLS. */
  readonly isSecure: boolean
  /**
   * What `smtp:` does where the server offers no STARTTLS: refuse to send, or send in the clear. A password
   * leaves this machine in the clear only where the URL says so.
   */
  readonly requiresTls: boolean
  /** False: the server's certificate is not looked at. */
  readonly verifiesCertificate: boolean
  readonly login: { readonly username: string; readonly password: string } | null
  /** What the server sees as the sender, whoever the e-mail says it is from; null: the same. */
  readonly envelopeFrom: string | null
}

const PORT_SMTP = 587
const PORT_SMTPS = 465
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/
const PARAMETERS: ReadonlySet<string> = new Set(['requireTls', 'verify', 'from'])

/**
 * Reads `smtp://user:password@host:587?requireTls=true&from=obm@example.com`, or `smtps://`. Answers what is
 * wrong with it as a sentence that never repeats the password.
 */
export function readSmtpUrl(
  text: string,
):
  | { readonly kind: 'server'; readonly server: SmtpServer }
  | { readonly kind: 'wrong'; readonly reason: string } {
  const wrong = (reason: string) => ({ kind: 'wrong' as const, reason })
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    return wrong('expected smtp://user:password@host:587 or smtps://…')
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.has(name))
  if (unknown !== undefined) {
    return wrong(`expected some of ${[...PARAMETERS].join(', ')} after the ?, found ${unknown}`)
  }
  const isSecure = url.protocol === 'smtps:'
  const envelopeFrom = url.searchParams.get('from')
  if (envelopeFrom !== null && !envelopeFrom.includes('@')) {
    return wrong('expected an e-mail address after from=')
  }
  const login = loginOf(url)
  if (login === undefined) return wrong('expected user name and password percent-encoded')
  const host = hostOf(url)
  const flags = {
    requireTls: flagOf(url, 'requireTls', login !== null && !LOOPBACK.test(host)),
    verify: flagOf(url, 'verify', true),
  }
  if (flags.requireTls === null || flags.verify === null) {
    return wrong('expected true or false after requireTls= and verify=')
  }
  return {
    kind: 'server',
    server: {
      host,
      port: url.port === '' ? (isSecure ? PORT_SMTPS : PORT_SMTP) : Number(url.port),
      isSecure,
      requiresTls: flags.requireTls,
      verifiesCertificate: flags.verify,
      login,
      envelopeFrom,
    },
  }
}

function flagOf(url: URL, name: string, byDefault: boolean): boolean | null {
  const text = url.searchParams.get(name)
  if (text === null) return byDefault
  return text === 'true' ? true : text === 'false' ? false : null
}

function loginOf(url: URL): SmtpServer['login'] | undefined {
  if (url.username === '' && url.password === '') return null
  try {
    return {
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    }
  } catch {
    return undefined
  }
}
