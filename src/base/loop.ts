/** What keeps taking turns until it is stopped. */
export type Loop = {
  /** Takes the next turn now instead of waiting out the idle time. Losing a nudge costs only time. */
  nudge(): void
  /** Lets the turn in hand finish. May be called twice. */
  stop(): Promise<void>
}

/** Takes turns at its own pace: again at once while a turn finds work, else after `idleMs` or a nudge. */
export function startLoop(
  turn: () => Promise<'worked' | 'idle'>,
  { idleMs, onError }: { idleMs: number; onError: (error: unknown) => void },
): Loop {
  let stopping = false
  let nudged = false
  let wake = () => {}

  const idle = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, idleMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const run = async () => {
    while (!stopping) {
      nudged = false // a nudge that comes during the turn is for the next one
      const result = await turn().catch((error: unknown) => {
        onError(error)
        return 'idle' as const
      })
      if (result === 'idle' && !nudged && !stopping) await idle()
    }
  }
  const done = run()

  return {
    nudge: () => {
      nudged = true
      wake()
    },
    stop: () => {
      stopping = true
      wake()
      return done
    },
  }
}
