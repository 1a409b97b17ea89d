import { MINUTE_MS } from '../../src/base/clock.ts'
import type { OrgStore } from '../../src/org/org-store.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { DEFAULT_PACE } from '../../src/outbox/lane-pace.ts'
import { LIFETIME_MS, type NewNotification } from '../../src/outbox/notification.ts'
import type { OutboxStore } from '../../src/outbox/outbox-store.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import { REFUSING, UNREACHABLE } from './endpoints.ts'
import { type Host, openHost, runIn } from './host.ts'
import { OBJECT_NAME } from './in-process-store.ts'
import { openRandom, type Random } from './random.ts'
import { recordOf } from './records.ts'
import type { Senders } from './senders.ts'
import { HEALTHY_MESSAGE, type World } from './world.ts'

/** What people and their programs do to a world. Each deed runs in a process of its own, which may die of it. */
export type People = {
  save(): void
  /** Holds, resumes, retries, deletes. */
  administer(): void
  /** Changes where messages go, or whether they are defined. */
  deploy(): void
  /** An endpoint's mood changes. */
  mood(): void
  /** All holds end and all is defined as it was. */
  calmDown(): Promise<void>
}

type Deed = (stores: { outbox: OutboxStore; org: OrgStore }) => Promise<void>

/** Opens the people of a world. */
export function openPeople(world: World, senders: () => Senders | null): People {
  const random = openRandom(world.plan.seed, 'people')
  let count = 0
  let deeds: Promise<void> = Promise.resolve()
  const hostOf = (kind: string): Host => {
    count += 1
    const { killed, failed, lost } = world.plan.mishaps
    const own = openRandom(world.plan.seed, `${kind} ${count}`)
    return openHost(`${kind} ${count}`, own, { killed, failed, lost, stalled: 0 })
  }
  /** Does it, dies of it, or is told that it failed. */
  const run = (host: Host, deed: Deed): Promise<void> =>
    runIn(host, async () => {
      const died = new Promise<void>((resolve) => {
        host.onKilled = () => {
          world.ledger.note(`${host.name} is killed`)
          resolve()
        }
      })
      const done = world.store
        .storesFor(host)
        .then(deed)
        .catch((error: unknown) => {
          if (world.plan.mishaps.failed === 0) world.ledger.broken('error', String(error))
        })
      await Promise.race([died, done])
    })
  /** One deed at a time, as a careful administrator does them; or at the same time as others. */
  const inTurn = (deed: Deed) => {
    const host = hostOf('office')
    const done = world.plan.has('hurry') ? run(host, deed) : deeds.then(() => run(host, deed))
    deeds = Promise.all([deeds, done]).then(() => {})
  }

  return {
    save: () => void run(hostOf('client'), (stores) => save(world, stores, { random, senders })),
    administer: () => inTurn(administration(world, random)),
    deploy: () => {
      redefine(world, random)
      inTurn(async ({ outbox }) => outbox.route(routesOf(world), world.time.now()))
    },
    mood: () => changeMood(world, random),
    calmDown: async () => {
      await deeds
      defineAll(world)
      const quiet = openHost('operator', random, { killed: 0, failed: 0, lost: 0, stalled: 0 })
      await run(quiet, ({ outbox }) => endHolds(world, outbox))
    },
  }
}

/** Makes or changes records, and owes what fires for them. */
async function save(
  world: World,
  { outbox, org }: Parameters<Deed>[0],
  { random, senders }: { random: Random; senders: () => Senders | null },
): Promise<void> {
  const isChange = world.plan.has('changes') && random.chance(0.4)
  const living = world.records.living()
  const recordIds =
    isChange && living.length > 0 ? [random.pick(living)] : newRecords(world, random)
  const messages = world.messageIds.filter(() => random.chance(0.5))
  const isDeleted = isChange && random.chance(0.15)
  const isRefused = world.plan.has('conflicts') && random.chance(0.15)

  const { records } = await org.readRecords([
    { kind: 'ids', objectName: OBJECT_NAME, ids: recordIds },
  ])
  const versions = new Map(records.map((each) => [each.recordId, each.version]))
  if (isChange && records.length === 0) return // deleted meanwhile
  const notifications = recordIds.flatMap((recordId) =>
    messages.map((outboundMessageId) => owedFor(world, recordId, outboundMessageId)),
  )
  for (const { notificationId } of notifications) world.ledger.neverOwed.add(notificationId)
  const kind = !isChange
    ? ('insert' as const)
    : isDeleted
      ? ('delete' as const)
      : ('update' as const)
  const answer = await org.commit({
    records: recordIds.map((id) => ({ kind, record: recordOf(id, (versions.get(id) ?? 0) + 1) })),
    notifications,
    expectations: [...versions].map(([recordId, version]) => ({
      kind: 'unchanged' as const,
      objectName: OBJECT_NAME,
      recordId,
      version: isRefused ? version + 1 : version,
    })),
  })
  if (answer.kind !== 'committed' || notifications.length === 0) return
  if (random.chance(0.8)) await outbox.wake(messages, world.time.now())
  if (random.chance(0.8)) senders()?.nudge()
}

