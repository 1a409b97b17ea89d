import { HOUR_MS, SECOND_MS } from '../../src/base/clock.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { field } from '../../src/schema/define-field.ts'
import { KEY_PREFIX, makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import type { RecordReader } from '../../src/sender/record-reader.ts'
import type { Sendable } from '../../src/sender/sendable.ts'
import { openSender, type Sender } from '../../src/sender/sender.ts'
import {
  type Host,
  kill,
  NO_MISHAPS,
  openHost,
  passThrough,
  RESTART_MAX_MS,
  runIn,
} from './host.ts'
import { OBJECT_NAME } from './in-process-store.ts'
import { openRandom } from './random.ts'
import type { World } from './world.ts'

/** The senders of a world: one that is killed or stopped is followed by another. */
export type Senders = {
  /** Makes each living one look for work. */
  nudge(): void
  /** One of them frees what lapsed and expires what is too old. */
  sweep(): void
  /** Kills one, or stops it as an operator does. */
  endOne(how: 'kill' | 'stop'): void
  /** From now on nothing happens to them. */
  calmDown(): void
}

type Running = {
  readonly host: Host
  readonly sender: Sender
  nudge(): void
  sweep(): void
  isStopping: boolean
}

const LEASE_MS = 90 * SECOND_MS

/** Starts as many senders as the plan names. */
export async function startSenders(world: World): Promise<Senders> {
  const random = openRandom(world.plan.seed, 'senders')
  const running: Running[] = []
  let isCalm = false
  let count = 0

  const start = async () => {
    count += 1
    const mishaps = isCalm ? NO_MISHAPS : world.plan.mishaps
    const host = openHost(
      `sender ${count}`,
      openRandom(world.plan.seed, `sender ${count}`),
      mishaps,
    )
    // Whatever happens to it, its leases lapse, and somebody has to look.
    host.onMishap = (ms) => world.ledger.trouble(ms + 2 * LEASE_MS)
    const started = await runIn(host, () => startOne(world, host))
    if (isCalm) host.mishaps = NO_MISHAPS
    running.push(started)
    host.onKilled = () => {
      world.ledger.note(`${host.name} is killed`)
      replace(started)
    }
    if (!host.isAlive) replace(started)
  }
  const replace = (ended: Running) => {
    const place = running.indexOf(ended)
    if (place < 0) return
    running.splice(place, 1)
    world.time.after(random.int(1, RESTART_MAX_MS), () => void start())
  }
  for (let each = 0; each < world.plan.senderCount; each += 1) await start()

  return {
    nudge: () => {
      for (const each of running) each.nudge()
    },
    sweep: () => {
      const able = running.filter(({ host }) => host.stalledUntil <= world.time.now())
      if (able.length > 0) random.pick(able).sweep()
    },
    endOne: (how) => {
      const able = running.filter(({ isStopping }) => !isStopping)
      if (able.length === 0) return
      const one = random.pick(able)
      if (how === 'kill') return kill(one.host)
      one.isStopping = true
      world.ledger.note(`${one.host.name} is stopped`)
      void runIn(one.host, () => one.sender.stop()).then(() => replace(one))
    },
    calmDown: () => {
      isCalm = true
      for (const { host } of running) host.mishaps = NO_MISHAPS
    },
  }
}

async function startOne(world: World, host: Host): Promise<Running> {
  const { time, plan, ledger } = world
  const { outbox, org } = await world.store.storesFor(host)
  const logged = (event: string, fields: object = {}) => {
    // What throws in a turn was made to throw, or it is a mistake of ours.
    const isMade = plan.mishaps.failed > 0
    if (!isMade) ledger.broken('error', `${host.name}: ${event} ${JSON.stringify(fields)}`)
  }
  const sender = openSender({
    store: outbox,
    records: recordReader(org),
    messageOf: async (messageId) => {
      await passThrough(time, host)
      return world.isDefined(messageId) ? sendable(messageId) : null
    },
    post: world.network.postFor(host),
    clock: time.clock,
    log: { debug() {}, info() {}, warn() {}, error: logged },
    owner: host.name,
    // Its own looks and sweeps hardly ever come: the world says when to look, so that idle hours cost nothing.
    settings: { lookMs: 10_000 * HOUR_MS, sweepMs: 10_000 * HOUR_MS },
  })
  const sweep = () => void runIn(host, () => outbox.sweep(time.now())).catch(() => {})
  if (plan.hasLoops) sender.start(plan.turnsAtOnce)
  const nudge = plan.hasLoops
    ? () => runIn(host, () => sender.nudge())
    : turnTaker(sender, host, plan.turnsAtOnce)
  return { host, sender, nudge, sweep, isStopping: false }
}

/** Takes turns when it is nudged, as its crew would. */
function turnTaker(sender: Sender, host: Host, atOnce: number): () => void {
  let busy = 0
  const work = async () => {
    busy += 1
    while ((await sender.turn().catch(() => 'idle')) === 'worked') nudge()
    busy -= 1
  }
  const nudge = () => {
    if (busy < atOnce && host.isAlive) void runIn(host, work)
  }
  return nudge
}

function recordReader(org: Awaited<ReturnType<World['store']['storesFor']>>['org']): RecordReader {
  return {
    whyNotAs: async () => null,
    readRecordsAs: async (_username, objectName, ids) => {
      const { records } = await org.readRecords([{ kind: 'ids', objectName, ids }])
      return new Map(records.map(({ recordId, fields }) => [recordId, fields]))
    },
    sessionFor: async () => null,
  }
}

function sendable(messageId: RecordId): Sendable {
  return {
    message: {
      kind: 'outboundMessage',
      objectName: OBJECT_NAME,
      fullName: messageId,
      name: messageId,
      description: null,
      apiVersion: '60.0',
      endpointUrl: 'https://not.gone.by.example/',
      fields: ['Name'],
      includeSessionId: false,
      integrationUser: 'integration@example.com',
      useDeadLetterQueue: false,
      isProtected: false,
      place: { file: 'Thing__c.workflow-meta.xml', line: 1 },
    },
    schedule: DEFAULT_SCHEDULE,
    fields: [field('Name', 'string', { length: 80 })],
    organizationId: makeRecordId(KEY_PREFIX.organization, 1),
    instanceUrl: 'https://org.example',
  }
}
