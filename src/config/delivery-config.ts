import { HOUR_MS, SECOND_MS } from '../base/clock.ts'
import type { CertificateFiles } from '../base/tls/certificate-files.ts'
import { CONNECT_MS, type DeliveryTimeouts, TOTAL_MS } from '../egress/timeouts.ts'
import type { TlsFiles } from '../egress/tls/identities.ts'
import {
  DEFAULT_SCHEDULE,
  type DeliverySchedule,
  LIFETIME_LONGEST_MS,
} from '../outbox/delivery-schedule.ts'
import { DEFAULT_PACE, type LanePace, paceMistake } from '../outbox/lane-pace.ts'
import { readCertificateFiles } from './certificate-config.ts'
import type { ConfigReader } from './config-reader.ts'

/** What `obm.config.json` says of sending, under `delivery`. */
export type DeliveryConfig = {
  readonly timeouts: DeliveryTimeouts
  /** Of every outbound message that says nothing else. */
  readonly schedule: DeliverySchedule
  /** By `Object.Name` in lower case: the schedules of those that do. */
  readonly messages: ReadonlyMap<string, DeliverySchedule>
  /** By URL or origin: how fast endpoints are sent to that are not sent to as fast as they answer. */
  readonly endpoints: ReadonlyMap<string, LanePace>
  /** What is shown to listeners that ask: of every outbound message, and by `Object.Name` in lower case. */
  readonly certificates: Pick<TlsFiles, 'certificate' | 'named'>
}

/** The longest time-out that may be set. */
const TIMEOUT_MAX_S = 600
const LIFETIME_LONGEST_H = LIFETIME_LONGEST_MS / HOUR_MS
/** No wait of either clock is longer: after it nobody would look for what is due. */
const WAIT_MAX_S = (24 * HOUR_MS) / SECOND_MS
const FACTOR_MAX = 10
const FAILURES_MAX = 1000

/** Reads the part `delivery` of the file in `folder`. */
export function readDelivery(delivery: ConfigReader, folder: string): DeliveryConfig {
  const schedule = readSchedule(delivery, DEFAULT_SCHEDULE)
  const named = new Map<string, CertificateFiles>()
  const messages = [...delivery.part('messages').named()].map(([key, message]) => {
    if (!/^\w+\.\w+$/.test(key)) {
      throw delivery.mistake('messages', 'names as Account.Notify_ERP', key)
    }
    const certificate = readCertificateFiles(message, folder)
    if (certificate) named.set(key.toLowerCase(), certificate)
    return [key.toLowerCase(), readSchedule(message, schedule)] as const
  })
  return {
    timeouts: readTimeouts(delivery),
    schedule,
    messages: new Map(messages),
    endpoints: readEndpoints(delivery.part('endpoints')),
    certificates: { certificate: readCertificateFiles(delivery, folder), named },
  }
}

/** The whole is Salesforce's 20 s; its parts may take as long where nothing is said. */
function readTimeouts(delivery: ConfigReader): DeliveryTimeouts {
  const readMs = (name: string, byDefaultMs: number) =>
    Math.ceil(bounded(delivery, name, byDefaultMs / SECOND_MS, TIMEOUT_MAX_S) * SECOND_MS)
  const totalMs = readMs('timeoutSeconds', TOTAL_MS)
  return {
    totalMs,
    connectMs: readMs('connectTimeoutSeconds', Math.min(CONNECT_MS, totalMs)),
    headersMs: readMs('headersTimeoutSeconds', totalMs),
    bodyMs: readMs('bodyTimeoutSeconds', totalMs),
  }
}

