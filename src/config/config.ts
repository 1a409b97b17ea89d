import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { maskUrl } from '../base/secrets/mask-url.ts'
import { readSmtpUrl, type SmtpServer } from '../mail/smtp-url.ts'

/** Something in the configuration that keeps the program from starting: where, what was expected, what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly errorCode = 'CONFIG_INVALID'
}

export const ROLES = ['org', 'sender', 'receiver', 'jobs', 'console'] as const

/** What one process does. All of them may run in one process, or each in its own. */
export type Role = (typeof ROLES)[number]

/** What the environment says; the command line overrides it. */
export type Environment = {
  readonly store: string | null
  readonly host: string
  readonly port: number
  /** Whether somebody chose the port: then a process listens that has no need of itself. */
  readonly isPortGiven: boolean
  readonly roles: readonly Role[]
  readonly publicUrl: string | null
  readonly secretKeyFile: string | null
  readonly smtpServer: SmtpServer | null
  readonly egressAllow: readonly string[]
  /** Files of certificates that TLS trusts besides Node's own. */
  readonly extraCa: readonly string[]
  readonly logLevel: string
  /** Opens `/health` and `/metrics` to other machines. */
  readonly metricsToken: string | null
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent']
const KEY_BYTES = 32

/** Reads the `OBM_…` variables; throws `ConfigError` naming the one that is wrong. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  return {
    store: env.OBM_STORE ?? null,
    host: env.OBM_HOST ?? '127.0.0.1',
    port: portOf('OBM_PORT', env.OBM_PORT) ?? 8080,
    isPortGiven: portOf('OBM_PORT', env.OBM_PORT) !== null,
    roles: readRoles('OBM_ROLES', env.OBM_ROLES ?? ROLES.join(',')),
    publicUrl: env.OBM_PUBLIC_URL ? urlOf('OBM_PUBLIC_URL', env.OBM_PUBLIC_URL) : null,
    secretKeyFile: env.OBM_SECRET_KEY_FILE ?? null,
    smtpServer: env.OBM_SMTP_URL ? smtpServerOf(env.OBM_SMTP_URL) : null,
    egressAllow: (env.OBM_EGRESS_ALLOW ?? '').split(/[\s,]+/).filter((each) => each !== ''),
    extraCa: (env.OBM_EXTRA_CA ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
    metricsToken: env.OBM_METRICS_TOKEN ? tokenOf(env.OBM_METRICS_TOKEN) : null,
    logLevel: oneOf('OBM_LOG_LEVEL', env.OBM_LOG_LEVEL ?? 'info', LOG_LEVELS),
  }
}

/** Reads a list of roles, as `org,sender`. `place` says where it stood, for the error. */
export function readRoles(place: string, text: string): readonly Role[] {
  const names = text.split(',').map((each) => each.trim())
  const roles = ROLES.filter((role) => names.includes(role))
  const unknown = names.find((name) => !ROLES.some((role) => role === name))
  if (unknown !== undefined) {
    throw new ConfigError(
      `${place}: expected some of ${ROLES.join(', ')}, found ${JSON.stringify(unknown)}`,
    )
  }
  return roles
}

/** Reads a TCP port; null when there is none. */
export function portOf(place: string, text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new ConfigError(`${place}: expected a port from 0 to 65535, found ${JSON.stringify(text)}`)
}

function urlOf(place: string, text: string): string {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/$/, '')
  throw new ConfigError(
    `${place}: expected a URL as https://obm.example.com, found ${JSON.stringify(maskUrl(text))}`,
  )
}

function smtpServerOf(text: string): SmtpServer {
  const read = readSmtpUrl(text)
  if (read.kind === 'server') return read.server
  throw new ConfigError(`OBM_SMTP_URL: ${read.reason}`)
}

const TOKEN_LENGTH_MIN = 16

function tokenOf(text: string): string {
  if (text.length >= TOKEN_LENGTH_MIN && /^[!-~]+$/.test(text)) return text
  throw new ConfigError(
    `OBM_METRICS_TOKEN: expected at least ${TOKEN_LENGTH_MIN} ASCII characters without blanks, found ${text.length} characters`,
  )
}

function oneOf(place: string, text: string, allowed: readonly string[]): string {
  if (allowed.includes(text)) return text
  throw new ConfigError(
    `${place}: expected one of ${allowed.join(', ')}, found ${JSON.stringify(text)}`,
  )
}

/** Reads the key that seals secrets in the store: 32 bytes, as they are or as 64 hex digits. */
export function readSecretKey(file: string): Uint8Array {
  if (!existsSync(file)) {
    throw new ConfigError(
      `OBM_SECRET_KEY_FILE: there is no file ${file}. Make one: head -c 32 /dev/urandom > ${file}; chmod 600 ${file}`,
    )
  }
  const bytes = readFileSync(file)
  const hex = bytes.toString('latin1').trim()
  const key = /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : bytes
  if (key.length !== KEY_BYTES || new Set(key).size < 8) {
    throw new ConfigError(
      `OBM_SECRET_KEY_FILE: expected 32 random bytes in ${file}, found ${bytes.length} bytes that are not`,
    )
  }
  return key
}

/** The key of a development store, in a folder that is there: made at the first start, readable by its owner alone. */
export function ownSecretKey(file: string): Uint8Array {
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' })
  }
  return readSecretKey(file)
}

/** A key for signing that is derived from the secret key, for one purpose. */
export function derivedKey(secretKey: Uint8Array, purpose: string): string {
  return createHash('sha256').update(purpose).update(secretKey).digest('hex')
}
