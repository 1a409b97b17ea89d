import { setTimeout as wait } from 'node:timers/promises'
import { type Instant, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import type { WorkAhead } from '../../base/work-ahead.ts'
import type { JobStore } from '../../jobs/job-store.ts'
import type { MailStore } from '../../mail/mail-store.ts'
import type { TimeQueueStore } from '../../org/time-queue/time-queue-store.ts'
import type { OutboxStore } from '../../outbox/outbox-store.ts'
import type { ClockAdvance, ClockAsk, ClockInHand } from '../../web/dev/clock-routes.ts'
import type { ShiftedClock } from './shifted-clock.ts'

type WalkPorts = {
  readonly clock: ShiftedClock
  readonly outbox: Pick<OutboxStore, 'workAhead' | 'sweep'>
  readonly jobs: Pick<JobStore, 'workAhead'>
  readonly mail: Pick<MailStore, 'emailsAhead' | 'expireEmails'>
  readonly timeQueue: Pick<TimeQueueStore, 'workAhead'>
  /** Has the loops look for due work now. */
  readonly nudge: () => void
  /** Less than the default, for tests. */
  readonly stepsMax?: number
}

/** The org's time in a person's hand, and the end of the walk when the program stops. */
export type ClockWalk = ClockInHand & { stop(): void }

/** A day of probes, one every 30 to 60 seconds, has less. */
const STEPS_MAX = 5000
/** What the work of one due moment may take, in real time: longer than an endpoint's time-out. */
const STEP_MS = 30 * SECOND_MS
/** What a walk may take: HTTP clients give up waiting after five minutes. */
const WALK_MS = 4 * MINUTE_MS

const POLL_FIRST_MS = 1
const POLL_MAX_MS = 50

/**
 * Opens what moves the org's time: from one due moment to the next, and at each until nothing is due and nothing
 * in hand. Org time goes on by itself meanwhile, as real time does; what is exact is by how much it is shifted.
 */
export function openClockWalk(ports: WalkPorts): ClockWalk {
  const { clock } = ports
  const ending = { isStopping: false }
  let last: Promise<unknown> = Promise.resolve()
  return {
    now: clock.now,
    advance: (ask) => {
      const advanced = last.then(() => walk(ports, ask, ending))
      last = advanced.catch(() => {})
      return advanced
    },
    stop: () => {
      ending.isStopping = true
    },
  }
}

async function walk(
  ports: WalkPorts,
  { byMs, jump }: ClockAsk,
  ending: { readonly isStopping: boolean },
): Promise<ClockAdvance> {
  const { clock, stepsMax = STEPS_MAX } = ports
  const goalMs = clock.shiftMs() + byMs
  const endsAt = clock.real() + WALK_MS
  const stoppedShort = (steps: number, reason: string): ClockAdvance => {
    const leftMs = goalMs - clock.shiftMs()
    return { kind: 'stopped short', now: clock.now(), steps, leftMs, reason }
  }

  for (let steps = 0; ; steps += 1) {
    const settled = await settle(ports, endsAt, ending)
    if (settled.kind === 'busy') return stoppedShort(steps, settled.reason)
    const { nextDueAt } = settled
    const nextMs = nextDueAt === null || jump ? goalMs : nextDueAt - clock.real()
    if (nextMs >= goalMs) {
      await shiftTo(ports, goalMs)
      const ended = await settle(ports, endsAt, ending)
      if (ended.kind === 'busy') return stoppedShort(steps, ended.reason)
      return { kind: 'advanced', now: clock.now(), steps }
    }
    if (steps >= stepsMax) {
      return stoppedShort(steps, `more than ${stepsMax} moments are due on the way`)
    }
    await shiftTo(ports, nextMs)
  }
}

/** What outlives its lifetime by then becomes a dead letter first: it is not sent once more by who is quicker. */
async function shiftTo({ clock, outbox, mail }: WalkPorts, shiftMs: number): Promise<void> {
  await outbox.sweep(clock.real() + shiftMs)
  await mail.expireEmails(clock.real() + shiftMs)
  await clock.shiftTo(shiftMs)
}

type Settled =
  | { readonly kind: 'quiet'; readonly nextDueAt: Instant | null }
  | { readonly kind: 'busy'; readonly reason: string }

/** Waits until nothing is due and nothing in hand, and answers when more comes due. */
async function settle(
  ports: WalkPorts,
  endsAt: Instant,
  ending: { readonly isStopping: boolean },
): Promise<Settled> {
  const { clock, outbox, nudge } = ports
  const startedAt = clock.real()
  for (let pollMs = POLL_FIRST_MS; ; pollMs = Math.min(2 * pollMs, POLL_MAX_MS)) {
    const { rooms, nextDueAt } = await look(ports)
    if (rooms.length === 0) return { kind: 'quiet', nextDueAt }
    const busy = `${rooms.join(' and ')} had still work in hand or due`
    if (ending.isStopping) return { kind: 'busy', reason: 'the program stops' }
    if (clock.real() >= endsAt) {
      return { kind: 'busy', reason: `${busy} ${WALK_MS / MINUTE_MS} minutes after the start` }
    }
    if (clock.real() >= startedAt + STEP_MS) {
      return { kind: 'busy', reason: `${busy} after ${STEP_MS / SECOND_MS} s` }
    }
    // What came due while this waited: the sender's own sweep comes but every other second.
    if (pollMs === POLL_MAX_MS) await outbox.sweep(clock.now())
    nudge()
    await wait(pollMs)
  }
}

/**
 * Which rooms have something in hand or due. A message makes a run, a run may save what is due at once, and that
 * owes e-mails and messages: each is looked at after what leads to it.
 */
async function look({ clock, outbox, jobs, timeQueue, mail }: WalkPorts): Promise<{
  readonly rooms: readonly string[]
  readonly nextDueAt: Instant | null
}> {
  const sent = await outbox.workAhead()
  const run = await jobs.workAhead()
  const timed = await timeQueue.workAhead()
  const mailed = await mail.emailsAhead()
  const queued = await outbox.workAhead()
  const now = clock.now()
  const isBusy = ({ leasedCount, dueAt }: WorkAhead) =>
    leasedCount > 0 || (dueAt !== null && dueAt <= now)
  const rooms: string[] = []
  if (isBusy(sent) || isBusy(queued)) rooms.push('the sender')
  if (isBusy(run)) rooms.push('the job runner')
  if (isBusy(timed)) rooms.push('the time queue')
  if (isBusy(mailed)) rooms.push('the mail loop')
  const dueAts = [run, timed, mailed, queued]
    .map(({ dueAt }) => dueAt)
    .filter((each) => each !== null)
  return { rooms, nextDueAt: dueAts.length > 0 ? Math.min(...dueAts) : null }
}
