import { type ChildProcess, fork } from 'node:child_process'
import { MINUTE_MS } from '../../../base/clock.ts'
import type { RunOutcome } from '../../settle-run.ts'
import type { Program } from './program.ts'

/**
 * Starts programs from a small process beside ours. To start one, a process is copied first, page by page:
 * with the whole program in it that takes tens of milliseconds, during which it would answer nobody. If
 * ours dies, the small one ends what it started.
 */
export type Launcher = {
  /** As `runCommand`; also never throws. */
  run(program: Program, signal: AbortSignal): Promise<RunOutcome>
}

/** What the small process is told. */
export type LauncherAsk =
  | { readonly kind: 'run'; readonly id: number; readonly program: Program }
  | { readonly kind: 'end'; readonly id: number } // as the run's signal would

export type LauncherAnswer = { readonly id: number; readonly outcome: RunOutcome }

/** With nothing to run for so long, the small process ends, and its memory with it. */
const IDLE_MS = MINUTE_MS

type Beside = {
  readonly child: ChildProcess
  readonly waiting: Map<number, (outcome: RunOutcome) => void>
}

/**
 * Opens nothing yet: the process starts with the first run, and again after it has ended. It keeps nobody
 * from ending but while something runs.
 */
export function openLauncher({ idleMs = IDLE_MS } = {}): Launcher {
  let beside: Beside | null = null
  let idleTimer: NodeJS.Timeout | undefined
  let nextId = 0

  const end = () => {
    if (beside?.child.connected) beside.child.disconnect()
    beside = null
  }
  const work = () => {
    clearTimeout(idleTimer)
    if (!beside?.child.connected) beside = startBeside()
    beside.child.ref()
    beside.child.channel?.ref()
    return beside
  }
  const rest = ({ child, waiting }: Beside) => {
    if (waiting.size > 0) return
    child.unref()
    child.channel?.unref()
    idleTimer = setTimeout(end, idleMs).unref()
  }
  return {
    run: (program, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve({ kind: 'interrupted', log: '' })
        const at = work()
        const { child, waiting } = at
        const id = nextId
        nextId += 1
        const interrupt = () => tell(child, { kind: 'end', id })
        signal.addEventListener('abort', interrupt, { once: true })
        waiting.set(id, (outcome) => {
          signal.removeEventListener('abort', interrupt)
          waiting.delete(id)
          resolve(outcome)
          rest(at)
        })
        tell(child, { kind: 'run', id, program })
      }),
  }
}

function startBeside(): Beside {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(new URL(`./launcher-main${extension}`, import.meta.url), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting: Beside['waiting'] = new Map()
  child.on('message', (message) => {
    const { id, outcome } = message as LauncherAnswer
    waiting.get(id)?.(outcome)
  })
  const fail = (how: string) => {
    const reason = `the process that starts programs ${how}`
    for (const settle of waiting.values()) settle({ kind: 'errored', reason, log: '' })
  }
  child.once('error', (error) => fail(`failed: ${error.message}`))
  child.once('exit', (code, signal) => fail(`ended by ${signal ?? `exit code ${code}`}`))
  return { child, waiting }
}

/** What cannot be told to a process that ends is answered by its end. */
function tell(child: ChildProcess, ask: LauncherAsk): void {
  if (child.connected) child.send(ask, () => {})
}
