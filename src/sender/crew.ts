import { MINUTE_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'

/** At most this share of the turns goes to lanes whose last attempt went unanswered. */
const FAILING_SHARE = 0.25

/** A turn's place among those that may hang at an endpoint that does not answer. */
type FailingPlace = { readonly isReserved: boolean; giveBack(): void }

/** Bounds how many turns hang at endpoints that may not answer, so that probes never take them all. */
export function openFailingShare(): {
  limit(concurrency: number): void
  reserve(): FailingPlace
} {
  let max = 1
  let reservedCount = 0
  return {
    limit: (concurrency: number) => {
      max = Math.max(1, Math.floor(concurrency * FAILING_SHARE))
    },
    /** Taken before the lease is asked for, as turns ask at the same time. */
    reserve: () => {
      let isReserved = reservedCount < max
      const wasReserved = isReserved
      if (isReserved) reservedCount += 1
      const giveBack = () => {
        if (isReserved) reservedCount -= 1
        isReserved = false
      }
      return { isReserved: wasReserved, giveBack }
    },
  }
}

/** What the crew runs, and how often, in milliseconds of real time. */
type CrewStart = {
  readonly turn: () => Promise<'worked' | 'idle'>
  readonly sweep: () => Promise<'idle'>
  readonly concurrency: number
  readonly lookMs: number
  readonly sweepMs: number
}

/** The running loops of a sender. */
type Crew = {
  /** Wakes one idle loop. */
  nudge(): void
  start(start: CrewStart): void
  stop(): Promise<void>
}

/** The loops: idle ones sleep, and one of them is woken by each look, sweep, nudge, or find of another. */
export function openCrew(log: Log): Crew {
  const loops: Loop[] = []
  const idle = new Set<Loop>()
  const onError = (error: unknown) => log.error('sender.turn_failed', { reason: errorText(error) })

  const nudge = () => {
    const [sleeper] = idle
    if (!sleeper) return
    idle.delete(sleeper)
    sleeper.nudge()
  }
  const startTurns = (turn: CrewStart['turn']) => {
    const markedTurn = async () => {
      idle.delete(loop)
      const result = await turn().catch((error: unknown) => {
        onError(error)
        return 'idle' as const
      })
      if (result === 'idle') idle.add(loop)
      return result
    }
    // Deferred to the next tick by the loop's first await, so that `loop` is known.
    const loop: Loop = startLoop(() => Promise.resolve().then(markedTurn), {
      idleMs: MINUTE_MS,
      onError,
    })
    loops.push(loop)
  }

  return {
    nudge,
    start: ({ turn, sweep, concurrency, lookMs, sweepMs }) => {
      for (let count = 0; count < concurrency; count += 1) startTurns(turn)
      const look = async () => {
        nudge()
        return 'idle' as const
      }
      loops.push(startLoop(look, { idleMs: lookMs, onError }))
      loops.push(startLoop(sweep, { idleMs: sweepMs, onError }))
    },
    stop: async () => {
      await Promise.all(loops.map((each) => each.stop()))
    },
  }
}
