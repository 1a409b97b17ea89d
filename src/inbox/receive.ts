import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type JobConfig, routeStateOf } from '../jobs/job-config.ts'
import { writeAck } from '../wire/ack.ts'
import type { Envelope } from '../wire/envelope.ts'
import { EnvelopeError } from '../wire/envelope-error.ts'
import { writeFault } from '../wire/fault.ts'
import { openEnvelopeReader } from '../wire/read-envelope.ts'
import { type Accepted, accept } from './accept.ts'
import type { Alerts } from './alerts.ts'
import { authenticateEnvelope, authenticateRequest } from './authenticate.ts'
import type { Backlog } from './backlog.ts'
import type { ClassicSession } from './classic/classic-session.ts'
import type { InboxStore } from './inbox-store.ts'
import type { BodyAsk, Peek } from './peek.ts'
import type { Peer } from './peer.ts'
import { openBodySample } from './refusals/body-sample.ts'
import type { Refusals } from './refusals/note-refusals.ts'
import {
  type Authentication,
  fromStore,
  RefusalError,
  type Rejection,
  rejected,
} from './rejection.ts'

/** One POST to a job config's route. */
export type ListenerRequest = {
  readonly jobConfigId: string
  /** What ends the path after `/sfdc/obm/`. A secret: never logged. */
  readonly pathSecret: string | null
  readonly peer: Peer
  /** What the Content-Type says the body's encoding is. */
  readonly charset: string | null
  /**
   * Hands over the body as it comes. Asked for only when the path is trusted, but for a peek. Throws `RefusalError` for
   * a body that is refused, and what `take` throws.
   */
  readBody(take: (piece: Uint8Array) => void, limits?: BodyAsk): Promise<void>
}

/** A SOAP document for the sender; `errorCode` is null for an Ack. */
export type ListenerReply = {
  readonly status: number
  readonly body: string
  readonly errorCode: string | null
}

/** What taking in a message needs. */
export type InboxPorts = {
  readonly store: InboxStore
  readonly classicSession: ClassicSession
  readonly alerts: Alerts
  readonly backlog: Backlog
  readonly peek: Peek
  readonly refusals: Refusals
  readonly clock: Clock
  readonly log: Log
  /** Called when runs were queued; losing it costs a second. */
  readonly nudgeRunner: () => void
}

/** Notifications named in one line of the log. */
const TOLD_IDS_MAX = 10

/**
 * Takes in one SOAP message: know its route, read it, know who sent it, keep it, and only then
 * acknowledge it.
 */
export async function receive(ports: InboxPorts, request: ListenerRequest): Promise<ListenerReply> {
  let config: JobConfig | null = null
  let envelope: Envelope | null = null
  const sample = openBodySample()
  try {
    config = await fromStore(ports.store.readRoute(request.jobConfigId))
    if (!config) {
      envelope = await ports.peek(request)
      return refuse(ports, { request, config, envelope }, unknownRoute(request))
    }
    const door = await atTheDoor(ports, config, request)
    if (door.kind === 'rejected') return refuse(ports, { request, config, envelope }, door)

    const reader = openEnvelopeReader(request.charset)
    await request.readBody((piece) => {
      sample.take(piece)
      reader.write(piece)
    })
    envelope = reader.end()
    const sender = await authenticate(ports, config, envelope)
    if (sender.kind === 'rejected') return refuse(ports, { request, config, envelope }, sender)

    // One envelope, one answer: its notifications are on disk, each once, before the Ack is written.
    const answer = await fromStore(
      accept(ports.store, envelope, { config, now: ports.clock.now() }),
    )
    if (answer.kind === 'accepted') return acknowledge(ports, { request, envelope, answer })
    return refuse(ports, { request, config: null, envelope }, unknownRoute(request))
  } catch (error) {
    const text = error instanceof EnvelopeError ? sample.text() : null
    return refuse(ports, { request, config, envelope, sample: text }, rejectionOf(error))
  }
}

/** What is decided before a byte of the body is read. Strangers do not learn how the route is. */
async function atTheDoor(
  { clock, backlog }: InboxPorts,
  config: JobConfig,
  request: ListenerRequest,
): Promise<Authentication> {
  const known = authenticateRequest(config, request, clock.real())
  if (known.kind === 'rejected') return known
  if (routeStateOf(config) === 'reject') {
    return rejected('ROUTE_CLOSED', 'this job config is inactive: send it again later')
  }
  if (!(await backlog.isFull(config.jobConfigId))) return known
  return rejected('QUEUE_FULL', 'too many runs of this job config wait: send it again later')
}

