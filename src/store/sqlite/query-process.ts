import { type ChildProcess, fork } from 'node:child_process'
import { StoreError } from '../store-error.ts'
import type { ThreadAnswer, ThreadAsk } from './protocol.ts'

/** The reader process: a running query can only be stopped by ending the process it runs in. */
export type QueryProcess = {
  /** One at a time; the process is started at the first ask and again after it was ended. */
  ask(ask: ThreadAsk, deadlineMs: number): Promise<unknown>
  close(): void
}

/** Opens nothing yet: the process starts when the first query comes. */
export function openQueryProcess(path: string): QueryProcess {
  let child: ChildProcess | null = null
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  const started = () => {
    if (child?.connected) return child
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
    child = fork(new URL(`./query-main${extension}`, import.meta.url), [path], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.unref()
    child.channel?.unref()
    return child
  }
  const run = (ask: ThreadAsk, deadlineMs: number) => {
    if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'the store is closed'))
    return askChild(started(), ask, deadlineMs)
  }
  return {
    ask: (ask, deadlineMs) => {
      const turn = last.then(() => run(ask, deadlineMs))
      last = turn.catch(() => {})
      return turn
    },
    close: () => {
      closed = true
      child?.kill('SIGKILL')
    },
  }
}

function askChild(child: ChildProcess, ask: ThreadAsk, deadlineMs: number): Promise<unknown> {
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
    child.send(ask)
  })
}
