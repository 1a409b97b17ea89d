import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A helper in a process of its own, so that what it costs is not counted with what is measured. */
export type Child<A, T> = { readonly pid: number; ask(ask: A): Promise<T> }

type Answer<T> = { readonly value: T } | { readonly failure: string }

/** Starts a file of this folder as a process that answers asks, one at a time; it ends with the bench. */
export function startChild<A extends object, T>(
  scope: AsyncDisposableStack,
  file: string,
): Child<A, T> {
  const child = fork(new URL(file, import.meta.url))
  const gone = once(child, 'exit')
  scope.defer(async () => {
    child.kill('SIGKILL')
    await gone
  })
  return {
    pid: child.pid ?? 0,
    ask: (ask) =>
      new Promise((resolve, reject) => {
        const onExit = () => reject(new Error(`${file} ended`))
        child.once('exit', onExit)
        child.once('message', (message) => {
          child.off('exit', onExit)
          const answer = message as Answer<T>
          if ('value' in answer) resolve(answer.value)
          else reject(new Error(answer.failure))
        })
        child.send(ask)
      }),
  }
}

/** The other side: answers each ask of the bench with what `reply` makes of it. */
export function answerParent<A, T>(reply: (ask: A) => Promise<T>): void {
  process.on('message', (ask) => {
    reply(ask as A).then(
      (value) => process.send?.({ value }),
      (error: unknown) => process.send?.({ failure: String(error) }),
    )
  })
}
