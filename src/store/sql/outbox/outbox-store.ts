import type { Instant } from '../../../base/clock.ts'
import { openGroup } from '../../../base/grouping/group.ts'
import { timedIdsFrom } from '../../../base/timed-id.ts'
import type {
  Deleted,
  HoldTarget,
  NotificationFilter,
  OutboxStore,
  ResumeAnswer,
  Retried,
  Route,
  SettledBatch,
  Swept,
} from '../../../outbox/outbox-store.ts'
import { attempted, attempts } from '../attempts/attempts.ts'
import { attemptEndpoints, findAttempts } from '../attempts/find-attempts.ts'
import { openLogSize, overfullOf } from '../attempts/log-size.ts'
import { cutWithin, endAttempts, endDeadLetters, sumAttempts } from '../attempts/retain-attempts.ts'
import type { NamedOp, OpRunner } from '../op.ts'
import { countWaiting, lanes, workAhead } from './lanes.ts'
import { lease } from './lease/lease.ts'
import { packSettled, unpackBatch } from './pack-batches.ts'
import { del, retry } from './people/acts.ts'
import { list } from './people/list.ts'
import { EXPIRY_SLICE, expire, release, renew, rescue, wake } from './rescue.ts'
import { addresses, type Credit, credit, hold, resume } from './routes/hold.ts'
import { hastenMessage, relive } from './routes/reroute.ts'
import { type RouteDebts, route } from './routes/route.ts'
import { paceLane } from './routes/route-lanes.ts'
import { hasten, type SettleAnswer, settle } from './settle.ts'

/** Counting very many may be slow; nothing else waits behind it. */
const COUNT_DEADLINE_MS = 10_000

/** So many notifications are settled in one commit. */
const SETTLED_MAX = 2000

/** The outbox over either store. What may touch very many rows goes in slices, each an op of its own. */
export function openOutboxStore(runner: OpRunner): OutboxStore {
  return {
    lease: async (ask) => (await runner.write(lease, ask)).map(unpackBatch),
    settle: openSettle(runner),
    renew: (leases, leaseMs) => runner.write(renew, { leases, leaseMs }),
    release: (leased, undefinedMessage = undefined) =>
      runner.write(release, { lease: leased, undefinedMessage: undefinedMessage ?? null }),
    wake: (outboundMessageIds, now) => runner.write(wake, { outboundMessageIds, now }),
    sweep: (now) => sweep(runner, now),
    workAhead: () => runner.read(workAhead, undefined),

    list: (filter) => runner.read(list, filter),
    lanes: () => runner.read(lanes, undefined),
    countWaiting: (laneId) => runner.readWithin(countWaiting, laneId, COUNT_DEADLINE_MS),
    attempts: (filter) => runner.read(attempts, filter),
    findAttempts: (filter) => runner.read(findAttempts, filter),
    attemptEndpoints: () => runner.read(attemptEndpoints, undefined),
    attempted: (filter) => runner.read(attempted, filter),
    retry: (filter, now) => retryAll(runner, filter, now),
    del: (filter) => delAll(runner, filter),
    addresses: () => runner.read(addresses, undefined),
    retain: openRetain(runner),

    hold: (target, reason, now) => runner.write(hold, { target, reason, now }),
    resume: (target, now) => resumeTarget(runner, target, now),
    pace: (laneId, pace, by) => runner.write(paceLane, { laneId, pace, by }),
    route: (routes, now) => routeAll(runner, routes, now),
  }
}

async function resumeTarget(
  runner: OpRunner,
  target: HoldTarget,
  now: Instant,
): Promise<ResumeAnswer> {
  const given: Credit[] = []
  for (;;) {
    const answer = await runner.write(resume, { target, now, given })
    if (answer.kind !== 'owes') return answer
    for (const each of answer.credits) await fromStart(runner, credit, each)
    given.push(...answer.credits)
  }
}

