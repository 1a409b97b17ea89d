import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { StoreError } from '../store-error.ts'
import { giveBack, takeThread } from './idle-threads.ts'
import type { FromThread, ThreadAnswer, ThreadAsk, ThreadStart, ToThread } from './protocol.ts'

/** So many asks share one physical commit at the most: bounds how long the first of them waits. */
const BATCH_MAX = 512

/** A database thread seen from the main thread: asks made while it is busy go together as its next batch. */
export type ThreadConnection = {
  ask(ask: ThreadAsk): Promise<unknown>
  /** Whether what is asked now has to wait for a write. */
  isWriting(): boolean
  /** Answers what is under way; what waits behind it is refused. */
  close(): Promise<void>
}

type Waiting = ThreadAsk & { resolve(value: unknown): void; reject(error: Error): void }

/** Waits until the file is open. */
export async function openThread(start: ThreadStart): Promise<ThreadConnection> {
  const worker = takeThread()
  tell(worker, { kind: 'open', start })
  const [opened] = (await once(worker, 'message')) as [FromThread]
  if (opened.kind === 'opened' && opened.failure !== null) {
    await worker.terminate()
    const code = opened.errorCode === 'STORE_TOO_NEW' ? 'STORE_TOO_NEW' : 'STORE_UNAVAILABLE'
    throw new StoreError(code, `cannot open ${start.path}: ${opened.failure}`)
  }
  return connect(worker)
}

function connect(worker: Worker): ThreadConnection {
  let waiting: Waiting[] = []
  let inFlight: Waiting[] = []
  let closed: Promise<void> | null = null
  let onClosed = () => {}

  const send = () => {
    inFlight = closed ? [] : waiting.slice(0, BATCH_MAX)
    if (inFlight.length === 0) return
    waiting = waiting.slice(BATCH_MAX)
    tell(worker, {
      kind: 'asks',
      asks: inFlight.map(({ kind, op, ask }) => ({ kind, op, ask })),
    })
  }
  const failAll = (error: Error) => {
    for (const each of [...inFlight, ...waiting]) each.reject(error)
    inFlight = []
    waiting = []
  }
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'closed') return onClosed()
    if (message.kind !== 'answers') return
    const answered = inFlight
    send()
    for (const [index, each] of answered.entries()) settleAsk(each, message.answers[index])
  })
  let isLost = false
  worker.on('error', (error) => {
    isLost = true
    failAll(new StoreError('STORE_UNAVAILABLE', 'the store thread ended', error))
    onClosed()
  })

  const close = async () => {
    await new Promise<void>((resolve) => {
      onClosed = resolve
      if (isLost) resolve()
      else tell(worker, { kind: 'close' })
    })
    failAll(new StoreError('STORE_CLOSED', 'the store is closed'))
    if (!isLost) await giveBack(worker)
  }
  return {
    isWriting: () => [inFlight, waiting].some((asks) => asks.some(({ kind }) => kind === 'write')),
    ask: ({ kind, op, ask }) => {
      if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'the store is closed'))
      return new Promise((resolve, reject) => {
        waiting.push({ kind, op, ask, resolve, reject })
        if (inFlight.length === 0) send()
      })
    },
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

function tell(worker: Worker, message: ToThread): void {
  worker.postMessage(message)
}

function settleAsk(waiting: Waiting, answer: ThreadAnswer | undefined): void {
  const message = answer?.kind === 'failed' ? answer.message : 'no answer'
  if (answer?.kind === 'done') waiting.resolve(answer.value)
  else waiting.reject(new StoreError('STORE_UNAVAILABLE', `${waiting.op}: ${message}`))
}
