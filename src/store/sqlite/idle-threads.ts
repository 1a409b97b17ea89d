import { Worker } from 'node:worker_threads'

/** So many threads wait for their next file at the most. */
const IDLE_MAX = 8

const idle: Worker[] = []

/** A thread without a file: one whose store was closed, else a new one. */
export function takeThread(): Worker {
  const kept = idle.pop()
  if (kept) {
    forgetListeners(kept)
    kept.ref()
    return kept
  }
  // The thread's file has this file's extension: .ts in the repository, .js once published.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  return new Worker(new URL(`./thread${extension}`, import.meta.url))
}

/**
 * Keeps a thread whose file is closed for the next store: starting one costs more than all that a short-lived
 * store does. It keeps no program from ending.
 */
export async function giveBack(thread: Worker): Promise<void> {
  forgetListeners(thread)
  if (idle.length >= IDLE_MAX) {
    await thread.terminate()
    return
  }
  const drop = () => {
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1)
  }
  thread.on('error', drop)
  thread.on('exit', drop)
  thread.unref()
  idle.push(thread)
}

function forgetListeners(thread: Worker): void {
  for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event)
}
