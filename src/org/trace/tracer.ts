import { type Clock, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import { type Loop, startLoop } from '../../base/loop.ts'
import { writeTrace } from './shorten-trace.ts'
import { newTraceId } from './trace-id.ts'
import { type DecidedSave, isTold, traceSave } from './trace-save.ts'
import type { KeptTrace, TraceStore } from './trace-store.ts'
import { openWaitingSaves } from './waiting-saves.ts'

/**
 * Traces saves after they are over: what was decided is decided again with a witness, in a loop that takes
 * a small share of the process's time. A save waits for nothing of it and never fails by it; what comes
 * faster than it can be traced is counted, and left out.
 */
export type Tracer = {
  /** Takes a save in hand, or leaves it out. */
  note(save: DecidedSave): void
  /** Traces what is in hand and keeps it. */
  turn(): Promise<'worked' | 'idle'>
  start(): void
  /** Traces what still waits, and takes no more. */
  stop(): Promise<void>
  /** Edits that this process has left out since it started. */
  skippedCount(): number
  /** What is kept. Whoever lists it does not wait for a rest: what is in hand is traced first. */
  readonly kept: TraceStore
}

type Ports = {
  readonly store: TraceStore
  readonly clock: Clock
  readonly log: Log
}

/** All traces together have so many characters at the most, and what is written between two looks. */
export const TRACES_LENGTH_MAX = 256 * 1024 * 1024
const LOOK_EVERY_LENGTH = 16 * 1024 * 1024
/** Of one record so many traces are kept, the last. */
const TRACES_OF_RECORD_MAX = 20
/** After a turn the loop rests nineteen times as long, so that tracing takes a twentieth of the time. */
const REST_TIMES = 19
const REST_MIN_MS = 100
/** What was left out is told at the most so often. */
const TOLD_EVERY_MS = MINUTE_MS

/** Opens the tracing of one process's saves. */
export function openTracer(ports: Ports): Tracer {
  const { store, clock, log } = ports
  const waiting = openWaitingSaves()
  const rest = openRest()
  const skipped = { count: 0, untoldCount: 0, toldAt: 0 }
  let loop: Loop | null = null
  let workedMs = 0
  let unlookedLength = 0

  let last: Promise<unknown> = Promise.resolve()
  const turn: Tracer['turn'] = () => {
    // One at a time: when a turn finds nothing in hand, all that was is kept.
    const next = last.then(oneTurn, oneTurn)
    last = next
    return next
  }
  const oneTurn: Tracer['turn'] = async () => {
    tellSkipped(skipped, { clock, log })
    const saves = waiting.take()
    if (saves.length === 0) return 'idle'
    const startedAt = clock.real()
    const traces = await traceAll(saves)
    if (traces.length > 0) await keep(traces)
    workedMs = clock.real() - startedAt
    return 'worked'
  }
  const keep = async (traces: readonly KeptTrace[]) => {
    await store.write(traces, TRACES_OF_RECORD_MAX)
    unlookedLength += traces.reduce((sum, { body }) => sum + body.length, 0)
    if (unlookedLength < LOOK_EVERY_LENGTH) return
    unlookedLength = 0
    const ends = { before: 0, lengthMax: TRACES_LENGTH_MAX }
    while ((await store.retain(ends)) > 0);
  }
  const restingTurn: Tracer['turn'] = async () => {
    const result = await turn()
    if (result === 'worked') await rest.for(Math.max(REST_MIN_MS, workedMs * REST_TIMES))
    return result
  }

  const catchUp = async () => {
    try {
      while ((await turn()) === 'worked');
    } catch (error) {
      log.error('trace.failed', { reason: errorText(error) })
    }
  }

  return {
    note: (save) => {
      if (!isTold(save)) return
      if (waiting.add(save)) {
        loop?.nudge()
        return
      }
      skipped.count += save.results.length
      skipped.untoldCount += save.results.length
    },
    turn,
    start: () => {
      loop ??= startLoop(restingTurn, {
        idleMs: SECOND_MS,
        onError: (error) => log.error('trace.failed', { reason: errorText(error) }),
      })
    },
    stop: async () => {
      const stopped = loop?.stop()
      rest.end()
      await stopped
      await catchUp() // what cannot be kept any more must not keep the house from stopping
    },
    skippedCount: () => skipped.count,
    kept: {
      ...store,
      list: async (filter) => {
        await catchUp()
        return store.list(filter)
      },
    },
  }
}

async function traceAll(saves: readonly DecidedSave[]): Promise<readonly KeptTrace[]> {
  const kept: KeptTrace[] = []
  for (const save of saves) {
    const definitions = save.tries[0]?.context.definitions
    for (const part of traceSave(save, newTraceId)) {
      for (const trace of part) {
        if (trace.steps.length === 0 && !definitions?.hasRules(trace.objectName)) continue
        const { traceId, recordId, savedAt } = trace
        kept.push({ traceId, recordId, savedAt, body: writeTrace(trace) })
      }
      await letOthersGo()
    }
  }
  return kept
}

/** Between two parts of a save whoever waits for this process has its turn. */
function letOthersGo(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function tellSkipped(
  skipped: { untoldCount: number; toldAt: number },
  { clock, log }: Pick<Ports, 'clock' | 'log'>,
): void {
  if (skipped.untoldCount === 0 || clock.real() - skipped.toldAt < TOLD_EVERY_MS) return
  log.warn('trace.skipped', { count: skipped.untoldCount, reason: 'saves came faster than traces' })
  skipped.toldAt = clock.real()
  skipped.untoldCount = 0
}

/** A rest that can be ended for good. */
function openRest() {
  let isOver = false
  let wake = () => {}
  return {
    for: (restMs: number) =>
      new Promise<void>((resolve) => {
        if (isOver) {
          resolve()
          return
        }
        const timer = setTimeout(resolve, restMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    end: () => {
      isOver = true
      wake()
    },
  }
}
