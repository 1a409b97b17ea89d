import { type ChildProcess, fork } from 'node:child_process'
import { StoreError } from '../store-error.ts'
import type { OpAsk, ThreadAnswer, ToQueryProcess } from './protocol.ts'

/** So many processes wait for their next file at the most. */
const IDLE_MAX = 2

/** Processes of stores that were closed: starting one takes longer than most queries. */
const idle: ChildProcess[] = []

/** The reader process: a running query can only be stopped by ending the process it runs in. */
export type QueryProcess = {
  /** One at a time; a process is started at the first ask and again after it was ended. */
  ask(ask: OpAsk, deadlineMs: number): Promise<unknown>
  /** Ends a query that is running. */
  close(): void
}

/** Opens nothing yet: the process starts when the first query comes. */
export function openQueryProcess(path: string): QueryProcess {
  let child: ChildProcess | null = null
  let last: Promise<unknown> = Promise.resolve()
  let isRunning = false
  let closed = false

  const run = async (ask: OpAsk, deadlineMs: number) => {
    if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed')
    if (!child || !isThere(child)) child = takeProcess()
    isRunning = true
    try {
      return await askChild(child, { ask: { ...ask, path }, deadlineMs })
    } finally {
      isRunning = false
    }
  }
  return {
    ask: (ask, deadlineMs) => {
      const turn = last.then(() => run(ask, deadlineMs))
      last = turn.catch(() => {})
      return turn
    },
    close: () => {
      if (closed) return
      closed = true
      if (isRunning) child?.kill('SIGKILL')
      else if (child) giveBack(child)
    },
  }
}

function takeProcess(): ChildProcess {
  for (let kept = idle.pop(); kept; kept = idle.pop()) if (isThere(kept)) return kept
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(new URL(`./query-main${extension}`, import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.unref()
  child.channel?.unref()
  return child
}

function giveBack(child: ChildProcess): void {
  if (!isThere(child) || idle.length >= IDLE_MAX) {
    child.kill('SIGKILL')
    return
  }
  tell(child, null)
  idle.push(child)
}

/** One that was just killed stays connected for a moment. */
function isThere(child: ChildProcess): boolean {
  return child.connected && !child.killed
}

function tell(child: ChildProcess, message: ToQueryProcess): void {
  child.send(message as object)
}

function askChild(
  child: ChildProcess,
  { ask, deadlineMs }: { ask: NonNullable<ToQueryProcess>; deadlineMs: number },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      settle()
    }
    const onMessage = (message: unknown) => {
      const answer = message as ThreadAnswer
      end(() =>
        answer.kind === 'done'
          ? resolve(answer.value)
          : reject(new StoreError('STORE_UNAVAILABLE', `${ask.op}: ${answer.message}`)),
      )
    }
    const onExit = () =>
      end(() => reject(new StoreError('STORE_UNAVAILABLE', 'the query process ended')))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      end(() => reject(new StoreError('QUERY_TIMEOUT', `ran longer than ${deadlineMs} ms`)))
    }, deadlineMs)
    child.on('message', onMessage)
    child.on('exit', onExit)
    tell(child, ask)
  })
}
