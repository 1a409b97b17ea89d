import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import { writeAck } from '../wire/ack.ts'
import type { Envelope } from '../wire/envelope.ts'
import { EnvelopeError } from '../wire/envelope-error.ts'
import { writeFault } from '../wire/fault.ts'
import { openEnvelopeReader } from '../wire/read-envelope.ts'
import { acceptanceOf } from './accept.ts'
import type { Alerts } from './alerts.ts'
import { authenticateOrganization, authenticatePath } from './authenticate.ts'
import type { ClassicSession } from './classic-session.ts'
import type { AcceptAnswer, InboxStore } from './inbox-store.ts'
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
  readonly remoteAddress: string | null
  /** What the Content-Type says the body's encoding is. */
  readonly charset: string | null
  /**
   * Hands over the body as it comes. Asked for only when the path is trusted. Throws `RefusalError` for a body that
   * is refused, and what `take` throws.
   */
  readBody(take: (piece: Uint8Array) => void): Promise<void>
}

/** A SOAP document for the sender; `errorCode` is null for an Ack. */
export type ListenerReply = {
  readonly status: number
  readonly body: string
  readonly errorCode: string | null
}

export type InboxPorts = {
  readonly store: InboxStore
  readonly classicSession: ClassicSession
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  /** Called when runs were queued; losing it costs a second. */
  readonly nudgeRunner: () => void
}

/**
 * Takes in one SOAP message: know its route, read it, know who sent it, keep it, and only then
 * acknowledge it.
 */
export async function receive(ports: InboxPorts, request: ListenerRequest): Promise<ListenerReply> {
  let envelope: Envelope | null = null
  try {
    const config = await fromStore(ports.store.readRoute(request.jobConfigId))
    if (!config) return refuse(ports, request, unknownRoute(request))
    const path = authenticatePath(config, request.pathSecret)
    if (path.kind === 'rejected') return refuse(ports, request, path)

    const reader = openEnvelopeReader(request.charset)
    await request.readBody(reader.write)
    envelope = reader.end()
    const sender = await authenticate(ports, config, envelope)
    if (sender.kind === 'rejected') return refuse(ports, request, sender, envelope)

    // One envelope, one answer: its notifications are on disk, each once, before the Ack is written.
    const answer = await fromStore(
      ports.store.accept(acceptanceOf(envelope, config, ports.clock.now())),
    )
    if (answer.kind === 'no job config') return refuse(ports, request, unknownRoute(request))
    return acknowledge(ports, request, envelope, answer)
  } catch (error) {
    return refuse(ports, request, rejectionOf(error), envelope)
  }
}

/** All that is set for the route must hold. */
async function authenticate(
  { classicSession }: InboxPorts,
  config: JobConfig,
  envelope: Envelope,
): Promise<Authentication> {
  const organization = authenticateOrganization(config, envelope)
  return organization.kind === 'rejected' ? organization : classicSession(config, envelope)
}

function acknowledge(
  { alerts, log, nudgeRunner }: InboxPorts,
  request: ListenerRequest,
  envelope: Envelope,
  { newRuns, duplicates, skipped, stale }: AcceptAnswer & { kind: 'accepted' },
): ListenerReply {
  alerts.worked(request.jobConfigId)
  log.info('inbox.accepted', {
    ...factsOf(request, envelope),
    newRuns,
    duplicates,
    skipped,
    stale,
  })
  if (newRuns > 0) nudgeRunner()
  return { status: 200, body: writeAck(true), errorCode: null }
}

/**
 * Answers without an Ack, so that the sender keeps what it has, and says why: the first time to a
 * person.
 */
function refuse(
  { alerts, log }: Pick<InboxPorts, 'alerts' | 'log'>,
  request: ListenerRequest,
  rejection: Rejection,
  envelope: Envelope | null = null,
): ListenerReply {
  const { httpStatus: status, errorCode, reason, faultCode, cause } = rejection
  const facts = { ...factsOf(request, envelope), code: errorCode, status, reason, cause }
  log.info('inbox.refused', facts)
  if (alerts.isNew(request.jobConfigId, rejection)) log.warn('inbox.route_fails', facts)
  const fault = { faultcode: faultCode, faultstring: reason, detailCode: errorCode }
  return { status, body: writeFault(fault), errorCode }
}

function factsOf(request: ListenerRequest, envelope: Envelope | null) {
  const { jobConfigId, remoteAddress } = request
  if (!envelope) return { jobConfigId, remoteAddress }
  const { organizationId, actionId, notifications } = envelope
  const notificationCount = notifications.length
  return { jobConfigId, remoteAddress, organizationId, actionId, notificationCount }
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
