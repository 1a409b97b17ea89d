import { type Clock, SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { openHeldRuns } from './held-runs.ts'
import type { JobStore, LeasedRun } from './job-store.ts'
import type { RunJob } from './kinds/run-job.ts'
import { DEFAULT_LIMITS } from './run-limits.ts'
import { type RunOutcome, settleRun } from './settle-run.ts'

/**
 * The loop over job runs: lease, run, settle. Whatever ends a process, its runs are due again
 * elsewhere.
 */
export type Runner = {
  /**
   * One pass: leases what is due, runs it to its end, settles it. Tests call this, not the loop.
   */
  turn(): Promise<'worked' | 'idle'>
  /** Takes turns by itself, with up to `concurrency` runs at a time. */
  start(concurrency: number): void
  /** Something is due, or somebody stopped a run: look now. Losing it costs a second. */
  nudge(): void
  /**
   * Leases no more, and lets what runs end; after `drainMs` ends it and makes it due again
   * elsewhere.
   */
  stop(drainMs?: number): Promise<void>
}

type RunnerPorts = {
  readonly store: JobStore
  readonly runJob: RunJob
  readonly clock: Clock
  readonly log: Log
  /** How long a run stays ours if this process dies. Default 30 s. */
  readonly leaseMs?: number
}

const LEASE_MS = 30 * SECOND_MS
const IDLE_MS = SECOND_MS
const RENEW_SHARE = 6
const TURN_RUNS_MAX = 16
const DRAIN_MS = 20 * SECOND_MS

/** A config with slow runs leaves this share of the slots to others. */
const SLOTS_LEFT_SHARE = 4

/** Makes a runner. It does nothing until its turn is called or it is started. */
export function openRunner(ports: RunnerPorts): Runner {
  const { store, clock, log } = ports
  const leaseMs = ports.leaseMs ?? LEASE_MS
  const held = openHeldRuns({ store, clock }, leaseMs)
  let loop: Loop | null = null
  let renewals: NodeJS.Timeout | null = null
  let stopped: Promise<void> | null = null
  let slots = TURN_RUNS_MAX

  /** Leases into the free slots; what it answers is already running. */
  const take = async (): Promise<readonly Promise<void>[]> => {
    const limit = slots - held.count()
    if (limit <= 0) return []
    const leasedAt = clock.real()
    const limitPerConfig = Math.max(1, slots - Math.ceil(slots / SLOTS_LEFT_SHARE))
    const leased = await store.leaseRuns({
      limit,
      limitPerConfig,
      held: held.countByConfig(),
      now: clock.now(),
      leaseMs,
    })
    return leased.map((each) =>
      held
        .hold(each, leasedAt, (signal) => runLeased(ports, each, signal))
        .catch((error: unknown) => log.error('run.broken', { error: errorText(error) }))
        .finally(() => loop?.nudge()),
    )
  }

  const turn = async () => {
    const running = await take()
    await Promise.all(running)
    return running.length > 0 ? ('worked' as const) : ('idle' as const)
  }

  const renew = () =>
    held.renew().catch((error: unknown) => {
      log.error('run.leases_not_renewed', { error: errorText(error) })
    })

  const start = (concurrency: number) => {
    if (loop || stopped) return
    slots = concurrency
    renewals = setInterval(renew, leaseMs / RENEW_SHARE)
    loop = startLoop(async () => ((await take()).length > 0 ? 'worked' : 'idle'), {
      idleMs: IDLE_MS,
      onError: (error) => log.error('run.lease_failed', { error: errorText(error) }),
    })
  }

  const drain = async (drainMs: number) => {
    await loop?.stop()
    const limit = setTimeout(held.endAll, drainMs)
    await held.drained()
    clearTimeout(limit)
    if (renewals) clearInterval(renewals)
  }

  return {
    turn,
    start,
    nudge: () => {
      loop?.nudge()
      void renew()
    },
    stop: (drainMs = DRAIN_MS) => {
      stopped ??= drain(drainMs)
      return stopped
    },
  }
}

/** One attempt: start, run, settle. */
async function runLeased(
  { store, runJob, clock, log }: RunnerPorts,
  { lease, run }: LeasedRun,
  signal: AbortSignal,
): Promise<void> {
  const config = await store.readConfig(run.jobConfigId)
  const attemptsMax = config?.attemptsMax ?? 0
  if ((await store.startRun(lease, clock.now())) === 'lease lost') return

  const startedAt = clock.real()
  const outcome: RunOutcome = await attempt()
  const settlement = settleRun(
    {
      attemptCount: run.attemptCount,
      attemptsMax,
      backOff: config?.limits ?? DEFAULT_LIMITS,
      outMessageName: run.outMessageName ?? config?.outMessageName ?? null,
    },
    outcome,
    clock.now(),
  )
  const answer = await store.settleRun(lease, settlement, clock.now())
  log.info('run.attempted', {
    runId: run.runId,
    jobConfigId: run.jobConfigId,
    recordId: run.message?.properties.RecordId,
    attempt: run.attemptCount,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : null,
    settlement: answer === 'settled' ? settlement.kind : answer,
    durationMs: clock.real() - startedAt,
  })

  function attempt(): Promise<RunOutcome> | RunOutcome {
    if (!config) return { kind: 'errored', reason: 'its job config was deleted', log: '' }
    // Each earlier attempt took its runner with it: it must not take them all.
    if (run.attemptCount > attemptsMax) {
      return { kind: 'errored', reason: 'its runner ended during the last attempt', log: '' }
    }
    return runJob(config, run, signal)
  }
}
