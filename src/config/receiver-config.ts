import { isAddressRange } from '../base/network/address-set.ts'
import { QUEUE_MAX_DEFAULT } from '../inbox/open-inbox.ts'
import type { ServerTlsFiles } from '../web/receiving/server-tls.ts'
import { ConfigError, portOf } from './config.ts'

/** How the receiving endpoint faces the world, as the `OBM_RECEIVER_…` variables say. */
export type ReceiverConfig = {
  /** A port of its own; null serves it with the rest. */
  readonly port: number | null
  /** Null: that of the rest. */
  readonly host: string | null
  /** Null: http. */
  readonly tlsFiles: ServerTlsFiles | null
  /** Addresses and ranges of proxies whose headers are believed. */
  readonly proxies: readonly string[]
  /** Which header of theirs tells the sender's certificate, in lower case. */
  readonly certificateHeader: string | null
  /** Runs of one job config that may wait. */
  readonly queueMax: number
}

/** The endpoint shares port and host with the rest, and believes nobody's headers. */
export const SHARED_RECEIVER: ReceiverConfig = {
  port: null,
  host: null,
  tlsFiles: null,
  proxies: [],
  certificateHeader: null,
  queueMax: QUEUE_MAX_DEFAULT,
}

/** Headers that mean something else: whoever names one of them as the certificate's has mistyped. */
const TAKEN =
  /^(host|connection|content-.*|transfer-encoding|cookie|authorization|x-forwarded-for)$/

/** Reads the variables; throws `ConfigError` naming the one that is wrong, or lacks another. */
export function readReceiver(env: NodeJS.ProcessEnv): ReceiverConfig {
  const port = portOf('OBM_RECEIVER_PORT', env.OBM_RECEIVER_PORT)
  const host = env.OBM_RECEIVER_HOST || null
  if (host !== null && port === null) {
    throw new ConfigError('OBM_RECEIVER_HOST: expected OBM_RECEIVER_PORT with it, found none')
  }
  const proxies = listOf(env.OBM_RECEIVER_PROXIES)
  const wrong = proxies.find((range) => !isAddressRange(range))
  if (wrong !== undefined) {
    throw new ConfigError(
      `OBM_RECEIVER_PROXIES: expected addresses or ranges as 10.1.0.7 or 10.1.0.0/24, found ${JSON.stringify(wrong)}`,
    )
  }
  return {
    port,
    host,
    tlsFiles: readTlsFiles(env, port !== null),
    proxies,
    certificateHeader: readCertificateHeader(env, proxies.length > 0),
    queueMax: readQueueMax(env.OBM_RECEIVER_QUEUE_MAX),
  }
}

/** TLS is the receiver's own: the port of the org and the APIs has none. */
function readTlsFiles(env: NodeJS.ProcessEnv, hasPort: boolean): ServerTlsFiles | null {
  const certFile = env.OBM_RECEIVER_CERT_FILE || null
  const keyFile = env.OBM_RECEIVER_KEY_FILE || null
  const passphraseFile = env.OBM_RECEIVER_KEY_PASSPHRASE_FILE || null
  const clientCa = listOf(env.OBM_RECEIVER_CLIENT_CA)
  if (certFile !== null && keyFile !== null) {
    if (hasPort) return { certificate: { certFile, keyFile, passphraseFile }, clientCa }
    throw new ConfigError('OBM_RECEIVER_CERT_FILE: expected OBM_RECEIVER_PORT with it, found none')
  }
  const needs = 'expected OBM_RECEIVER_CERT_FILE and OBM_RECEIVER_KEY_FILE with it'
  const alone = Object.entries({
    OBM_RECEIVER_CERT_FILE: certFile,
    OBM_RECEIVER_KEY_FILE: keyFile,
    OBM_RECEIVER_KEY_PASSPHRASE_FILE: passphraseFile,
    OBM_RECEIVER_CLIENT_CA: clientCa[0] ?? null,
  }).find(([, value]) => value !== null)
  if (!alone) return null
  throw new ConfigError(`${alone[0]}: ${needs}, found none`)
}

function readCertificateHeader(env: NodeJS.ProcessEnv, hasProxies: boolean): string | null {
  const name = env.OBM_RECEIVER_CLIENT_CERT_HEADER?.trim().toLowerCase()
  if (!name) return null
  if (!/^[a-z0-9-]{1,100}$/.test(name) || TAKEN.test(name)) {
    throw new ConfigError(
      `OBM_RECEIVER_CLIENT_CERT_HEADER: expected a header's name as X-Client-Cert, found ${JSON.stringify(name)}`,
    )
  }
  if (hasProxies) return name
  throw new ConfigError(
    'OBM_RECEIVER_CLIENT_CERT_HEADER: expected the proxies that send it in OBM_RECEIVER_PROXIES, found none',
  )
}

function readQueueMax(text: string | undefined): number {
  if (!text) return QUEUE_MAX_DEFAULT
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count
  throw new ConfigError(
    `OBM_RECEIVER_QUEUE_MAX: expected a whole number from 1 on, found ${JSON.stringify(text)}`,
  )
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