function readEndpoints(endpoints: ConfigReader): ReadonlyMap<string, LanePace> {
  return new Map(
    [...endpoints.named()].map(([url, endpoint]) => {
      if (!URL.canParse(url)) {
        throw endpoints.mistake(url, 'a URL or origin as https://erp.example', url)
      }
      const pace = {
        slots: endpoint.number('slots', DEFAULT_PACE.slots),
        messagesPerSecond: endpoint.optionalNumber('messagesPerSecond'),
      }
      const mistake = paceMistake(pace)
      if (mistake) throw endpoint.mistake(mistake.name, mistake.expected, pace[mistake.name])
      return [new URL(url).href, pace] as const
    }),
  )
}

/** The pace of an endpoint by its URL: its own, or that of its origin. */
export function paceOf({ endpoints }: DeliveryConfig, endpointUrl: string): LanePace {
  const url = URL.parse(endpointUrl)
  if (!url) return DEFAULT_PACE
  return endpoints.get(url.href) ?? endpoints.get(`${url.origin}/`) ?? DEFAULT_PACE
}

/** The schedule of an outbound message by its key, `Account.Notify_ERP`, in any case. */
export function scheduleOf({ schedule, messages }: DeliveryConfig, key: string): DeliverySchedule {
  return messages.get(key.toLowerCase()) ?? schedule
}

function readSchedule(said: ConfigReader, otherwise: DeliverySchedule): DeliverySchedule {
  const retry = said.part('retry')
  const breaker = said.part('breaker')
  return {
    ...readRetry(retry, otherwise),
    lifetimeMs:
      bounded(retry, 'lifetimeHours', otherwise.lifetimeMs / HOUR_MS, LIFETIME_LONGEST_H) * HOUR_MS,
    ...readBreaker(breaker, otherwise),
  }
}

function readRetry(
  retry: ConfigReader,
  otherwise: DeliverySchedule,
): Pick<DeliverySchedule, 'retryFirstMs' | 'retryFactor' | 'retryMaxMs'> {
  const first = seconds(retry, 'firstSeconds', otherwise.retryFirstMs)
  const max = seconds(retry, 'maxSeconds', Math.max(otherwise.retryMaxMs, first * SECOND_MS))
  if (max < first) throw retry.mistake('maxSeconds', `${first} (firstSeconds) or more`, max)
  const factor = bounded(retry, 'factor', otherwise.retryFactor, FACTOR_MAX)
  if (factor < 1) throw retry.mistake('factor', `a number from 1 to ${FACTOR_MAX}`, factor)
  return { retryFirstMs: first * SECOND_MS, retryFactor: factor, retryMaxMs: max * SECOND_MS }
}

function readBreaker(
  breaker: ConfigReader,
  otherwise: DeliverySchedule,
): Pick<DeliverySchedule, 'breakerFailuresMax' | 'probeMinMs' | 'probeMaxMs'> {
  const failures = bounded(breaker, 'failures', otherwise.breakerFailuresMax, FAILURES_MAX)
  if (!Number.isInteger(failures)) throw breaker.mistake('failures', 'a whole number', failures)
  const min = seconds(breaker, 'probeMinSeconds', otherwise.probeMinMs)
  const max = seconds(breaker, 'probeMaxSeconds', Math.max(otherwise.probeMaxMs, min * SECOND_MS))
  if (max < min) throw breaker.mistake('probeMaxSeconds', `${min} (probeMinSeconds) or more`, max)
  return {
    breakerFailuresMax: failures,
    probeMinMs: min * SECOND_MS,
    probeMaxMs: max * SECOND_MS,
  }
}

/** A duration of one second or more. */
function seconds(reader: ConfigReader, name: string, byDefaultMs: number): number {
  const found = bounded(reader, name, byDefaultMs / SECOND_MS, WAIT_MAX_S)
  if (found >= 1) return found
  throw reader.mistake(name, `a number of seconds from 1 to ${WAIT_MAX_S}`, found)
}

function bounded(reader: ConfigReader, name: string, byDefault: number, max: number): number {
  const found = reader.number(name, byDefault)
  if (found <= max) return found
  throw reader.mistake(name, `${max} at the most`, found)
}
