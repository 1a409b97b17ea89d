import { HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../src/base/clock.ts'
import { workAhead } from '../../src/store/sql/outbox/lanes.ts'
import { openPeople, type People } from './people.ts'
import { openRandom } from './random.ts'
import { planOf, type Scenario } from './scenario.ts'
import { type Senders, startSenders } from './senders.ts'
import { HEALTHY_MESSAGE, openWorld, type World } from './world.ts'

/** What came of a run. */
export type Report = {
  /** The first promise that was broken; null when all were kept. */
  readonly broken: { readonly promise: string; readonly text: string } | null
  /** The last things that happened. */
  readonly trace: readonly string[]
  readonly owed: number
  readonly delivered: number
  readonly posts: number
  readonly expired: number
  /** Kept by a listener more than once. */
  readonly repeated: number
  /** How long the healthy endpoint's slowest notification took. */
  readonly slowestMs: number
}

/** Long enough for the longest back-off, and for all that it then makes due. */
const QUIET_MS = 2 * HOUR_MS + 15 * MINUTE_MS
/** A healthy endpoint waits no longer, times aside in which something had happened to a sender. */
const HEALTHY_MAX_MS = 2 * MINUTE_MS

/** Runs a scenario to its end, or to the first promise that is broken. */
export async function simulate(scenario: Scenario): Promise<Report> {
  const { random: realRandom } = Math
  const plan = planOf(scenario)
  const world = await openWorld(plan)
  const putBack = world.time.install()
  Math.random = openRandom(plan.seed, 'Math.random').next
  try {
    await run(world)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
  } finally {
    putBack()
    Math.random = realRandom
  }
  return reportOf(world)
}

class Broken extends Error {}

async function run(world: World): Promise<void> {
  const { time, plan, ledger } = world
  let senders: Senders | null = null
  const people = openPeople(world, () => senders)
  const between = () => {
    judgeHealthy(world)
    if (ledger.violations.length > 0) throw new Broken()
  }
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false
    const done = promise.finally(() => {
      isDone = true
    })
    while (!isDone) await time.runUntil(time.now() + SECOND_MS, between)
    return done
  }

  await settled(people.calmDown())
  senders = await settled(startSenders(world))
  keepLooking(world, senders)
  scheduleAll(world, people, senders)
  await time.runUntil(time.now() + plan.busyMs, between)

  ledger.note('the world calms down')
  senders.calmDown()
  for (const endpoint of world.endpoints.values()) {
    endpoint.mood = 'acknowledges'
    endpoint.poison.clear()
  }
  await settled(people.calmDown())
  await time.runUntil(time.now() + QUIET_MS, between)
  judgeEnd(world)
}

/** The senders look when something is due, a moment late as loops are, and now and then for nothing. */
function keepLooking(world: World, senders: Senders): void {
  const { time, plan } = world
  const random = openRandom(plan.seed, 'looks')
  const idleMaxMs = plan.has('days') ? 30 * MINUTE_MS : 10 * MINUTE_MS
  let nextAt = 0
  let callOff = () => {}
  const lookWithin = (ms: number) => {
    callOff()
    const lateMs = ms + random.int(0, SECOND_MS)
    nextAt = time.now() + lateMs
    callOff = time.after(lateMs, look)
  }
  const look = () => {
    senders.nudge()
    senders.sweep()
    const { leasedCount, dueAt } = world.store.look(workAhead, undefined)
    const busyMs = leasedCount > 0 ? 15 * SECOND_MS : idleMaxMs
    const dueMs = dueAt === null ? idleMaxMs : Math.max(dueAt - time.now(), SECOND_MS)
    lookWithin(Math.min(dueMs, busyMs, idleMaxMs))
  }
  world.onCommit = ({ host }) => {
    const isSender = host.name.startsWith('sender')
    if (!isSender && nextAt > time.now() + 2 * SECOND_MS) lookWithin(SECOND_MS)
  }
  look()
}

/** Spreads what is to happen over the busy time: in bursts, as it comes. */
function scheduleAll(world: World, people: People, senders: Senders): void {
  const { time, plan } = world
  const random = openRandom(plan.seed, 'schedule')
  const bursts = Array.from({ length: random.int(1, 5) }, () => random.next() * plan.busyMs * 0.9)
  const some = (count: number, what: () => void) => {
    for (let each = 0; each < count; each += 1) {
      const from = random.chance(0.7) ? random.pick(bursts) : random.next() * plan.busyMs
      time.after(Math.min(from + random.next() ** 2 * 10 * MINUTE_MS, plan.busyMs), what)
    }
  }
  some(plan.saveCount, people.save)
  some(random.int(2, 12), people.mood)
  if (plan.has('holds') || plan.has('people')) some(random.int(1, 8), people.administer)
  if (plan.has('routes')) some(random.int(1, 5), people.deploy)
  if (plan.has('kills')) some(random.int(0, 4), () => senders.endOne('kill'))
  if (plan.has('stops')) some(random.int(0, 4), () => senders.endOne('stop'))
}

/** Whatever the others do, what the healthy endpoint is owed comes soon. */
function judgeHealthy({ ledger, time }: World): void {
  for (const owed of ledger.owed.values()) {
    if (owed.outboundMessageId !== HEALTHY_MESSAGE || owed.fate !== 'waiting') continue
    const waitedMs = time.now() - owed.createdAt
    if (waitedMs <= HEALTHY_MAX_MS) return // they are in the order of time
    if (waitedMs - (ledger.troubledMs() - owed.troubledBefore) <= HEALTHY_MAX_MS) continue
    ledger.broken('P6', `${owed.notificationId} waits for ${waitedMs} ms at a healthy endpoint`)
  }
}

function judgeEnd({ ledger, network, snapshot }: World): void {
  const { rows, slots } = snapshot()
  for (const { notificationId, fate } of ledger.owed.values()) {
    const row = rows.get(notificationId)
    if (fate === 'waiting') {
      ledger.broken('P6', `${notificationId} waits still, due ${timeOf(row?.due_at)}`)
    }
    if (fate === 'delivered' && !network.kept.has(notificationId)) {
      ledger.broken('P2', `${notificationId} is delivered, and no listener has it`)
    }
    if ((fate === 'expired') !== (row?.state === 'expired')) {
      ledger.broken('P2', `${notificationId} is ${fate}, and its row ${row?.state ?? 'gone'}`)
    }
  }
  for (const id of ledger.neverOwed) {
    if (network.kept.has(id)) ledger.broken('P1', `${id} was never owed, and came`)
  }
  for (const { lane_id } of slots.values())
    ledger.broken('P7', `a slot of ${lane_id} is never freed`)
}

function timeOf(instant: Instant | undefined): string {
  return instant === undefined ? 'never' : new Date(instant).toISOString()
}

function reportOf({ ledger, network }: World): Report {
  const all = [...ledger.owed.values()]
  const waits = all.flatMap(({ outboundMessageId, deliveredAt, createdAt }) =>
    outboundMessageId === HEALTHY_MESSAGE && deliveredAt !== null ? [deliveredAt - createdAt] : [],
  )
  return {
    broken: ledger.violations[0] ?? null,
    trace: ledger.trace,
    owed: all.length,
    delivered: all.filter(({ fate }) => fate === 'delivered').length,
    expired: all.filter(({ fate }) => fate === 'expired').length,
    posts: network.counts.posts,
    repeated: [...network.kept.values()].filter((count) => count > 1).length,
    slowestMs: Math.max(0, ...waits),
  }
}