/** All that is set for the route must hold. */
async function authenticate(
  { classicSession }: InboxPorts,
  config: JobConfig,
  envelope: Envelope,
): Promise<Authentication> {
  const listed = authenticateEnvelope(config, envelope)
  return listed.kind === 'rejected' ? listed : classicSession(config, envelope)
}

function acknowledge(
  { alerts, log, nudgeRunner }: InboxPorts,
  {
    request,
    envelope,
    answer: { newRuns, newNotifications, skipped, stale, differing },
  }: {
    readonly request: ListenerRequest
    readonly envelope: Envelope
    readonly answer: Accepted & { kind: 'accepted' }
  },
): ListenerReply {
  alerts.worked(request.jobConfigId, envelope.actionId)
  const facts = factsOf(request, envelope)
  const duplicates = envelope.notifications.length - newNotifications
  log.info('inbox.accepted', { ...facts, newRuns, newNotifications, duplicates, skipped, stale })
  if (differing.length > 0) {
    const notificationIds = differing.slice(0, TOLD_IDS_MAX).join(' ')
    log.warn('inbox.copy_differs', { ...facts, count: differing.length, notificationIds })
  }
  if (newRuns > 0) nudgeRunner()
  return { status: 200, body: writeAck(true), errorCode: null }
}

/** What is known of a message when it is refused. */
type Refused = {
  readonly request: Pick<ListenerRequest, 'jobConfigId' | 'peer'>
  /** Null: there is none, or nobody has looked yet. */
  readonly config: Pick<JobConfig, 'jobConfigId'> | null
  readonly envelope: Envelope | null
  /** The beginning of a body that could not be read. */
  readonly sample?: string | null
}

/**
 * Answers without an Ack, so that the sender keeps what it has, and says why: the first time to a
 * person. Also for the door, which refuses what it does not even look up.
 */
export function refuse(
  { alerts, log, refusals }: Pick<InboxPorts, 'alerts' | 'log' | 'refusals'>,
  { request, config, envelope, sample = null }: Refused,
  rejection: Rejection,
): ListenerReply {
  const { httpStatus: status, errorCode, reason, faultCode, cause } = rejection
  const facts = { ...factsOf(request, envelope), code: errorCode, status, reason, cause }
  log.info('inbox.refused', facts)
  const subject = config ? (envelope?.actionId ?? null) : request.jobConfigId
  const isNew = alerts.isNew({ errorCode, jobConfigId: config?.jobConfigId ?? null, subject })
  if (isNew) log.warn('inbox.route_fails', facts)
  if (config) {
    refusals.note({
      jobConfigId: config.jobConfigId,
      errorCode,
      reason,
      remoteAddress: request.peer.address,
      organizationId: envelope?.organizationId ?? null,
      actionId: envelope?.actionId ?? null,
      sample,
    })
  }
  const fault = { faultcode: faultCode, faultstring: reason, detailCode: errorCode }
  return { status, body: writeFault(fault), errorCode }
}

function factsOf({ jobConfigId, peer }: Refused['request'], envelope: Envelope | null) {
  const { address: remoteAddress, proxyAddress, certificate } = peer
  const facts = {
    jobConfigId,
    remoteAddress,
    ...(proxyAddress !== null && { proxyAddress }),
    ...(certificate.kind === 'shown' && { certificate: certificate.fingerprints[0] }),
  }
  if (!envelope) return facts
  const { organizationId, actionId, notifications } = envelope
  return { ...facts, organizationId, actionId, notificationCount: notifications.length }
}

function unknownRoute({ jobConfigId }: ListenerRequest): Rejection {
  const reason = `there is no job config ${JSON.stringify(jobConfigId)}: check the endpoint URL`
  return rejected('UNKNOWN_JOB_CONFIG', reason)
}

/** What was thrown on the way as a refusal; a bug of ours goes on to the door. */
function rejectionOf(error: unknown): Rejection {
  if (error instanceof RefusalError) return error.rejection
  if (!(error instanceof EnvelopeError)) throw error
  const { errorCode, message: reason } = error
  return { kind: 'rejected', httpStatus: 400, faultCode: 'Client', errorCode, reason }
}
