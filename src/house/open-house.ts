import { hostname } from 'node:os'
import type { Role } from '../config/config.ts'
import { type Egress, openEgress } from '../egress/open-egress.ts'
import { openRunJob } from '../jobs/kinds/run-job.ts'
import { openRunner, type Runner } from '../jobs/runner.ts'
import type { Mailer } from '../mail/mailer.ts'
import { type Org, openOrg } from '../org/open-org.ts'
import { openRecordsForSender } from '../org/read-records-as.ts'
import { openTimeQueue, type TimeQueue } from '../org/time-queue/time-queue.ts'
import { openTracer } from '../org/trace/tracer.ts'
import { openPost } from '../sender/post.ts'
import { CONCURRENCY, openSender, type Sender } from '../sender/sender.ts'
import type { Stores } from '../store/open-store.ts'
import { openClockWalk } from './clock/advance-clock.ts'
import { openShiftedClock } from './clock/shifted-clock.ts'
import { followDefinitions } from './follow-definitions.ts'
import type { HouseOptions } from './house-options.ts'
import { routesOf } from './house-routes.ts'
import { keepInstanceUrl, sendables } from './instance-url.ts'
import { openMailLoop } from './mail-loop.ts'
import { openOperations } from './operations.ts'
import { startPulse } from './pulse.ts'
import { startRetention } from './retention.ts'
import { startRollUps } from './roll-ups.ts'
import { openServers } from './servers/open-servers.ts'

/** A running program: the rooms its roles need, joined. */
export type House = {
  readonly org: Org
  readonly stores: Stores
  /** Where it answers, without a slash at the end; null in a process without a server. */
  readonly url: string | null
  readonly receiverUrl: string | null
  /** Looks at the definitions now: after they were replaced. */
  definitionsChanged(): Promise<void>
  /** Looks for due work now. */
  nudge(): void
  /** Takes nothing new, lets what is in hand end, and closes the store. May be called twice. */
  stop(): Promise<void>
}

const JOBS_AT_ONCE = 8

/** Host and process, for people. */
const PROCESS = `${hostname()}:${process.pid}`

/** Builds the rooms that the roles need, joins their ports and starts the loops. The org must have been founded. */
export async function openHouse(given: HouseOptions): Promise<House> {
  const { stores } = given
  const clock = await openShiftedClock({ store: stores.org, clock: given.clock, log: given.log })
  const operated = await openOperations({ ...given, clock })
  const { log } = operated
  const options = { ...given, clock, log }
  const has = (role: Role) => options.roles.includes(role)
  const egress = await egressOf(options)
  let sender: Sender | null = null
  let runner: Runner | null = null
  let mailer: Mailer | null = null
  let timeQueue: TimeQueue | null = null

  const tracer = openTracer({ store: stores.traces, clock, log })

  const org = await openOrg({
    store: stores.org,
    clock,
    log,
    ...(options.traces ? { onDecided: tracer.note } : {}),
    onEmailsOwed: () => mailer?.nudge(),
    onTimed: () => timeQueue?.nudge(),
    onQueued: (outboundMessageIds) => {
      // Losing it costs two seconds: the senders' sweep finds what is due.
      stores.outbox.wake(outboundMessageIds, clock.now()).then(
        () => sender?.nudge(),
        () => {},
      )
    },
  })
  const { whyNotAs } = openRecordsForSender(org)
  const follower = await followDefinitions({ org, outbox: stores.outbox, whyNotAs, log })

  if (has('sender')) sender = senderOf(options, { org, egress })
  if (has('jobs')) runner = runnerOf(options, egress)
  mailer = await openMailLoop(options, org)
  if (has('org')) timeQueue = openTimeQueue({ org, store: stores.timeQueue })
  const nudge = () => {
    sender?.nudge()
    runner?.nudge()
    mailer?.nudge()
    timeQueue?.nudge()
  }
  const nudgeRunner = () => runner?.nudge()
  const walk = options.devClock ? openClockWalk({ ...stores, clock, nudge }) : null
  const urls: { main: string | null; receiver: string | null } = { main: null, receiver: null }
  const routed = routesOf(options, {
    org,
    nudge,
    traces: tracer.kept,
    skippedTraces: tracer.skippedCount,
    health: operated.health,
    whyNotAs: openRecordsForSender(org).whyNotAs,
    clockInHand: walk,
    urls: () => urls,
  })
  const servers = await openServers(options, { operated, routed, http: egress.http, nudgeRunner })
  urls.main = servers.url
  urls.receiver = servers.receiverUrl

  await keepInstanceUrl(options, urls.main)
  sender?.start(CONCURRENCY)
  runner?.start(JOBS_AT_ONCE)
  mailer?.start()
  timeQueue?.start()
  tracer.start()
  const retention = startRetention(stores, { clock, log, ...options.retention })
  const pulse = await startPulse({
    store: stores.health,
    clock,
    log,
    owner: PROCESS,
    roles: options.roles,
    turnedAt: () => sender?.turnedAt() ?? null,
  })
  const rollUps = has('org') ? startRollUps(org) : null

  let stopped: Promise<void> | null = null
  const stop = async () => {
    walk?.stop()
    await Promise.all([servers.close(), follower.stop()])
    await Promise.all([
      sender?.stop(),
      runner?.stop(),
      mailer?.stop(),
      timeQueue?.stop(),
      tracer.stop(),
      rollUps?.stop(),
      retention.stop(),
    ])
    await pulse.stop()
    await Promise.all([egress.stop(), clock.stop()])
    await stores.close()
  }
  return {
    org,
    stores,
    url: urls.main,
    receiverUrl:
      options.receiver.port === null ? (options.publicUrl ?? urls.receiver) : urls.receiver,
    definitionsChanged: follower.look,
    nudge,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Who sends nothing needs no certificate of its own. */
function egressOf(options: HouseOptions): Promise<Egress> {
  const { roles, egressAllow, tlsFiles, deliveryTimeouts, clock, log } = options
  const shown = roles.includes('sender') ? tlsFiles : { certificate: null, named: new Map() }
  return openEgress({
    allow: egressAllow,
    connectMs: deliveryTimeouts.connectMs,
    tlsFiles: { ...shown, trusted: tlsFiles.trusted },
    clock,
    log,
  })
}

function senderOf(options: HouseOptions, { org, egress }: { org: Org; egress: Egress }): Sender {
  return openSender({
    store: options.stores.outbox,
    records: openRecordsForSender(org),
    messageOf: sendables(options, org),
    post: openPost(egress.http, options.deliveryTimeouts, (key) =>
      egress.identityOf(key.toLowerCase()),
    ),
    clock: options.clock,
    log: options.log,
    owner: PROCESS,
  })
}

function runnerOf(
  { stores, clock, log, jobPolicy, projectFolder }: HouseOptions,
  { http }: Egress,
): Runner {
  const runJob = openRunJob({
    policy: jobPolicy,
    projectFolder,
    http,
    clock,
  })
  return openRunner({ store: stores.jobs, runJob, clock, log })
}