function newRecords(world: World, random: Random): readonly RecordId[] {
  const count = random.chance(0.04) ? random.int(20, 110) : random.int(1, 3)
  return Array.from({ length: count }, () => world.nextId('record'))
}

function owedFor(world: World, recordId: RecordId, outboundMessageId: RecordId): NewNotification {
  const createdAt = world.time.now()
  return {
    notificationId: world.nextId('notification'),
    outboundMessageId,
    objectName: OBJECT_NAME,
    recordId,
    ruleFullName: 'Thing changed',
    createdAt,
    expiresAt: createdAt + LIFETIME_MS,
  }
}

/** One thing that an administrator does. The healthy message is left alone. */
function administration(world: World, random: Random): Deed {
  const { plan, time, ledger } = world
  const deed = random.pick([
    ...(plan.has('holds') ? (['hold', 'hold', 'resume', 'resume'] as const) : []),
    ...(plan.has('people') ? (['retry', 'retry', 'del'] as const) : []),
  ])
  const messages = [...world.snapshot().messages.values()].filter(
    (each) => each.outbound_message_id !== HEALTHY_MESSAGE,
  )
  if (messages.length === 0) return async () => {}
  const { outbound_message_id: outboundMessageId, lane_id: laneId } = random.pick(messages)
  const target = random.chance(0.5)
    ? ({ kind: 'lane', laneId } as const)
    : ({ kind: 'outboundMessage', outboundMessageId } as const)
  return async ({ outbox }) => {
    const now = time.now()
    ledger.note(`somebody asks for ${deed} of ${JSON.stringify(target)}`)
    if (deed === 'hold') await outbox.hold(target, 'for now', now)
    if (deed === 'resume') await outbox.resume(target, now)
    if (deed === 'retry') await outbox.retry({ outboundMessageId, limit: 50 }, now)
    if (deed === 'del') await outbox.del({ outboundMessageId, limit: 2 })
  }
}

function defineAll(world: World): void {
  const [healthy, ...others] = [...world.endpoints.keys()]
  for (const [index, id] of world.messageIds.entries()) {
    const known = world.definitions.get(id)?.endpointUrl
    const drawn = id === HEALTHY_MESSAGE ? healthy : others[index % others.length]
    world.definitions.set(id, { endpointUrl: known ?? drawn ?? '', heldReason: null })
  }
}

function redefine(world: World, random: Random): void {
  const id = random.pick(world.messageIds)
  if (id === HEALTHY_MESSAGE) return
  const [, ...others] = [...world.endpoints.keys()]
  const isGone = random.chance(0.25)
  if (isGone) world.definitions.delete(id)
  else {
    const heldReason = random.chance(0.25) ? 'its endpoint is a stand-in' : null
    world.definitions.set(id, { endpointUrl: random.pick(others), heldReason })
  }
  world.ledger.note(`${id} is deployed: ${JSON.stringify(world.definitions.get(id) ?? 'gone')}`)
}

function routesOf(world: World) {
  return [...world.definitions].map(([outboundMessageId, each]) => ({
    outboundMessageId,
    key: `${OBJECT_NAME}.${outboundMessageId}`,
    schedule: DEFAULT_SCHEDULE,
    pace: DEFAULT_PACE,
    ...each,
  }))
}

async function endHolds(world: World, outbox: OutboxStore): Promise<void> {
  const now = () => world.time.now()
  await outbox.route(routesOf(world), now())
  const { lanes, messages } = world.snapshot()
  for (const { lane_id: laneId, held_at } of lanes.values()) {
    if (held_at !== null) await outbox.resume({ kind: 'lane', laneId }, now())
  }
  for (const { outbound_message_id: outboundMessageId, held_at } of messages.values()) {
    if (held_at !== null) await outbox.resume({ kind: 'outboundMessage', outboundMessageId }, now())
  }
}

function changeMood(world: World, random: Random): void {
  const troubled = [...world.endpoints.values()].filter((each) => !each.isHealthy)
  const endpoint = random.pick(troubled)
  endpoint.mood = random.pick([
    'acknowledges' as const,
    'is slow' as const,
    ...(world.plan.has('refusals') ? REFUSING : []),
    ...(world.plan.has('outages') ? UNREACHABLE : []),
  ])
  // A breaker that is open for days is probed each minute: nothing new, and a long wait for it.
  if (world.plan.has('days') && UNREACHABLE.includes(endpoint.mood)) {
    world.time.after(random.int(1, 40) * MINUTE_MS, () => {
      if (UNREACHABLE.includes(endpoint.mood)) endpoint.mood = 'refuses'
    })
  }
  const living = world.records.living()
  if (world.plan.has('poison') && living.length > 0 && random.chance(0.5)) {
    endpoint.poison.add(random.pick(living))
  }
  world.ledger.note(`${endpoint.url} now ${endpoint.mood}, ${endpoint.poison.size} bad records`)
}
