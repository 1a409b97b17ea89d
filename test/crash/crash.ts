import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { notificationId } from '../support/outbound-message.ts'
import { type Lane, openLanes } from './lanes.ts'
import { openLedger, readRuns, readStarts } from './ledger.ts'
import { ANYWHERE, STEPS } from './steps.ts'
import { startVictim, type Victim } from './victim.ts'

const REACHED_WITHIN_MS = 60_000
const DRAINED_WITHIN_MS = 120_000
const NOTIFICATIONS = 2
const SENDERS = 16
const STEP_NAMES = STEPS.map((step) => step.name)

/** What came of killing the receiving walk again and again on one store. */
export type CrashReport = {
  readonly processes: number
  /** Kills for each step, with those at any moment. */
  readonly kills: ReadonlyMap<string, number>
  readonly acknowledged: number
  /** Acknowledged, and not kept or never run to its end. */
  readonly lost: readonly string[]
  /** Notifications with two runs, and runs that began again after their end was committed. */
  readonly startedTwice: readonly string[]
  /** Programs that began again, as their process was killed before their end was written down. */
  readonly repeats: number
}

type Crash = {
  readonly lanes: readonly Lane[]
  readonly journal: string
  readonly ledger: ReturnType<typeof openLedger>
  readonly finished: Map<string, number>
  /** Whether every second process is killed at any moment. */
  readonly isAnywhereToo: boolean
}

/** Kills `rounds` processes, each while a message stands at every step. */
export async function crash(at: {
  readonly folder: string
  readonly serverUrl: string | null
  readonly rounds: number
  readonly isAnywhereToo: boolean
  readonly onRound?: (round: number) => void
}): Promise<CrashReport> {
  const lanes = await openLanes(at)
  const journal = join(at.folder, 'journal')
  const { isAnywhereToo } = at
  const test = { lanes, journal, ledger: openLedger(), finished: new Map(), isAnywhereToo }
  const kills = new Map(STEP_NAMES.map((name) => [name, at.rounds]))
  let processes = 0
  try {
    for (let round = 1; round <= at.rounds; round += 1) {
      processes += 1
      await killAtEachStep(test, processes)
      if (isAnywhereToo) {
        processes += 1
        await killAnywhere(test, processes)
        kills.set(ANYWHERE, round)
      }
      at.onRound?.(round)
    }
    await runToTheEnd(test, processes + 1)
    return { processes, kills, ...(await audit(test)) }
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()))
  }
}

async function killAtEachStep(test: Crash, round: number): Promise<void> {
  const victim = await startVictim({ ...test, round })
  try {
    await sendOwed(test, victim)
    victim.arm()
    const sent = STEP_NAMES.map((step) => sendNew(test, victim, step))
    await victim.standsAt(STEP_NAMES, REACHED_WITHIN_MS)
    await victim.kill()
    await Promise.all(sent)
  } finally {
    await victim.kill()
  }
  await bury(test, round)
}

async function killAnywhere(test: Crash, round: number): Promise<void> {
  const victim = await startVictim({ ...test, round })
  try {
    await sendOwed(test, victim)
    let isAlive = true
    const senders = Array.from({ length: SENDERS }, async () => {
      while (isAlive) if (!(await sendNew(test, victim, ANYWHERE))) return
    })
    await wait(Math.random() * 250)
    await victim.kill()
    isAlive = false
    await Promise.all(senders)
  } finally {
    await victim.kill()
  }
  await bury(test, round)
}

/** As a sender does: the same notifications again, until each is acknowledged. */
async function sendOwed({ ledger }: Crash, victim: Victim): Promise<void> {
  await Promise.all(
    ledger.owed().map(async ({ jobConfigId, serials }) => {
      if (!(await victim.post(jobConfigId, serials))) {
        throw new Error(`no answer to a copy for ${jobConfigId}, and nobody was killed`)
      }
      ledger.acknowledge(jobConfigId, serials)
    }),
  )
}

/** Sends new notifications beside a copy of one that is known. */
async function sendNew({ ledger }: Crash, victim: Victim, jobConfigId: string): Promise<boolean> {
  const copies = ledger.copyOf(jobConfigId)
  const serials = ledger.write(jobConfigId, NOTIFICATIONS)
  const isAcknowledged = await victim.post(jobConfigId, [...serials, ...copies])
  if (isAcknowledged) ledger.acknowledge(jobConfigId, serials)
  return isAcknowledged
}

/** What the dead held is free, as it would be after 30 s; whose end is committed is written down. */
async function bury({ lanes, finished }: Crash, round: number): Promise<void> {
  await Promise.all(
    lanes.map(async (lane) => {
      await lane.ask('UPDATE job_run SET leased_until = 0 WHERE lease_token IS NOT NULL')
      const ended = await lane.ask("SELECT run_id FROM job_run WHERE status = 'FINISHED'")
      for (const row of ended) {
        const runId = String(row['run_id'])
        if (!finished.has(runId)) finished.set(runId, round)
      }
    }),
  )
}

async function runToTheEnd(test: Crash, round: number): Promise<void> {
  const victim = await startVictim({ ...test, round })
  try {
    await sendOwed(test, victim)
    const deadline = Date.now() + DRAINED_WITHIN_MS
    for (;;) {
      const open = (await readRuns(test.lanes)).filter(({ status }) => status !== 'FINISHED')
      if (open.length === 0) break
      if (Date.now() > deadline) throw new Error(`${open.length} runs do not end`)
      await wait(100)
    }
    const exitCode = await victim.stop()
    if (exitCode !== 0) throw new Error(`stopped with ${exitCode}`)
  } finally {
    await victim.kill()
  }
}

async function audit({
  lanes,
  journal,
  ledger,
  finished,
}: Crash): Promise<Pick<CrashReport, 'acknowledged' | 'lost' | 'startedTwice' | 'repeats'>> {
  const runs = await readRuns(lanes)
  const starts = readStarts(journal)
  const startsOf = Map.groupBy(starts, ({ runId }) => runId)
  const runsOf = Map.groupBy(runs, (run) => `${run.jobConfigId} ${run.notificationId}`)
  const acknowledged = ledger.acknowledged()
  const lost = acknowledged
    .map(({ jobConfigId, serial }) => `${jobConfigId} ${notificationId(serial)}`)
    .filter((key) => !runsOf.get(key)?.some(({ runId }) => startsOf.has(runId)))
  const again = [...startsOf].filter(([runId, its]) => {
    const rounds = its.map(({ round }) => round)
    const endedIn = finished.get(runId) ?? Number.POSITIVE_INFINITY
    return new Set(rounds).size < rounds.length || rounds.some((round) => round > endedIn)
  })
  const twice = [...runsOf].filter(([, its]) => its.length > 1)
  return {
    acknowledged: acknowledged.length,
    lost,
    startedTwice: [...again.map(([runId]) => runId), ...twice.map(([key]) => key)],
    repeats: starts.length - startsOf.size,
  }
}