async function routeAll(runner: OpRunner, routes: readonly Route[], now: Instant): Promise<void> {
  let given: RouteDebts = { credits: [], lifetimes: [] }
  for (;;) {
    const answer = await runner.write(route, { routes, now, given })
    if (answer.kind === 'routed') {
      for (const outboundMessageId of answer.moved) {
        await inSlices(runner, hastenMessage, { outboundMessageId, now })
        await runner.write(wake, { outboundMessageIds: [outboundMessageId], now })
      }
      return
    }
    for (const each of answer.credits) await fromStart(runner, credit, each)
    for (const each of answer.lifetimes) await fromStart(runner, relive, each)
    given = {
      credits: [...given.credits, ...answer.credits],
      lifetimes: [...given.lifetimes, ...answer.lifetimes],
    }
  }
}

/** Batches that are settled at about the same time share a commit. */
function openSettle(runner: OpRunner): OutboxStore['settle'] {
  const settleOne = openGroup<SettledBatch, SettleAnswer>({
    runAll: (batches) => runner.write(settle, batches.map(packSettled)),
    sizeOf: ({ settlements }) => settlements.length,
    sizeMax: SETTLED_MAX,
  })
  return async (settled) => {
    const answer = await settleOne(settled)
    if (answer.kind === 'lease lost') return 'lease lost'
    if (answer.mayHasten) {
      await inSlices(runner, hasten, { lease: settled.lease, now: settled.now })
    }
    return 'settled'
  }
}

async function sweep(runner: OpRunner, now: Instant): Promise<Swept> {
  const released = await runner.write(rescue, { now })
  let expired = 0
  for (let mayBeMore = true; mayBeMore; ) {
    const slice = await runner.write(expire, { now })
    expired += slice
    mayBeMore = slice >= EXPIRY_SLICE
  }
  return { released, expired }
}

async function retryAll(
  runner: OpRunner,
  filter: NotificationFilter,
  now: Instant,
): Promise<Retried> {
  const all = { count: 0, heldCount: 0, sendingCount: 0, unroutedCount: 0 }
  for (
    let [after, left]: [string | null, number] = ['', filter.limit];
    after !== null && left > 0;
  ) {
    const slice: Retried & { next: string | null } = await runner.write(retry, {
      filter: { ...filter, limit: left },
      now,
      after,
    })
    all.count += slice.count
    all.heldCount += slice.heldCount
    all.sendingCount += slice.sendingCount
    all.unroutedCount += slice.unroutedCount
    left -= slice.count + slice.sendingCount + slice.unroutedCount
    after = slice.next
  }
  return all
}

async function delAll(runner: OpRunner, filter: NotificationFilter): Promise<Deleted> {
  const all = { count: 0, sendingCount: 0 }
  for (
    let [after, left]: [string | null, number] = ['', filter.limit];
    after !== null && left > 0;
  ) {
    const slice: Deleted & { next: string | null } = await runner.write(del, {
      filter: { ...filter, limit: left },
      after,
    })
    all.count += slice.count
    all.sendingCount += slice.sendingCount
    left -= slice.count
    after = slice.next
  }
  return all
}

/** Runs an op that answers whether there may be more, until there is none. */
async function inSlices<A>(runner: OpRunner, op: NamedOp<A, boolean>, ask: A): Promise<void> {
  while (await runner.write(op, ask)) {}
}

/** Runs an op that answers where its next slice begins, from the first slice to the last. */
async function fromStart<A>(
  runner: OpRunner,
  op: NamedOp<A & { readonly after: string }, string | null>,
  ask: A,
): Promise<void> {
  let after: string | null = ''
  while (after !== null) after = await runner.write(op, { ...ask, after })
}

/** Where the attempt log begins is looked for once for so many slices. */
const SLICES_MAX = 20

function openRetain(runner: OpRunner): OutboxStore['retain'] {
  const logSize = openLogSize((from) => runner.read(sumAttempts, { from }))
  return async (ends) => {
    const tooOld = timedIdsFrom(ends.attemptsBefore)
    const overfull = overfullOf(await logSize(), ends)
    const beyond = overfull === null ? tooOld : await runner.read(cutWithin, overfull)
    const cut = beyond > tooOld ? beyond : tooOld
    let ended = 0
    for (let slice = 0; slice < SLICES_MAX; slice += 1) {
      const [attempts, letters] = await Promise.all([
        runner.write(endAttempts, { cut }),
        runner.write(endDeadLetters, { before: ends.deadLettersBefore }),
      ])
      if (attempts + letters === 0) break
      ended += attempts + letters
    }
    return ended
  }
}
