import { Worker } from 'node:worker_threads'
import { StoreError } from '../store-error.ts'
import type { ThreadAnswer, ThreadAsk, ThreadReady, ThreadStart } from './protocol.ts'

/** So many asks share one physical commit at the most: bounds how long the first of them waits. */
const BATCH_MAX = 512

/** A database thread seen from the main thread: asks made while it is busy go together as its next batch. */
export type ThreadConnection = {
  ask(ask: ThreadAsk): Promise<unknown>
  close(): Promise<void>
}

type Waiting = ThreadAsk & { resolve(value: unknown): void; reject(error: Error): void }

/** Starts the thread and waits until its file is open. */
export async function openThread(start: ThreadStart): Promise<ThreadConnection> {
  // The thread's file has this file's extension: .ts in the repository, .js once published.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const worker = new Worker(new URL(`./thread${extension}`, import.meta.url), { workerData: start })
  const ready = await new Promise<ThreadReady>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  if (ready.failure !== null) {
    const code = ready.errorCode === 'STORE_TOO_NEW' ? 'STORE_TOO_NEW' : 'STORE_UNAVAILABLE'
    throw new StoreError(code, `cannot open ${start.path}: ${ready.failure}`)
  }
  return connect(worker)
}

function connect(worker: Worker): ThreadConnection {
  let waiting: Waiting[] = []
  let inFlight: Waiting[] = []
  let closed: Promise<void> | null = null

  const send = () => {
    inFlight = waiting.slice(0, BATCH_MAX)
    waiting = waiting.slice(BATCH_MAX)
    if (inFlight.length > 0) worker.postMessage(inFlight.map(({ op, ask }) => ({ op, ask })))
  }
  const failAll = (error: Error) => {
    for (const each of [...inFlight, ...waiting]) each.reject(error)
    inFlight = []
    waiting = []
  }
  worker.on('message', (answers: readonly ThreadAnswer[]) => {
    const answered = inFlight
    send()
    for (const [index, each] of answered.entries()) settleAsk(each, answers[index])
  })
  worker.on('error', (error) =>
    failAll(new StoreError('STORE_UNAVAILABLE', 'the store thread ended', error)),
  )

  return {
    ask: ({ op, ask }) => {
      if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'the store is closed'))
      return new Promise((resolve, reject) => {
        waiting.push({ op, ask, resolve, reject })
        if (inFlight.length === 0) send()
      })
    },
    close: () => {
      closed ??= new Promise<void>((resolve) => {
        worker.once('exit', () => {
          failAll(new StoreError('STORE_CLOSED', 'the store is closed'))
          resolve()
        })
        worker.postMessage('close')
      })
      return closed
    },
  }
}

function settleAsk(waiting: Waiting, answer: ThreadAnswer | undefined): void {
  const message = answer?.kind === 'failed' ? answer.message : 'no answer'
  if (answer?.kind === 'done') waiting.resolve(answer.value)
  else waiting.reject(new StoreError('STORE_UNAVAILABLE', `${waiting.op}: ${message}`))
}
